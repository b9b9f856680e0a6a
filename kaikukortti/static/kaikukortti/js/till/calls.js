/* Calls to the register. Whatever is not a whole, readable answer in time counts as no answer. */

/** No answer: the network, a time-out, the server's own trouble, or something else that answered in its place. */
export class Away extends Error {
  /**
   * @param {string} why
   * @param {number} [status] what the server said instead of an answer
   */
  constructor(why, status = 0) {
    super(why);
    this.status = status;
  }
}

/** @typedef {{status: number, said: any, sent: number, heard: number}} Heard */

/**
 * @param {string} path
 * @param {RequestInit} how
 * @param {number} patience milliseconds
 * @returns {Promise<{answer: Response, bytes: ArrayBuffer, sent: number}>}
 */
async function ask(path, how, patience) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const sent = Date.now();
  try {
    const answer = await fetch(path, { ...how, signal: stop.signal, credentials: "omit", cache: "no-store", redirect: "error" });
    return { answer, bytes: await answer.arrayBuffer(), sent };
  } catch (away) {
    throw new Away(String(away));
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string|null} token */
const signed = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

/**
 * @param {string} path below /till/
 * @param {any} body
 * @param {{token?: string|null, patience: number}} how
 * @returns {Promise<Heard>}
 */
export async function post(path, body, { token = null, patience }) {
  const headers = /** @type {any} */ ({ "Content-Type": "application/json", ...signed(token) });
  const { answer, bytes, sent } = await ask(`/till/${path}`, { method: "POST", headers, body: JSON.stringify(body) }, patience);
  if (answer.status >= 500 || answer.status === 408) throw new Away("the server's own trouble", answer.status);
  let said;
  try {
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (broken) {
    throw new Away("no answer of the register's");
  }
  if (!said || typeof said !== "object") throw new Away("no answer of the register's");
  return { status: answer.status, said, sent, heard: Date.now() };
}

/**
 * @param {string} path
 * @param {{token: string, patience: number}} how
 * @returns {Promise<Uint8Array>}
 */
export async function fetchBytes(path, { token, patience }) {
  if (!path.startsWith("/till/")) throw new Away("not an address of ours");
  const { answer, bytes } = await ask(path, { method: "GET", headers: /** @type {any} */ (signed(token)) }, patience);
  if (answer.status !== 200) throw new Away(`status ${answer.status}`);
  return new Uint8Array(bytes);
}
