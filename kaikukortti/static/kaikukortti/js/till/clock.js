/* What time it is, by the register's clock: a device's own may be hours off. Days and nights are Finland's. */

const FINLAND = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Helsinki",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// A clock within two minutes is right for a till.
const RIGHT = 2 * MINUTE;
const NIGHT_ENDS = 4;

/**
 * Finland's wall clock at an instant, as "2026-11-24 18:55:00".
 * @param {number} instant
 */
const wall = (instant) => FINLAND.format(instant);

/**
 * "2026-11-24" in Finland.
 * @param {number} instant milliseconds
 */
export const dayAt = (instant) => wall(instant).slice(0, 10);

/**
 * The next four o'clock in the morning in Finland, after this instant; also in the nights when clocks change.
 * @param {number} instant
 * @returns {number}
 */
export function nextFour(instant) {
  // On the whole hours that follow, the first at which Finland's clocks say four: no night is longer than a day.
  const start = Math.floor(instant / HOUR) * HOUR;
  for (let hour = 1; hour <= 26; hour += 1) {
    const one = start + hour * HOUR;
    if (Number(wall(one).slice(11, 13)) === NIGHT_ENDS) return one;
  }
  return start + 24 * HOUR;
}

/**
 * The last four o'clock before this instant, or at it.
 * @param {number} instant
 */
export function lastFour(instant) {
  const near = nextFour(instant - 26 * HOUR);
  const next = nextFour(near);
  return next <= instant ? next : near;
}

export class Clock {
  /** @param {number} offset milliseconds that the register is ahead of this device, as last heard */
  constructor(offset = 0) {
    this.offset = offset;
    this.from = 0;
    this.watch = 0;
    this.set(offset);
  }

  /** @param {number} offset */
  set(offset) {
    this.offset = offset;
    // Beside the clock runs the page's own stopwatch: a clock that is set back does not turn time back. A jump ahead is
    // believed until the register speaks, for a stopwatch stands still while a device sleeps.
    this.from = Date.now() + offset;
    this.watch = performance.now();
  }

  /** Milliseconds by the register's clock. */
  now() {
    return Math.max(Date.now() + this.offset, this.from + (performance.now() - this.watch));
  }

  /** The instant as it goes on the wire. */
  stamp() {
    return new Date(this.now()).toISOString();
  }

  today() {
    return dayAt(this.now());
  }

  /**
   * The register said what time it is; `sent` and `heard` are this device's clock around the call.
   * @param {string} told
   * @param {number} sent
   * @param {number} heard
   * @returns {boolean} whether it was an instant
   */
  hear(told, sent, heard) {
    const instant = Date.parse(told);
    if (!Number.isFinite(instant)) return false;
    this.set(Math.round(instant - (sent + heard) / 2));
    return true;
  }

  /** Seconds that the device's clock is ahead (+) or behind (−) of the register; 0 where it is right. */
  off() {
    const ahead = Date.now() - this.now();
    return Math.abs(ahead) < RIGHT ? 0 : Math.round(ahead / 1000);
  }
}
