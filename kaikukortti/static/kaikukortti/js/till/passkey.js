/* A passkey that makes a key (WebAuthn's PRF extension): a finger instead of a PIN, where the platform can. */

import { random } from "./keys.js";

/** @typedef {{id: Uint8Array, salt: Uint8Array}} Made what is kept of a passkey: nothing secret */

export class PutOff extends Error {}
export class NotHere extends Error {}

/** @returns {Promise<boolean>} */
export async function possible() {
  if (!("PublicKeyCredential" in window)) return false;
  try {
    return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  } catch (unknown) {
    return false;
  }
}

/**
 * @param {Credential|null} credential
 * @returns {Uint8Array|null} what the passkey makes
 */
function made(credential) {
  if (!credential) throw new PutOff("no passkey");
  const said = /** @type {any} */ (credential).getClientExtensionResults().prf;
  return said && said.results && said.results.first ? new Uint8Array(said.results.first) : null;
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T>}
 */
const answered = (asked) =>
  asked.catch((why) => {
    throw why && why.name === "NotSupportedError" ? new NotHere("no passkeys") : new PutOff("put off");
  });

/**
 * @param {string} label
 * @returns {Promise<{kept: Made, p: Uint8Array}>}
 */
export async function makePasskey(label) {
  const salt = random(32);
  /** @type {any} */
  const publicKey = {
    challenge: random(32),
    rp: { name: "Kaikukortti" },
    user: { id: random(16), name: label, displayName: label },
    pubKeyCredParams: [
      { type: "public-key", alg: -7 },
      { type: "public-key", alg: -257 },
    ],
    authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "preferred" },
    extensions: { prf: { eval: { first: salt } } },
  };
  const credential = await answered(navigator.credentials.create({ publicKey }));
  const kept = { id: new Uint8Array(/** @type {any} */ (credential).rawId), salt };
  // Some platforms make the key only when they are asked a second time.
  return { kept, p: made(credential) || (await askPasskey(kept)) };
}

/**
 * @param {Made} kept
 * @returns {Promise<Uint8Array>}
 */
export async function askPasskey({ id, salt }) {
  /** @type {any} */
  const publicKey = {
    challenge: random(32),
    allowCredentials: [{ type: "public-key", id }],
    userVerification: "required",
    extensions: { prf: { eval: { first: salt } } },
  };
  const p = made(await answered(navigator.credentials.get({ publicKey })));
  if (!p) throw new NotHere("the passkey makes no key");
  return p;
}
