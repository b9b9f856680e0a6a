/* Why something cannot be done now, as a value. */

/**
 * `wrong-pin` (with `triesLeft` where the register said it) · `wait` (too many wrong PINs here, `seconds`) ·
 * `wrong-code` the one-time code · `pin-too-short` · `no-network` · `storage-full` · `stopped` (`stop` says why) ·
 * `locked` · `other-tab` · `passkey-not-here` the platform has no passkey that makes keys · `passkey-put-off` the
 * person closed it · `empty` nothing to record · `gone` no such row · `rows-left` rows still wait
 * @typedef {"wrong-pin"|"wait"|"wrong-code"|"pin-too-short"|"no-network"|"storage-full"|"stopped"|"locked"|"other-tab"|"passkey-not-here"|"passkey-put-off"|"empty"|"gone"|"rows-left"} Why
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
