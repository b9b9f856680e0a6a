/* The list on this device, and what it says of a card. */

import { local } from "./answers.js";
import { readCode } from "./codes.js";
import { findInList, listKey, mergeDifference, openList, tagOf } from "./list.js";
import { offlineVerdict } from "./verdict.js";

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").ListFace} ListFace */
/** @typedef {import("./types.js").OfferingFace} OfferingFace */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./answers.js").Here} Here */
/** @typedef {import("./list.js").OpenList} OpenList */
/** @typedef {import("./list.js").Tag} Tag */
/** @typedef {ReturnType<typeof readCode>} Read */

const DIFFERENCE = "KKD1";

export class Local {
  constructor() {
    /** @type {OpenList|null} */
    this.list = null;
    /** @type {CryptoKey|null} */
    this.key = null;
    // The last card's tag is asked for twice: at its check and at its record.
    /** @type {{code: string, salt: string, tag: Promise<Tag>}|null} */
    this.last = null;
  }

  /** @param {string} spki */
  async begin(spki) {
    this.key = await listKey(spki);
  }

  /** @param {Uint8Array} bytes */
  async load(bytes) {
    this.list = await openList(bytes, /** @type {CryptoKey} */ (this.key));
  }

  /**
   * A list or a difference as it came; rejects, and goes on with the one it has, when it is not the register's.
   * @param {Uint8Array} bytes
   * @returns {Promise<OpenList>} to be kept and then used
   */
  async made(bytes) {
    const key = /** @type {CryptoKey} */ (this.key);
    const kind = String.fromCharCode(...bytes.subarray(0, 4));
    return kind === DIFFERENCE && this.list ? mergeDifference(this.list, bytes, key) : openList(bytes, key);
  }

  /** @returns {string|null} what the register knows the list by */
  sha() {
    return this.list ? this.list.sha256 : null;
  }

  /**
   * @param {number} now
   * @returns {ListFace|null}
   */
  face(now) {
    const { list } = this;
    if (!list) return null;
    return {
      asOf: new Date(list.asOf).toISOString(),
      usableUntil: new Date(list.usableUntil).toISOString(),
      tooOld: now > list.usableUntil,
      cards: list.header.active,
    };
  }

  /**
   * @param {string} text
   * @param {Sheet|null} sheet
   * @returns {Read}
   */
  read(text, sheet) {
    const series = this.list ? this.list.header.series : (sheet?.series || []).map(seriesOf);
    return readCode(text, series);
  }

  /**
   * @param {string} code
   * @returns {Promise<Tag|null>} null where there is no list, or for a code that is never on it
   */
  async tag(code) {
    const { list } = this;
    if (!list || readCode(code, []).kind !== "own") return null;
    const { salt, rounds } = list.header;
    if (this.last?.code !== code || this.last.salt !== salt) this.last = { code, salt, tag: tagOf(code, salt, rounds) };
    return this.last.tag;
  }


  /**
   * @param {Held} held
   * @param {Read} read
   * @param {{sheet: Sheet|null, now: number, here: Here, taken: {places: number, children: number}}} known
   * @returns {Promise<Verdict>}
   */
  async judge(held, read, { sheet, now, here, taken }) {
    const { list } = this;
    const tag = read.kind === "own" ? await this.tag(held.code) : null;
    const offering = sheet?.offerings.find((one) => one.id === held.offering) || null;
    const answer = offlineVerdict({
      read: read.kind,
      found: list && tag ? findInList(list, tag) : null,
      list: list && { asOf: list.asOf, usableUntil: list.usableUntil, switches: list.header.switches },
      now,
      day: held.day,
      place: placeOf(sheet, offering, held.day),
      offering: offering && {
        ...offering,
        cap_left: less(offering.cap_left, taken.places),
        children_left: less(offering.children_left, taken.children),
      },
      here: { own: here.own !== null, children: here.children, at: here.own },
    });
    const already = answer.state === "already";
    return local({
      ...answer,
      assistant: answer.state !== "stop" && answer.state !== "typo",
      placesLeft: less(offering?.cap_left, taken.places),
      listAsOf: list ? new Date(list.asOf).toISOString() : null,
      admit: admits(answer.state, sheet),
      held: already ? { ...held, holder: 0 } : held,
    });
  }
}

/**
 * @param {any} one as the day sheet has it
 * @returns {import("./codes.js").Series}
 */
const seriesOf = (one) => [one.id, one.prefix, one.alphabet, one.length];

/**
 * @param {number|null|undefined} left
 * @param {number} taken
 */
const less = (left, taken) => (typeof left === "number" ? Math.max(0, left - taken) : null);

/**
 * Region and whether the network is open there on the day, as the day sheet knows it.
 * @param {Sheet|null} sheet
 * @param {OfferingFace|null} offering
 * @param {string} day
 */
function placeOf(sheet, offering, day) {
  if (offering) {
    return { region: offering.region_by_day?.[day] ?? null, open: offering.open_by_day?.[day] ?? true };
  }
  const found = sheet?.days.find((one) => one.day === day);
  return { region: found?.region ?? null, open: found?.venue_open ?? true };
}

/**
 * @param {Verdict["state"]} state
 * @param {Sheet|null} sheet
 * @returns {Verdict["admit"]}
 */
function admits(state, sheet) {
  if (state === "valid-as-of" || state === "already") return "yes";
  if (state === "stop" || state === "typo") return "no";
  return state === "not-on-list" && sheet?.unlisted === "admit" ? "yes" : "ask";
}
