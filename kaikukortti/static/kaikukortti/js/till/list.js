/* The list of cards a till carries without a network: the twin of rules/till_list.py, which tells the bytes
   (tests/vectors/till_list.json). Cards stand on it as 32-bit tags, so nothing here tells a code from its look-alikes;
   keep it so: never store a longer digest of a code anywhere on the device. */

import { joined } from "./bytes.js";

const LIST = "KKL1";
const DIFFERENCE = "KKD1";
const SIGNATURE = 64;
const BUCKETS = 1 << 16;
const DAYS = 512;
const OLDEST_DAYS = 80;
const PAD = 0x7fff;
// The slot value of a community card, which has no children of its own.
const COMMUNITY = 21;
const DAY = 86_400_000;
const UTF8 = new TextEncoder();
const FINLAND = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Helsinki" });

/** The bytes are no list of ours, are cut, or are not signed with the register's key: ask for the whole list. */
export class ListBroken extends Error {}

/**
 * @typedef {object} Header
 * @property {number} as_of seconds
 * @property {number} usable_until seconds
 * @property {number} active
 * @property {number} blocked
 * @property {number[]} regions the region of each slot, 0 where it is not told
 * @property {number[]} children the number of children of each slot
 * @property {import("./verdict.js").Switch[]} switches
 * @property {import("./codes.js").Series[]} series
 * @property {string} salt
 * @property {number} rounds
 */

/**
 * A list whose signature was checked. `bytes` is what is kept and opened again.
 * @typedef {object} OpenList
 * @property {Uint8Array} bytes with the signature
 * @property {string} sha256 what the register knows it by
 * @property {number} asOf milliseconds
 * @property {number} usableUntil milliseconds
 * @property {Header} header
 * @property {Uint32Array} starts where each bucket of A begins, and where the last one ends
 * @property {DataView} active 5 bytes each
 * @property {DataView} blocked 4 bytes each
 */

/** @typedef {{tag: number, pad: number}} Tag */
/** @typedef {{found: "active"|"blocked"|"none", lastDay: string|null, region: number, children: number, community: boolean}} Found */

/**
 * The register's key for lists, as it came at enrolment.
 * @param {string} spki base64
 */
