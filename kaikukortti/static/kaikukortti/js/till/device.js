/* What this browser keeps of the device it is: enough to ask for the PIN, nothing that opens anything. */

import * as keys from "./keys.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Change} Change */

/**
 * @typedef {object} Device
 * @property {string} id
 * @property {string} label
 * @property {"till"|"gate"} kind
 * @property {import("./types.js").Said} workplace
 * @property {string|null} expiresAt
 * @property {boolean} onlineOnly
 * @property {Uint8Array} salt
 * @property {keys.Wraps} wraps under what the PIN makes
 * @property {(import("./passkey.js").Made & {wraps: keys.Wraps})|null} passkey
 * @property {string} sealKey
 * @property {string} listKey
 * @property {number} offset milliseconds that the register's clock is ahead of this device's
 * @property {import("./types.js").Stop|null} stopped
 * @property {number|null} keptUntil
 * @property {number} wrong wrong PINs in a row
 * @property {number} waitUntil this device's clock
 */

const DEVICE = "device";
const TOKEN = "token";
const TOKEN_PLACE = "device token";
const MARK = "kaikukortti-till";
// From the fifth wrong PIN in a row on a person waits, longer each time; the register stops the device after ten.
const FREE_TRIES = 4;
const LONGEST_WAIT = 5 * 60_000;

/** @param {Store} store @returns {Promise<Device|null>} */
export const readDevice = async (store) => (await store.read("device", DEVICE)) || null;

/** @param {Device} device @returns {Change} */
export const deviceChange = (device) => ({ table: "device", key: DEVICE, value: device });

/** @param {CryptoKey} key @param {string} token @returns {Promise<Change>} */
export const tokenChange = async (key, token) => ({
  table: "device",
  key: TOKEN,
  value: await keys.boxJson(key, token, TOKEN_PLACE),
});

/** @param {Store} store @param {CryptoKey} key @returns {Promise<string>} */
export const readToken = async (store, key) => keys.unboxJson(key, await store.read("device", TOKEN), TOKEN_PLACE);

/** @param {number} wrong */
export const waitAfter = (wrong) => (wrong > FREE_TRIES ? Math.min(LONGEST_WAIT, 1000 * 2 ** (wrong - FREE_TRIES)) : 0);

/**
 * A new device from the register's answer: its keys are made here, wrapped, and forgotten.
 * @param {any} said
 * @param {{p: Uint8Array, salt: Uint8Array, onlineOnly: boolean, passkey: {kept: import("./passkey.js").Made, p: Uint8Array}|null}} how
 * @returns {Promise<{device: Device, open: keys.Keys}>}
 */
export async function makeDevice(said, { p, salt, onlineOnly, passkey }) {
  const made = keys.newKeys();
  const share = keys.decode(said.share);
  const wraps = await keys.wrap(made, p, share, onlineOnly);
  const finger = passkey && { ...passkey.kept, wraps: await keys.wrap(made, passkey.p, share, onlineOnly) };
  const [rows, data, token] = await Promise.all([made.rows, made.data, made.token].map(keys.boxKey));
  const device = {
    id: said.device,
    label: said.label,
    kind: said.kind,
    workplace: said.workplace,
    expiresAt: said.expires_at || null,
    onlineOnly,
    salt,
    wraps,
    passkey: finger,
    sealKey: said.seal_key,
    listKey: said.list_key,
    offset: 0,
    stopped: null,
    keptUntil: null,
    wrong: 0,
    waitUntil: 0,
  };
  return { device, open: { rows, data, token } };
}

/* A word outside the store tells afterwards that the browser has cleared it. */

export function markHere() {
  try {
    localStorage.setItem(MARK, "1");
  } catch (away) {
    // then it cannot be told
  }
}

export function unmark() {
  try {
    localStorage.removeItem(MARK);
  } catch (away) {
    // nothing to remove
  }
}

export function wasHere() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch (away) {
    return false;
  }
}
