/* The till without its screen: everything a screen needs, and nothing of how it is done.

     const till = await openTill();
     till.watch((state) => draw(state));

   Every method that cannot do what it was asked rejects with a `NotNow`, whose `why` says the reason as a value. */

/** @typedef {import("./types.js").TillState} TillState */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./types.js").Echo} Echo */
/** @typedef {import("./types.js").News} News */

/**
 * Why something cannot be done now.
 * `wrong-pin` (with `triesLeft` where the register said it) · `wait` (too many wrong PINs here, `seconds`) ·
 * `wrong-code` the one-time code · `pin-too-short` · `no-network` · `storage-full` · `stopped` · `locked` ·
 * `other-tab` · `passkey-not-here` the platform has no passkey that makes keys · `passkey-put-off` the person closed
 * it · `empty` nothing to record · `gone` no such row
 * @typedef {"wrong-pin"|"wait"|"wrong-code"|"pin-too-short"|"no-network"|"storage-full"|"stopped"|"locked"|"other-tab"|"passkey-not-here"|"passkey-put-off"|"empty"|"gone"} Why
 */

/**
 * @typedef {object} Till
 * @property {() => TillState} state the state as it is now
 * @property {(listener: (state: TillState) => void) => () => void} watch calls at once and at each change; returns
 *   what ends it
 * @property {() => Promise<boolean>} passkeyPossible whether to offer a passkey at enrolment
 * @property {(code: string, how: {pin: string, onlineOnly?: boolean, passkey?: boolean}) => Promise<void>} enrol
 *   makes this browser a till; it is open afterwards
 * @property {(how: {pin: string} | {passkey: true}) => Promise<void>} unlock
 * @property {() => Promise<void>} lock
 * @property {() => Promise<void>} keepUntilFour no auto-lock until 04:00 in Finland
 * @property {() => void} busy somebody is at the screen: puts off the auto-lock (called by keys and pointers too)
 * @property {() => Promise<void>} takeOver this tab becomes the till, the other one lets go
 * @property {() => Sheet|null} sheet the day sheet; null before the first one came or while locked
 * @property {(offering: string|null, day?: string) => void} choose where the till stands; `day` is today by default
 * @property {(code: string, how?: {children?: number}) => Promise<Verdict>} check what was read, typed or scanned
 * @property {(held: Held, verdict?: Verdict) => Promise<Outcome>} record resolves when the register has answered, or
 *   after three seconds when the row is safe on this device; never before it is stored here
 * @property {(id: string) => Promise<"undone"|"will-be"|"not-undone">} undo `will-be`: as soon as there is a network
 * @property {() => Promise<Echo[]>} records tonight's records of this device, newest first
 * @property {() => Promise<Echo[]>} queue rows that wait, oldest first, those set aside last
 * @property {(which: string[]|{offering: string|null, day: string}, to: {offering: string|null, day: string}) => Promise<number>} moveToOffering
 *   the wrong event was chosen: moves these rows, or all of tonight's of one event; how many
 * @property {() => Promise<boolean>} sendNow whether the register answered
 * @property {(id: string, what: "again"|"drop") => Promise<void>} setAside what becomes of a row set aside
 * @property {() => Promise<{taken: number}>} handOver a stopped device gives its queue to the workplace
 * @property {() => Promise<void>} forget a stopped device whose queue is empty becomes a browser like any other
 * @property {(ids: string[]) => void} seen these news have been read
 */

export class NotNow extends Error {
  /**
   * @param {Why} why
   * @param {{triesLeft?: number, seconds?: number, stop?: import("./types.js").Stop}} [more]
   */
  constructor(why, more = {}) {
    super(why);
    this.why = why;
    this.triesLeft = more.triesLeft;
    this.seconds = more.seconds;
    this.stop = more.stop;
  }
}

/** @returns {Promise<Till>} */
export async function openTill() {
  throw new NotNow("no-network");
}
