/* Sending, one call at a time: when a row is recorded, on opening, when the network comes back, every five minutes, and
   by button. Nothing is taken as answered before a whole answer has been read and stored. */

import { Away, fetchBytes, post } from "./calls.js";
import { MOST, onTheWire, readable } from "./queue.js";

/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Stop} Stop */
/** @typedef {import("./queue.js").Queue} Queue */
/** @typedef {import("./queue.js").Row} Row */

/**
 * What syncing needs of the open device.
 * @typedef {object} Desk
 * @property {Queue} queue
 * @property {() => Promise<boolean>} mayRead whether the device can speak for itself; asks for the share where needed
 * @property {() => string|null} token the newest token that is stored
 * @property {(token: string) => Promise<import("./store.js").Change>} tokenChange
 * @property {(token: string) => void} tokenStored
 * @property {(batch: Row[]) => Promise<any>} about what the register is told beside the rows
 * @property {(told: string, sent: number, heard: number) => Promise<void>} heard the register's clock
 * @property {(sheet: any) => Promise<void>} keepSheet
 * @property {(list: any, fetch: (url: string) => Promise<Uint8Array>) => Promise<void>} keepList
 * @property {(stop: Stop) => Promise<void>} stopped
 * @property {(news: News[]) => Promise<void>} tell
 * @property {(error: unknown) => boolean} noRoom
 * @property {() => void} changed
 */

const PATIENCE = 20_000;
const LIST_PATIENCE = 60_000;
// What a register says of a body that it cannot read.
const UNREADABLE = [400, 413, 422];
const EVERY = 5 * 60_000;
// Rows that the register would not take yet are asked again sooner than the next regular time.
const KEPT_WAIT = 30_000;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

