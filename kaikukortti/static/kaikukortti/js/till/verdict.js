/* What a till without a network says of a card: the twin of rules/offline.py (tests/vectors/offline.json). Never
   "valid": only the register says that. What it cannot know the register judges when the row arrives. */

const LEEWAY = 5 * 60_000;
const NOT_TOLD = 0;
const FINLAND = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Helsinki" });

/**
 * A region that was ever closed one way: [region, [[day, its cards go out], …], [[day, others come in], …]].
 * @typedef {[number, [string, number][], [string, number][]]} Switch
 */

/**
 * An offering as the day sheet tells it; `cap_left` and `children_left` as far as this device knows.
 * @typedef {object} SheetOffering
 * @property {"event"|"open"|"course"} kind
 * @property {string} first_day
 * @property {string} last_day
 * @property {number} [weekdays] bit 0 is Monday
 * @property {boolean} [cancelled]
 * @property {boolean} [community_welcome]
 * @property {number|null} [cap_left]
 * @property {number|null} [children_left]
 */

/**
 * @typedef {object} Question
 * @property {import("./codes.js").CodeKind} read
 * @property {import("./list.js").Found|null} found what the list says; null where none was asked
 * @property {{asOf: number, usableUntil: number, switches: Switch[]}|null} list null before the first one came
 * @property {number} now the register's time as this device knows it, milliseconds
 * @property {string} day the event's day
 * @property {{region: number|null, open: boolean}} place on that day
 * @property {SheetOffering|null} offering
 * @property {{own: boolean, children: number, at: string|null}} here what this device has recorded of the same tag at
 *   the same place and day
 */

/**
 * @typedef {object} Answer
 * @property {"valid-as-of"|"already"|"stop"|"typo"|"not-on-list"|"cannot-check-offline"|"list-too-old"|"no-list"|"identity-unknown"} state
 * @property {string|null} refusal
 * @property {string|null} day what the refusal's words speak of
 * @property {string|null} time
 * @property {number} childPlaces 0 where the card is not known
 * @property {boolean} community
 */

/**
 * @param {Question} question
 * @returns {Answer}
 */
export function offlineVerdict(question) {
  const { read, found, place, offering, here } = question;
  if (read === "typo") return answer("typo", "card-code-typo");
  const known = read === "own" && found?.found === "active" ? found : null;
  const childPlaces = childPlacesOf(known, offering, here);
  if (here.own && !known?.community) return { ...answer("already", "already-recorded"), time: here.at, childPlaces };
  const first = ofCard(question);
  if (first.state === "stop") return first;
  if (!place.open) return answer("stop", "venue-not-active");
  const valid = first.state === "valid-as-of" && known !== null;
  const refusal = (valid && crossing(question, known.region)) || ofOffering(question, known?.community ?? false);
  if (refusal) return answer("stop", refusal);
  return valid ? { ...first, childPlaces, community: known.community } : first;
}

/**
 * The day in Finland at an instant.
 * @param {number} instant
 */
export const dayAt = (instant) => FINLAND.format(instant);

/**
 * What the list alone says of the card on the day.
 * @param {Question} question
 * @returns {Answer}
 */
function ofCard({ read, found, list, now, day }) {
  if (read === "hold" || read === "none") return answer("identity-unknown");
  if (read === "series") return answer("cannot-check-offline");
  if (list === null) return answer("no-list");
  // Blocked and replaced is for good, however old the list is.
  if (found?.found === "blocked") return answer("stop", "card-blocked");
  // A clock behind the list has been set back: how old the list is cannot be told any more.
  if (now > list.usableUntil || now < list.asOf - LEEWAY) return answer("list-too-old", "list-too-old");
  if (found?.found !== "active" || found.lastDay === null) return answer("not-on-list");
  if (found.lastDay >= day) return answer("valid-as-of");
  const today = dayAt(now);
  const still = found.lastDay >= today && day > today;
  return { ...answer("stop", still ? "card-ends-before" : "card-expired"), day: found.lastDay };
}

/**
 * Rule 14, where the card's region is told.
 * @param {Question} question
 * @param {number} region the card's
 */
function crossing({ list, place, day }, region) {
  if (list === null || region === NOT_TOLD || region === place.region) return null;
  if (!isOpen(list.switches, region, day, 1)) return "region-closed-out";
  return place.region !== null && !isOpen(list.switches, place.region, day, 2) ? "region-closed-in" : null;
}

/**
 * @param {Switch[]} switches
 * @param {number} region
 * @param {string} day
 * @param {1|2} which its cards go out, others come in
 */
function isOpen(switches, region, day, which) {
  const rows = switches.find((one) => one[0] === region)?.[which] ?? [];
  const inForce = rows.filter(([since]) => since <= day).pop();
  return inForce === undefined || inForce[1] !== 0;
}

/**
 * The offering, the day, the kind of card and the places, in the order of rule 34.
 * @param {Question} question
 * @param {boolean} community
 */
function ofOffering({ offering, now, day }, community) {
  if (offering?.cancelled) return "offering-cancelled";
  if (day > dayAt(now) && offering?.kind !== "event") return "too-early-to-record";
  if (offering === null) return null;
  if (!offeredOn(offering, day)) return "day-not-offered";
  if (community && offering.kind === "course" && !offering.community_welcome) return "community-card-not-here";
  return typeof offering.cap_left === "number" && offering.cap_left < 1 ? "offering-full" : null;
}

/**
 * @param {SheetOffering} offering
 * @param {string} day
 */
function offeredOn(offering, day) {
  if (offering.kind === "course") return day <= offering.last_day;
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const onWeekday = offering.kind !== "open" || Boolean(((offering.weekdays ?? 127) >> weekday) & 1);
  return offering.first_day <= day && day <= offering.last_day && onWeekday;
}

/**
 * Children that can come in now: the least of the registered number less those in, and the places left.
 * @param {import("./list.js").Found|null} known
 * @param {SheetOffering|null} offering
 * @param {Question["here"]} here
 */
function childPlacesOf(known, offering, here) {
  if (known === null || known.community || offering?.kind === "course") return 0;
  const room = [known.children - here.children];
  if (typeof offering?.cap_left === "number") room.push(offering.cap_left - (here.own ? 0 : 1));
  if (typeof offering?.children_left === "number") room.push(offering.children_left);
  return Math.max(0, Math.min(...room));
}

/**
 * @param {Answer["state"]} state
 * @param {string|null} [refusal]
 * @returns {Answer}
 */
const answer = (state, refusal = null) => ({
  state,
  refusal,
  day: null,
  time: null,
  childPlaces: 0,
  community: false,
});
