/* The till's words: filled in, counted, dated. Finnish time whatever the device's time zone. */

/** @typedef {import("./types.js").Said} Said */

export const language = /** @type {keyof Said} */ (document.documentElement.lang);

/** @type {Record<string, any>} */
const TEXTS = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");
const LOCALE = { fi: "fi-FI", sv: "sv-FI", en: "en-GB" }[language] ?? "fi-FI";

/** How far the device's clock is ahead, in milliseconds; what is said of now goes by the register's time. */
let ahead = 0;

/** @param {number} seconds */
export function clockIsOff(seconds) {
  ahead = seconds * 1000;
}

export const now = () => new Date(Date.now() - ahead);

/**
 * A text with its {names} and %(names)s filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(name, values = {}) {
  return fill(String(TEXTS[name] ?? ""), values);
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}|%\((\w+)\)s/g, (whole, one, other) => String(values[one ?? other] ?? whole));
}

/**
 * A text that has a singular and a plural.
 * @param {string} name
 * @param {number} n
 */
export function sayMany(name, n) {
  const [one, several] = TEXTS[name];
  return fill(n === 1 ? one : several, { n });
}

/**
 * Words by a value: verdicts, refusals, stops.
 * @param {string} group
 * @param {string} value
 * @returns {any}
 */
export function wordsOf(group, value) {
  return TEXTS[group]?.[value];
}

/**
 * What the register says in three languages, in this page's.
 * @param {Said | string | null | undefined} said
 */
export function inOwn(said) {
  if (!said) return "";
  return typeof said === "string" ? said : said[language] || said.fi;
}

/**
 * The parts of an instant as Finland's clocks show it.
 * @param {string | Date} instant
 */
function inFinland(instant) {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Europe/Helsinki", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(instant));
  /** @type {Record<string, string>} */
  const of = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return { day: `${of.year}-${of.month}-${of.day}`, hour: Number(of.hour), minute: of.minute };
}

/** Today in Finland, as 2026-11-24. */
export const today = () => inFinland(now()).day;

/**
 * The day in Finland of an instant.
 * @param {string | Date} instant
 */
export const dayOf = (instant) => inFinland(instant).day;

/**
 * The bare time: `14.10`, `14:10`.
 * @param {string | Date} instant
 */
export function sayClock(instant) {
  const { hour, minute } = inFinland(instant);
  return language === "en" ? `${hour}:${minute}` : `${hour}.${minute}`;
}

/**
 * `klo 14.10`, `kl. 14.10`, `14:10`.
 * @param {string | Date} instant
 */
export const sayTime = (instant) => TEXTS.at + sayClock(instant);

/**
 * `24.11.`, `24.11`, `24 November`; with its year for a day that is told on its own.
 * @param {string} day
 * @param {boolean} [withYear]
 */
export function sayDate(day, withYear = false) {
  const [year, month, number] = day.split("-").map(Number);
  const said = number + TEXTS.months[month - 1];
  if (!withYear) return said;
  return language === "en" ? `${said} ${year}` : `${said.replace(/\.$/, "")}.${year}`;
}

/**
 * `ti 24.11.`
 * @param {string} day
 */
export function sayDay(day) {
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
  return `${TEXTS.weekdays[weekday]} ${sayDate(day)}`.replaceAll(" ", "\u00a0");
}

/**
 * The time alone for today, else the day too.
 * @param {string | Date} instant
 */
export function sayMoment(instant) {
  const day = dayOf(instant);
  return day === today() ? sayTime(instant) : fill(TEXTS.at_joint, { day: sayDate(day), time: sayTime(instant) });
}

/**
 * How far the clock is off, in words: hours, or minutes under two hours.
 * @param {number} seconds
 */
export function sayOff(seconds) {
  const minutes = Math.max(1, Math.round(Math.abs(seconds) / 60));
  return minutes < 120 ? sayMany("n_minutes", minutes) : sayMany("n_hours", Math.round(minutes / 60));
}

/** @param {string[]} parts */
export function join(parts) {
  return new Intl.ListFormat(LOCALE, { type: "conjunction" }).format(parts.filter(Boolean));
}

/**
 * A record's counts in words: `1 ticket and 2 children`.
 * @param {{kind: string, holder: number | null, children: number, assistants: number, clients: number, workers: number}} record
 */
export function sayCounts(record) {
  const own = record.holder ?? (record.clients || record.workers ? 0 : 1);
  return join([
    own ? sayMany(`count_${record.kind}`, own) : "",
    ...["workers", "clients", "children", "assistants"].map((what) => {
      const n = /** @type {any} */ (record)[what];
      return n ? sayMany(`count_${what}`, n) : "";
    }),
  ]);
}