export class Sync {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {"online"|"offline"|"trying"} */
    this.network = "trying";
    /** @type {string|null} */
    this.onlineAt = null;
    this.most = MOST;
    this.failures = 0;
    // After a failure it first asks without rows: what has never left the device can still be changed.
    this.probing = false;
    // Rows that the server itself stumbled over, alone: they go last, so that the rest comes in.
    this.shy = /** @type {Set<string>} */ (new Set());
    /** @type {Promise<boolean>|null} */
    this.running = null;
    this.again = false;
    this.ended = false;
    this.fetching = false;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @type {Map<string, (outcome: Outcome|null) => void>} */
    this.watched = new Map();
    this.online = () => {
      if (this.network === "offline") this.network = "trying";
      this.failures = 0;
      this.now();
    };
    this.offline = () => this.lost();
  }

  start() {
    addEventListener("online", this.online);
    addEventListener("offline", this.offline);
    this.now();
  }

  end() {
    this.ended = true;
    removeEventListener("online", this.online);
    removeEventListener("offline", this.offline);
    clearTimeout(this.timer);
    this.release();
  }

  /** There was no answer: what somebody waits for is safe here and goes later. */
  lost() {
    this.network = "offline";
    this.probing = true;
    this.release();
    this.desk.changed();
  }

  /**
   * An answer came.
   * @param {string} at
   */
  reached(at) {
    this.network = "online";
    this.probing = false;
    this.onlineAt = at;
    this.failures = 0;
  }

  release() {
    for (const say of this.watched.values()) say(null);
    this.watched.clear();
  }

  /**
   * The register's answer to a row; null when it does not come in time.
   * @param {string} id
   * @param {number} patience
   * @returns {Promise<Outcome|null>}
   */
  watch(id, patience) {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        if (this.watched.delete(id)) {
          this.network = "offline";
          done(null);
          this.desk.changed();
        }
      }, patience);
      this.watched.set(id, (outcome) => {
        clearTimeout(timer);
        done(outcome);
      });
    });
  }

  /**
   * Send what waits. Asked while it is sending, it sends once more afterwards.
   * @returns {Promise<boolean>} whether the register answered
   */
  now() {
    if (this.ended) return Promise.resolve(false);
    if (this.running) {
      this.again = true;
      return this.running;
    }
    clearTimeout(this.timer);
    this.again = false;
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again && !this.failures) this.now();
      else this.plan();
      this.desk.changed();
    });
    this.desk.changed();
    return this.running;
  }

  async run() {
    try {
      if (!(await this.desk.mayRead())) return false;
      let more = true;
      while (more && !this.ended) {
        this.again = false;
        more = (await this.round()) || this.again;
      }
      return true;
    } catch (away) {
      if (this.ended) return false;
      if (!(away instanceof Away) && !this.desk.noRoom(away)) console.warn("till:", away);
      this.failures += 1;
      this.lost();
      return false;
    }
  }

  plan() {
    if (this.ended) return;
    const failed = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    const wait = this.failures ? failed : this.desk.queue.counts().waiting ? KEPT_WAIT : EVERY;
    // Fifty tills that lost the same network do not come back in the same second.
    this.timer = setTimeout(() => this.now(), wait * (0.75 + Math.random() / 2));
  }

  /**
   * One call with up to 500 rows.
   * @returns {Promise<boolean>} whether there is more to send at once
   */
  async round() {
    const { desk } = this;
    const asking = this.probing && this.watched.size === 0;
    const batch = asking ? [] : await desk.queue.take(new Set(this.watched.keys()), this.shy, this.most);
    const body = { rows: batch.map(onTheWire), ...(await desk.about(batch)) };
    const heard = await post("sync", body, { token: desk.token(), patience: PATIENCE }).catch((away) => {
      if (away.status >= 500) this.stumbled(batch);
      throw away;
    });
    if (this.ended) return false;
    if (heard.status === 403 && heard.said.stopped) return this.stop(heard.said.stopped);
    if (heard.status === 401) return this.stop("not-accepted");
    if (UNREADABLE.includes(heard.status)) return this.smaller(batch, heard.status);
    if (heard.status !== 200) throw new Away(`status ${heard.status}`);
    const { token, now, answers, sheet, list } = heard.said;
    if (typeof token !== "string" || !Array.isArray(answers)) throw new Away("half an answer");
    // Token and answers in one step: whatever is lost before it is asked again with the token that is stored.
    const { outcomes, news, kept } = await desk.queue.settle(answers, new Set(this.watched.keys()), [await desk.tokenChange(token)]);
    desk.tokenStored(token);
    await desk.heard(now, heard.sent, heard.heard);
    const failures = asking ? this.failures : 0;
    this.reached(now);
    this.failures = failures;
    this.say(outcomes);
    if (news.length) await desk.tell(news);
    await this.reverse();
    if (sheet) await desk.keepSheet(sheet);
    if (list && list.url) this.fetchList(list);
    const waiting = desk.queue.waiting().length;
    if (!waiting) this.failures = 0;
    if (!asking) this.most = Math.min(MOST, 2 * this.most);
    return waiting > 0 && (asking || outcomes.length > kept);
  }

  /** @param {Outcome[]} outcomes */
  say(outcomes) {
    for (const outcome of outcomes) {
      const say = this.watched.get(outcome.id);
      if (say) {
        this.watched.delete(outcome.id);
        say(outcome);
      }
    }
    this.desk.changed();
  }

  /**
   * The server went wrong over these rows: fewer at a time, and one that it cannot take alone behind the others.
   * @param {Row[]} batch
   */
  stumbled(batch) {
    if (batch.length > 1) this.most = Math.ceil(batch.length / 2);
    else if (batch.length) this.shy.add(batch[0].id);
  }

  /** @param {any} why */
  async stop(why) {
    this.release();
    await this.desk.stopped(why);
    return false;
  }

  /**
   * The register could not read the whole of it: half of it then, down to the one row, which is set aside.
   * @param {Row[]} batch
   * @param {number} status
   */
  async smaller(batch, status) {
    if (batch.length === 0) throw new Away(`status ${status}`);
    if (batch.length > 1) {
      this.most = Math.ceil(batch.length / 2);
      return true;
    }
    this.most = MOST;
    const [row] = batch;
    await this.desk.queue.putAside(batch);
    const outcome = { id: row.id, where: "register", status: "aside", refusal: null, message: null, day: null, time: null };
    this.say([/** @type {Outcome} */ (outcome)]);
    return true;
  }

  async reverse() {
    const { desk } = this;
    for (const one of desk.queue.ripe()) {
      const how = { token: desk.token(), patience: PATIENCE };
      const { status, said } = await post(`uses/${one.id}/reverse`, { reason: one.reason }, how);
      if (![200, 404, 422].includes(status)) throw new Away(`status ${status}`);
      const done = status === 200 ? true : status === 404 ? null : false;
      const row = await desk.queue.reversed(one, done);
      if (row && done === false) await desk.tell([newsOfReversal(row, said)]);
      desk.changed();
    }
  }

  /** @param {any} list */
  async fetchList(list) {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const token = this.desk.token();
      await this.desk.keepList(list, (url) => fetchBytes(url, { token: token || "", patience: LIST_PATIENCE }));
    } catch (away) {
      // The list that is here stays; the next sync asks again.
      if (!(away instanceof Away) && !this.desk.noRoom(away)) console.warn("till:", away);
    } finally {
      this.fetching = false;
      this.desk.changed();
    }
  }
}

/**
 * @param {Row} row
 * @param {any} said
 * @returns {News}
 */
const newsOfReversal = (row, said) => ({
  id: row.id,
  kind: "not-undone",
  refusal: said.refusal || null,
  message: said.message || null,
  at: row.at,
  offering: row.offering,
  day: row.day,
});
