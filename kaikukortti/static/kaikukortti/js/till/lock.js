/* Who may be the till: one tab of this browser, and nobody who leaves it alone for ten minutes. */

const NAME = "kaikukortti-till";
export const IDLE = 10 * 60_000;

/**
 * Holds the one lock that makes a tab the till.
 */
export class TabLock {
  /**
   * @param {() => void} got
   * @param {() => void} lost another tab has taken over
   */
  constructor(got, lost) {
    this.got = got;
    this.lost = lost;
    this.held = false;
    /** @type {AbortController|null} */
    this.queueing = null;
  }

  /**
   * Take it if nobody has it; else wait for it.
   * @returns {Promise<boolean>} whether it was free
   */
  async begin() {
    const free = await new Promise((say) => this.request({ ifAvailable: true }, say));
    if (!free) this.wait();
    return free;
  }

  wait() {
    this.queueing = new AbortController();
    this.request({ signal: this.queueing.signal }, () => {});
  }

  steal() {
    this.queueing?.abort();
    this.queueing = null;
    return new Promise((say) => this.request({ steal: true }, say));
  }

  /**
   * @param {LockOptions} how
   * @param {(got: boolean) => void} say
   */
  request(how, say) {
    navigator.locks
      .request(NAME, how, (lock) => {
        if (!lock) return say(false);
        this.held = true;
        say(true);
        this.got();
        return new Promise(() => {}); // for as long as the tab lives
      })
      .catch(() => {
        if (!this.held) return;
        this.held = false;
        this.lost();
        this.wait();
      });
  }
}

/** When to lock: ten minutes after the last touch, or at the end of the night when kept as a till. */
export class Idle {
  constructor() {
    this.touched = Date.now();
    /** @type {number|null} */
    this.keptUntil = null;
  }

  touch() {
    this.touched = Date.now();
  }

  /**
   * This device's clock.
   * @returns {number|null}
   */
  locksAt() {
    return this.keptUntil === null ? this.touched + IDLE : null;
  }

  /** @param {number} now by the register's clock */
  due(now) {
    if (this.keptUntil !== null) return now >= this.keptUntil;
    // A clock that was set back does not keep the till open.
    return Math.abs(Date.now() - this.touched) >= IDLE;
  }
}
