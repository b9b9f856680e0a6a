/* Keys. What opens the store is never in it: rows, list and sheet lie under keys that are wrapped by what the PIN (or a
   passkey) makes; the key of the token is wrapped by that together with a share that only the register has. So a copy
   of the whole store opens nothing without the PIN, and with the PIN still cannot speak for the device.

     P         PBKDF2-SHA-256(PIN, salt, 600,000), or what the passkey makes
     proof     HKDF(P, "proof")            shown to the register, which counts wrong ones
     offline   HKDF(P, "offline")          wraps the row key and, unless the device opens only online, the data key
     online    HKDF(P ‖ share, "online")   wraps the token key (and the data key of a device that opens only online) */

import { joined } from "./bytes.js";

const ROUNDS = 600_000;
const KEY_BYTES = 32;
const text = new TextEncoder();
const plain = new TextDecoder();

/** @typedef {Uint8Array} Bytes */
/** @typedef {{iv: Bytes, data: Bytes}} Box */
/**
 * The keys of an open device. `data` is null while a device that opens only online waits for its share; `token` is null
 * until the register has given the share.
 * @typedef {object} Keys
 * @property {CryptoKey} rows
 * @property {CryptoKey|null} data
 * @property {CryptoKey|null} token
 */
/** @typedef {{offline: Box, online: Box}} Wraps */

/** @param {number} size */
export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

/** @param {ArrayBuffer|Bytes} bytes */
export function encode(bytes) {
  let all = "";
  for (const byte of new Uint8Array(bytes)) all += String.fromCharCode(byte);
  return btoa(all).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {string} written base64url or base64 */
export const decode = (written) =>
  Uint8Array.from(atob(written.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

/**
 * P from a PIN.
 * @param {string} pin
 * @param {Bytes} salt
 * @returns {Promise<Bytes>}
 */
export async function stretch(pin, salt) {
  const from = await crypto.subtle.importKey("raw", text.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, from, 256));
}

/**
 * @param {Bytes} from
 * @param {string} what
 * @param {Bytes} [salt]
 */
async function drawn(from, what, salt = new Uint8Array(0)) {
  const base = await crypto.subtle.importKey("raw", from, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: text.encode(what) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
}

/** @param {Bytes} bytes */
export const boxKey = (bytes) => crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);

/**
 * What shows the register that the PIN is known.
 * @param {Bytes} p
 */
export const proofOf = async (p) => encode(await drawn(p, "proof"));

/** @param {Bytes} p */
const offlineKey = async (p) => boxKey(await drawn(p, "offline"));

/**
 * @param {Bytes} p
 * @param {Bytes} share
 */
const onlineKey = async (p, share) => boxKey(await drawn(joined(p, share), "online"));

/**
 * @param {CryptoKey} key
 * @param {Bytes} bytes
 * @param {string} place where it will lie: a box moved elsewhere does not open
 * @returns {Promise<Box>}
 */
export async function box(key, bytes, place) {
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: text.encode(place) };
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt(how, key, bytes)) };
}

/**
 * @param {CryptoKey} key
 * @param {Box} boxed
 * @param {string} place
 * @returns {Promise<Bytes>}
 */
export async function unbox(key, boxed, place) {
  const how = { name: "AES-GCM", iv: boxed.iv, additionalData: text.encode(place) };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, boxed.data));
}

/**
 * @param {CryptoKey} key
 * @param {any} value
 * @param {string} place
 */
export const boxJson = (key, value, place) => box(key, text.encode(JSON.stringify(value)), place);

/**
 * @param {CryptoKey} key
 * @param {Box} boxed
 * @param {string} place
 */
export const unboxJson = async (key, boxed, place) => JSON.parse(plain.decode(await unbox(key, boxed, place)));

/** The bytes of a new device's three keys. */
export const newKeys = () => ({ rows: random(KEY_BYTES), data: random(KEY_BYTES), token: random(KEY_BYTES) });

/**
 * @param {{rows: Bytes, data: Bytes, token: Bytes}} made
 * @param {Bytes} p
 * @param {Bytes} share
 * @param {boolean} onlineOnly
 * @returns {Promise<Wraps>}
 */
export async function wrap(made, p, share, onlineOnly) {
  return {
    offline: await box(await offlineKey(p), onlineOnly ? made.rows : joined(made.rows, made.data), "offline"),
    online: await box(await onlineKey(p, share), onlineOnly ? joined(made.token, made.data) : made.token, "online"),
  };
}

/**
 * What opens with P alone; rejects when P is not the one.
 * @param {Wraps} wraps
 * @param {Bytes} p
 * @returns {Promise<Keys>}
 */
export async function unwrapOffline(wraps, p) {
  const bytes = await unbox(await offlineKey(p), wraps.offline, "offline");
  const data = bytes.length > KEY_BYTES ? await boxKey(bytes.slice(KEY_BYTES)) : null;
  return { rows: await boxKey(bytes.slice(0, KEY_BYTES)), data, token: null };
}

/**
 * What the share adds.
 * @param {Keys} keys
 * @param {Wraps} wraps
 * @param {Bytes} p
 * @param {Bytes} share
 * @returns {Promise<Keys>}
 */
export async function unwrapOnline(keys, wraps, p, share) {
  const bytes = await unbox(await onlineKey(p, share), wraps.online, "online");
  const data = bytes.length > KEY_BYTES ? await boxKey(bytes.slice(KEY_BYTES)) : keys.data;
  return { rows: keys.rows, data, token: await boxKey(bytes.slice(0, KEY_BYTES)) };
}

/**
 * A code for the register's eyes only.
 * @param {CryptoKey} to the register's public key
 * @param {string} code
 * @param {string} place device and row
 * @returns {Promise<string>}
 */
export async function seal(to, code, place) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const own = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(curve, false, ["deriveBits"]));
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: to }, own.privateKey, 256));
  const key = await boxKey(await drawn(shared, "kaikukortti till row", point));
  const { iv, data } = await box(key, text.encode(code), place);
  return encode(joined(point, iv, data));
}

/** @param {string} spki */
export const sealKey = (spki) =>
  crypto.subtle.importKey("spki", decode(spki), { name: "ECDH", namedCurve: "P-256" }, false, []);