export async function listKey(spki) {
  const bytes = Uint8Array.from(atob(spki.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return crypto.subtle.importKey("spki", bytes, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
}

/**
 * Tag and pad of a code of ours (ten characters as read). Slow on purpose.
 * @param {string} code
 * @param {string} salt hexadecimal, from the list's header
 * @param {number} [rounds]
 * @returns {Promise<Tag>}
 */
export async function tagOf(code, salt, rounds = 50_000) {
  const from = await crypto.subtle.importKey("raw", UTF8.encode(code.slice(0, 9)), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: unhex(salt), iterations: rounds };
  const made = new DataView(await crypto.subtle.deriveBits(how, from, 48));
  return { tag: made.getUint32(0), pad: made.getUint16(4) & PAD };
}

/**
 * Checks the signature and makes the list ready for looking up. Rejects with ListBroken.
 * @param {Uint8Array} bytes
 * @param {CryptoKey} key
 * @returns {Promise<OpenList>}
 */
export async function openList(bytes, key) {
  const body = await signed(bytes, key);
  const { header, view, at } = headerOf(body, LIST);
  const { active, blocked } = /** @type {Header} */ (header);
  const bits = (BUCKETS + active + 7) >> 3;
  const entries = at + bits;
  if (body.length !== entries + 5 * active + 4 * blocked) throw new ListBroken();
  return {
    bytes,
    sha256: await sha256(body),
    asOf: header.as_of * 1000,
    usableUntil: header.usable_until * 1000,
    header,
    starts: startsOf(body.subarray(at, entries), active),
    active: new DataView(view.buffer, view.byteOffset + entries, 5 * active),
    blocked: new DataView(view.buffer, view.byteOffset + entries + 5 * active, 4 * blocked),
  };
}

/**
 * What the list says of a code's tag. The last day of a blocked card is not told.
 * @param {OpenList} list
 * @param {Tag} tag
 * @returns {Found}
 */
export function findInList(list, { tag, pad }) {
  if (isBlocked(list.blocked, tag)) return nothing("blocked");
  const low = tag & 0xffff;
  const end = list.starts[(tag >>> 16) + 1];
  for (let one = list.starts[tag >>> 16]; one < end; one += 1) {
    if (list.active.getUint16(5 * one) !== low) continue;
    const payload = payloadAt(list.active, 5 * one + 2);
    const slots = (payload ^ pad) & PAD;
    const children = list.header.children[slots & 0x7f];
    return {
      found: "active",
      lastDay: dayOf(payload >>> 15, list.asOf),
      region: list.header.regions[slots >>> 7],
      children: children === COMMUNITY ? 0 : children,
      community: children === COMMUNITY,
    };
  }
  return nothing("none");
}

/**
 * The list that a difference makes of the one at hand. Rejects with ListBroken.
 * @param {OpenList} list
 * @param {Uint8Array} bytes
 * @param {CryptoKey} key
 * @returns {Promise<OpenList>}
 */
export async function mergeDifference(list, bytes, key) {
  const body = await signed(bytes, key);
  const { header, view, at } = headerOf(body, DIFFERENCE);
  const { from, to, adds, blocks, drops } = header;
  const after = at + 7 * adds;
  if (from !== list.sha256 || body.length !== after + 4 * (blocks + drops) + SIGNATURE) throw new ListBroken();
  const change = {
    header: header.header,
    adds: Array.from({ length: adds }, (_, one) => add(view, at + 7 * one)),
    blocks: tagsAt(view, after, blocks),
    drops: tagsAt(view, after + 4 * blocks, drops),
  };
  const merged = pack(list, change);
  if ((await sha256(merged)) !== to) throw new ListBroken();
  return openList(joined(merged, body.subarray(body.length - SIGNATURE)), key);
}

/** @typedef {{tag: number, payload: number}} Add */
/** @typedef {{header: Object<string, any>, adds: Add[], blocks: number[], drops: number[]}} Change */

/**
 * @param {OpenList} list
 * @param {Change} change
 * @returns {Uint8Array} without signature
 */
function pack(list, change) {
  const gone = new Set([...change.blocks, ...change.drops, ...change.adds.map((one) => one.tag)]);
  const active = [...change.adds];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for (let one = list.starts[bucket]; one < list.starts[bucket + 1]; one += 1) {
      const tag = ((bucket << 16) | list.active.getUint16(5 * one)) >>> 0;
      if (!gone.has(tag)) active.push({ tag, payload: payloadAt(list.active, 5 * one + 2) });
    }
  }
  active.sort((one, other) => one.tag - other.tag);
  const blocked = tagsAt(list.blocked, 0, list.header.blocked).filter((tag) => !gone.has(tag));
  blocked.push(...change.blocks);
  blocked.sort((one, other) => one - other);
  const header = written({ ...list.header, ...change.header, active: active.length, blocked: blocked.length });
  const bits = new Uint8Array((BUCKETS + active.length + 7) >> 3);
  const entries = new DataView(new ArrayBuffer(5 * active.length));
  active.forEach(({ tag, payload }, position) => {
    const place = (tag >>> 16) + position;
    bits[place >> 3] |= 0x80 >> (place & 7);
    entries.setUint16(5 * position, tag & 0xffff);
    entries.setUint8(5 * position + 2, payload >>> 16);
    entries.setUint16(5 * position + 3, payload & 0xffff);
  });
  const tags = new DataView(new ArrayBuffer(4 * blocked.length));
  blocked.forEach((tag, position) => tags.setUint32(4 * position, tag));
  const start = new DataView(new ArrayBuffer(4));
  start.setUint32(0, header.length);
  return joined(UTF8.encode(LIST), bytesOf(start), header, bits, bytesOf(entries), bytesOf(tags));
}

/**
 * The same bytes as Python's: names in order, no spaces.
 * @param {Object<string, any>} header
 */
function written(header) {
  const names = Object.keys(header).sort();
  return UTF8.encode(JSON.stringify(Object.fromEntries(names.map((name) => [name, header[name]]))));
}

/**
 * @param {Uint8Array} bytes
 * @param {CryptoKey} key
 */
async function signed(bytes, key) {
  const body = bytes.subarray(0, Math.max(0, bytes.length - SIGNATURE));
  const how = { name: "ECDSA", hash: "SHA-256" };
  const good = await crypto.subtle.verify(how, key, bytes.subarray(body.length), body);
  if (!good) throw new ListBroken();
  return body;
}

/**
 * @param {Uint8Array} body
 * @param {string} kind
 */
function headerOf(body, kind) {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const named = body.length >= 8 && String.fromCharCode(...body.subarray(0, 4)) === kind;
  const at = named ? 8 + view.getUint32(4) : 0;
  if (!named || at > body.length) throw new ListBroken();
  /** @type {any} */
  const header = JSON.parse(new TextDecoder().decode(body.subarray(8, at)));
  return { header, view, at };
}

/**
 * Where each bucket begins: a 1 for each card, a 0 at the end of a bucket.
 * @param {Uint8Array} bits
 * @param {number} active
 */
function startsOf(bits, active) {
  const starts = new Uint32Array(BUCKETS + 1);
  let bucket = 0;
  let cards = 0;
  for (let place = 0; bucket < BUCKETS && place < 8 * bits.length; place += 1) {
    if (bits[place >> 3] & (0x80 >> (place & 7))) cards += 1;
    else starts[(bucket += 1)] = cards;
  }
  if (bucket !== BUCKETS || cards !== active) throw new ListBroken();
  return starts;
}

/**
 * @param {DataView} tags in order
 * @param {number} tag
 */
function isBlocked(tags, tag) {
  let low = 0;
  let high = tags.byteLength / 4;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tags.getUint32(4 * middle) < tag) low = middle + 1;
    else high = middle;
  }
  return 4 * low < tags.byteLength && tags.getUint32(4 * low) === tag;
}

/**
 * The only day with this number from 80 days before the list's day on.
 * @param {number} number
 * @param {number} asOf
 */
function dayOf(number, asOf) {
  // Days are counted as Python does: 1 January of year 1 is day 1.
  const oldest = Date.parse(FINLAND.format(asOf)) / DAY + 719_163 - OLDEST_DAYS;
  const day = oldest + ((((number - oldest) % DAYS) + DAYS) % DAYS);
  return new Date((day - 719_163) * DAY).toISOString().slice(0, 10);
}

/**
 * @param {"blocked"|"none"} found
 * @returns {Found}
 */
const nothing = (found) => ({ found, lastDay: null, region: 0, children: 0, community: false });

/**
 * @param {DataView} view
 * @param {number} at
 */
const payloadAt = (view, at) => (view.getUint8(at) << 16) | view.getUint16(at + 1);

/**
 * @param {DataView} view
 * @param {number} at
 * @returns {Add}
 */
const add = (view, at) => ({ tag: view.getUint32(at), payload: payloadAt(view, at + 4) });

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} number
 */
const tagsAt = (view, at, number) => Array.from({ length: number }, (_, one) => view.getUint32(at + 4 * one));

/** @param {DataView} view */
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** @param {string} text */
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (one) => parseInt(one, 16));

/** @param {Uint8Array} bytes */
async function sha256(bytes) {
  const made = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(made, (one) => one.toString(16).padStart(2, "0")).join("");
}
