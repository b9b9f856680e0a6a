/* The list on this device, and what it says of a card. */

import { local } from "./answers.js";

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").ListFace} ListFace */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./answers.js").Here} Here */
/** @typedef {{code: string|null, kind: "own"|"series"|"typo"|"hold"|"none"}} Read */

export class Local {
  constructor() {
    /** @type {any} */
    this.list = null;
  }

  /** @param {string} listKey */
  async begin(listKey) {}

  /** @param {Uint8Array} bytes */
  async load(bytes) {}

  /** @param {any} told @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
  async take(told, bytes) {
    return bytes;
  }

  /** @returns {string|null} */
  sha() {
    return null;
  }

  /** @param {number} now @returns {ListFace|null} */
  face(now) {
    return null;
  }

  /** @param {string} text @param {Sheet|null} sheet @returns {Read} */
  read(text, sheet) {
    const code = text.toUpperCase().replace(/[ *\t\u00a0-]/g, "");
    if (/^K0*[1-9][0-9]{0,5}$/.test(code)) return { code, kind: "hold" };
    return /^[0-9A-Z]{10}$/.test(code) ? { code, kind: "own" } : { code: null, kind: "typo" };
  }

  /** @param {string} code @returns {Promise<string|null>} */
  async tag(code) {
    return null;
  }

  /**
   * @param {Held} held
   * @param {Read} read
   * @param {{sheet: Sheet|null, now: number, here: Here, taken: {places: number, children: number}}} known
   * @returns {Promise<Verdict>}
   */
  async judge(held, read, known) {
    return local({ state: "no-list", admit: "ask", held });
  }
}
