/* How a code is read: the twin of rules/codes.py, rules/series.py and rules/offline.py (tests/vectors/codes.json). */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 10;
const NO_CODE = "?";
// What stands before a series' code: no code of ours holds it.
const MARK = ":";
const DROPPED = [" ", "-", "*", "\u00a0", "\t"];
/** @type {[string, string][]} */
const ALIKE = [["O", "0"], ["I", "1"], ["L", "1"]];
const HOLD_NUMBER = /^K[ -]?0*([1-9][0-9]{0,5})$/i;

/**
 * What an older series' code looks like: number, prefix, alphabet, length, as the list's header has it.
 * @typedef {[number, string, string, number]} Series
 */

/**
 * `own` a code of ours · `series` one of an older series · `hold` the number of kept places · `none` no code · `typo`
 * @typedef {"own"|"series"|"hold"|"none"|"typo"} CodeKind
 */

/**
 * What was read, as it goes into a row; null for a typo.
 * @param {string} text as typed or scanned
 * @param {Series[]} series in the order they are asked in
 * @returns {{code: string|null, kind: CodeKind}}
 */
export function readCode(text, series) {
  if (text.trim() === NO_CODE) return { code: NO_CODE, kind: "none" };
  const own = readOwn(text);
  if (own !== null) return { code: own, kind: "own" };
  for (const one of series) {
    const code = readSeries(text, one);
    if (code !== null) return { code, kind: "series" };
  }
  const hold = HOLD_NUMBER.exec(text.trim());
  return hold ? { code: `K-${hold[1]}`, kind: "hold" } : { code: null, kind: "typo" };
}

/**
 * The ten characters of a code of ours, null for anything else.
 * @param {string} text
 * @returns {string|null}
 */
function readOwn(text) {
  let code = without(text.toUpperCase(), DROPPED);
  for (const [one, other] of ALIKE) code = code.replaceAll(one, other);
  if ([...code].length !== CHARACTERS || ![...code].every((one) => ALPHABET.includes(one))) return null;
  return checks(code) ? code : null;
}

/**
 * ISO 7064 hybrid system, MOD 33,32, check character included.
 * @param {string} code
 */
function checks(code) {
  const size = ALPHABET.length;
  let check = size / 2;
  for (const one of code) check = (((check || size) * 2) % (size + 1) + ALPHABET.indexOf(one)) % size;
  return check === 1;
}

/**
 * @param {string} text
 * @param {Series} series
 * @returns {string|null}
 */
function readSeries(text, [number, prefix, alphabet, length]) {
  const dropped = DROPPED.filter((sign) => !alphabet.includes(sign));
  const tellsCase = alphabet !== alphabet.toUpperCase();
  /** @param {string} one */
  const written = (one) => (tellsCase ? without(one, dropped) : without(one, dropped).toUpperCase());
  const begins = written(prefix);
  const whole = written(text);
  if (!whole.startsWith(begins)) return null;
  let code = whole.slice(begins.length);
  for (const [one, other] of alike(alphabet)) code = code.replaceAll(one, other);
  if ([...code].length !== length || ![...code].every((one) => alphabet.includes(one))) return null;
  return `${number}${MARK}${begins}${code}`;
}

/**
 * Look-alikes, read as the other where the alphabet has only one of the two.
 * @param {string} alphabet
 */
function alike(alphabet) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [one, other] of ALIKE) {
    const [first, second] = [alphabet.includes(one), alphabet.includes(other)];
    if (!first && second) found.set(one, other);
    else if (first && !second && !found.has(other)) found.set(other, one);
  }
  return found;
}

/**
 * @param {string} text
 * @param {string[]} signs
 */
const without = (text, signs) => [...text].filter((one) => !signs.includes(one)).join("");
