/* An open till at work: checks, records, and keeps what it is told. */

import { already, echo, online, outcome, typo } from "./answers.js";
import { Away, post } from "./calls.js";
import { readToken, tokenChange } from "./device.js";
import * as keys from "./keys.js";
import { Local } from "./local.js";
import { NotNow } from "./not_now.js";
import { onTheWire, MOST, Queue } from "./queue.js";
import { Full } from "./store.js";
import { Sync } from "./sync.js";

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./types.js").Echo} Echo */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").Stop} Stop */
/** @typedef {import("./queue.js").Row} Row */
/** @typedef {import("./queue.js").Place} Place */
/** @typedef {import("./device.js").Device} Device */

export const PATIENCE = 3_000;
const SHARE_PATIENCE = 10_000;
const SPARES = 2;
const MOST_NEWS = 200;

/**
 * What the work needs of the app around it.
 * @typedef {object} Around
 * @property {import("./store.js").Store} store
 * @property {import("./clock.js").Clock} clock
 * @property {() => Device} device
 * @property {(changes: Partial<Device>) => Promise<void>} change
 * @property {(stop: Stop) => Promise<void>} stopped
 * @property {() => void} changed
 * @property {() => void} heard the register's clock has been read
 * @property {(full: boolean) => void} full
 * @property {() => Promise<boolean|null>} persisted
 */

export class Work {
  /**
   * @param {Around} around
   * @param {keys.Keys} open
   * @param {Uint8Array} p
   */
  constructor(around, open, p) {
    this.around = around;
    this.open = open;
    this.p = p;
    /** @type {string|null} */
    this.token = null;
    this.queue = new Queue(around.store, open.rows);
    this.local = new Local();
    /** @type {Sheet|null} */
    this.sheet = null;
    /** @type {Place|null} */
    this.place = null;
    /** @type {News[]} */
    this.news = [];
    /** @type {CryptoKey|null} */
    this.sealTo = null;
    /** @type {Map<string, Promise<Outcome>>} */
    this.recording = new Map();
    this.sync = new Sync(this.desk());
  }

  /** @returns {import("./sync.js").Desk} */
  desk() {
    const { around } = this;
    return {
      queue: this.queue,
      mayRead: () => this.share(),
      token: () => this.token,
      tokenChange: (token) => tokenChange(/** @type {CryptoKey} */ (this.open.token), token),
      tokenStored: (token) => (this.token = token),
      about: (batch) => this.about(batch),
      heard: (told, sent, heard) => this.heard(told, sent, heard),
      keepSheet: (sheet) => this.keepSheet(sheet),
      keepList: (list, fetch) => this.keepList(list, fetch),
      stopped: (stop) => around.stopped(stop),
      tell: (news) => this.tell(news),
      noRoom: (error) => {
        if (error instanceof Full) around.full(true);
        return error instanceof Full;
      },
      changed: around.changed,
    };
  }

  /** Read what the device keeps. */
  async begin() {
    const { store } = this.around;
    const device = this.around.device();
    this.sealTo = await keys.sealKey(device.sealKey);
    await this.local.begin(device.listKey);
    await this.queue.load();
    this.news = (await this.readJson("news", this.open.rows)) || [];
    this.place = await this.readJson("place", this.open.rows);
    if (this.open.token) this.token = await readToken(store, this.open.token);
    await this.readData();
    await this.forget();
  }

  async readData() {
    const { data } = this.open;
    if (!data) return;
    this.sheet = await this.readJson("sheet", data);
    const boxed = await this.around.store.read("blobs", "list");
    try {
      if (boxed) await this.local.load(await keys.unbox(data, boxed, "blobs list"));
    } catch (broken) {
      // One that does not open is asked for again, whole.
      this.local.list = null;
    }
  }

  /** @param {string} key @param {CryptoKey} under */
  async readJson(key, under) {
    const boxed = await this.around.store.read("blobs", key);
    return boxed ? keys.unboxJson(under, boxed, `blobs ${key}`).catch(() => null) : null;
  }

  /** @param {string} key @param {any} value @param {CryptoKey} under */
  async keepJson(key, value, under) {
    const boxed = await keys.boxJson(under, value, `blobs ${key}`);
    await this.around.store.write([{ table: "blobs", key, value: boxed }]);
  }

  end() {
    this.sync.end();
    this.queue.ended = true;
  }

  /** Past four in the morning: what was answered, and who was here. */
  async forget() {
    await this.queue.forget(this.around.clock.now());
  }

  // --- the register ---

  /**
   * The register's share, which lets the device speak for itself.
   * @returns {Promise<boolean>}
   */
  async share() {
    if (this.token) return true;
    const device = this.around.device();
    const { status, said } = await post(
      "unlock",
      { device: device.id, proof: await keys.proofOf(this.p) },
      { patience: SHARE_PATIENCE }
    );
    if (status === 200 && typeof said.share === "string") {
      const wraps = await this.wraps();
      this.open = await keys.unwrapOnline(this.open, wraps, this.p, keys.decode(said.share));
      this.token = await readToken(this.around.store, /** @type {CryptoKey} */ (this.open.token));
      await this.readData();
      return true;
    }
    await this.around.stopped(status === 403 && said.stopped ? said.stopped : "not-accepted");
    return false;
  }

  /** The wraps that this P opens: the PIN's or the passkey's. */
  async wraps() {
    const { wraps, passkey } = this.around.device();
    const pin = await keys.unwrapOffline(wraps, this.p).then(
      () => true,
      () => false
    );
    return pin || !passkey ? wraps : passkey.wraps;
  }

  /** @param {Row[]} batch */
  async about(batch) {
    const { waiting, since } = this.queue.counts(batch);
    return {
      waiting,
      waiting_since: since,
      storage_kept: await this.around.persisted(),
      list: this.local.sha(),
      sheet: this.sheet ? this.sheet.etag : null,
    };
  }

  /** @param {string} told @param {number} sent @param {number} heard */
  async heard(told, sent, heard) {
    const { clock } = this.around;
    if (!clock.hear(told, sent, heard)) return;
    this.around.full(false);
    this.around.heard();
    if (Math.abs(clock.offset - this.around.device().offset) > 2000) await this.around.change({ offset: clock.offset });
  }

  /** @param {any} sheet */
  async keepSheet(sheet) {
    if (!this.open.data) return;
    await this.keepJson("sheet", sheet, this.open.data);
    this.sheet = sheet;
    if (sheet.gate_offering && this.place === null) this.choose(sheet.gate_offering);
    this.around.changed();
  }

  /** @param {any} told @param {(url: string) => Promise<Uint8Array>} fetch */
  async keepList(told, fetch) {
    const { data } = this.open;
    if (!data) return;
    const list = await this.local.made(await fetch(told.url));
    const boxed = await keys.box(data, list.bytes, "blobs list");
    await this.around.store.write([{ table: "blobs", key: "list", value: boxed }]);
    this.local.list = list;
  }

  /** @param {News[]} news */
  async tell(news) {
    const ids = new Set(news.map((one) => `${one.id} ${one.kind}`));
    const kept = this.news.filter((one) => !ids.has(`${one.id} ${one.kind}`));
    this.news = [...kept, ...news].slice(-MOST_NEWS);
    await this.keepJson("news", this.news, this.open.rows);
    this.around.changed();
  }

  /** @param {string[]} ids */
  async seen(ids) {
    this.news = this.news.filter((one) => !ids.includes(one.id));
    await this.keepJson("news", this.news, this.open.rows);
    this.around.changed();
  }

  // --- where the till stands ---

  /** @param {string|null} offering @param {string} [day] */
  choose(offering, day) {
    const found = this.offering(offering);
    const first = found && found.kind === "event" ? found.first_day : this.around.clock.today();
    this.place = { offering, day: day || first };
    this.keepJson("place", this.place, this.open.rows).catch(() => {});
    this.around.changed();
  }

  /** @param {string|null} id */
  offering(id) {
    return (id && this.sheet?.offerings.find((one) => one.id === id)) || null;
  }

  /**
   * What is recorded there unless something else is said.
   * @param {string|null} offering
   * @returns {Held["kind"]}
   */
  kind(offering) {
    const found = this.offering(offering);
    return found?.usual_kind || (found?.kind === "course" ? "course" : "ticket");
  }

  // --- checking ---

  /**
   * What a row remembers of its card: 32 bits, which thousands of codes share.
   * @param {string} code
   */
  async tag(code) {
    const tag = await this.local.tag(code);
    return tag && tag.tag.toString(16).padStart(8, "0");
  }

  /** @param {string} text @returns {Promise<Verdict>} */
  async check(text) {
    const place = this.place || { offering: null, day: this.around.clock.today() };
    const read = this.local.read(text, this.sheet);
    /** @type {Held} */
    const held = {
      id: crypto.randomUUID(), code: read.code || text.trim().slice(0, 64), ...place, kind: this.kind(place.offering),
      holder: null, children: 0, assistants: 0, clients: 0, workers: 0, until: null,
    };
    if (read.kind === "typo") return typo(this.sync.network === "online");
    const here = await this.here(held);
    // A number of kept places and a row without a code are sorted out by the register when the row arrives.
    const named = read.kind === "own" || read.kind === "series";
    if (named && this.sync.network !== "offline" && this.token) {
      const answer = await this.ask(held);
      if (answer) return here.waits && answer.state === "valid" ? already(answer, held, here) : answer;
    }
    return this.local.judge(held, read, { sheet: this.sheet, now: this.around.clock.now(), here, taken: this.taken(place) });
  }

  /** @param {Held} held @returns {Promise<Verdict|null>} null: no answer in time */
  async ask(held) {
    const { code, offering, day } = held;
    let heard;
    try {
      heard = await post("check", { code, offering, day }, { token: this.token, patience: PATIENCE });
    } catch (away) {
      if (!(away instanceof Away)) throw away;
      this.sync.failures = Math.max(1, this.sync.failures);
      this.sync.lost();
      this.sync.plan();
      return null;
    }
    const { status, said } = heard;
    if (status === 403 && said.stopped) {
      // A gate pass that has ended may still send what it has.
      if (said.stopped !== "ended") await this.around.stopped(said.stopped);
      throw new NotNow("stopped", { stop: said.stopped });
    }
    if (status !== 200 || typeof said.allowed !== "boolean") {
      this.sync.now();
      return null;
    }
    this.sync.reached(new Date(this.around.clock.now()).toISOString());
    this.around.changed();
    return online(said, held);
  }

  /**
   * What this device itself has recorded of the same card here.
   * @param {Held} held
   */
  async here(held) {
    const tag = await this.tag(held.code);
    const rows = tag ? this.queue.rows().filter((row) => row.tag === tag && sameTicket(row, held, this.offering(held.offering))) : [];
    const standing = rows.filter((row) => (row.state === "waiting" || row.state === "done") && !this.queue.items.has(`${row.id} reversed`));
    const stored = standing.filter((row) => row.status !== "already-recorded");
    const own = stored.find((row) => row.holder !== 0);
    return {
      own: own ? own.at : null,
      children: stored.reduce((sum, row) => sum + row.children, 0),
      waits: stored.some((row) => row.state === "waiting" && row.holder !== 0),
    };
  }

  /**
   * Places given here since the day sheet was made.
   * @param {Place} place
   */
  taken(place) {
    const since = this.sheet ? Date.parse(this.sheet.as_of) : 0;
    let places = 0;
    let children = 0;
    for (const row of this.queue.rows()) {
      if (row.offering !== place.offering || (row.state !== "waiting" && row.state !== "done")) continue;
      if (row.state === "done" && Date.parse(row.at) < since) continue;
      places += (row.holder ?? (row.clients || row.workers ? 0 : 1)) + row.children + row.clients + row.workers;
      children += row.children + row.clients;
    }
    return { places, children };
  }

  // --- recording ---

  /** @param {Held} held @param {Verdict} [verdict] @returns {Promise<Outcome>} */
  record(held, verdict) {
    const running = this.recording.get(held.id);
    if (running) return running;
    const mine = this.store(held, verdict).finally(() => this.recording.delete(held.id));
    this.recording.set(held.id, mine);
    return mine;
  }

  /** @param {Held} held @param {Verdict} [verdict] @returns {Promise<Outcome>} */
  async store(held, verdict) {
    if (!(held.holder ?? 1) && !(held.children + held.assistants + held.clients + held.workers)) throw new NotNow("empty");
    const asks = this.sync.network !== "offline" && Boolean(this.token) && verdict?.online !== false;
    const { row, again } = await this.keepRow(held, asks);
    this.around.changed();
    if (again && row.state !== "waiting") return outcome(row, "register");
    if (!asks) {
      this.sync.now();
      return outcome(row, "device");
    }
    const waiting = this.sync.watch(row.id, PATIENCE);
    this.sync.now();
    const answer = await waiting;
    if (!answer || answer.status === "keep") return outcome(row, "device");
    return answer;
  }

  /** @param {Held} held @param {boolean} asks @returns {Promise<{row: Row, again: boolean}>} */
  async keepRow(held, asks) {
    const { clock } = this.around;
    const known = this.queue.row(held.id);
    if (known) return { row: known, again: true };
    const spares = Array.from({ length: SPARES }, () => crypto.randomUUID());
    const [tag, sealed, ...others] = await Promise.all([
      this.tag(held.code),
      ...[held.id, ...spares].map((id) => this.seal(held.code, id)),
    ]);
    const { id, offering, day, kind, holder, children, assistants, clients, workers, until } = held;
    try {
      return await this.queue.add({
        id, offering, day, kind, holder, children, assistants, clients, workers, until, tag,
        at: clock.stamp(),
        source: asks ? "online" : "offline",
        // What is sold for a coming day has not happened yet.
        happened: !asks && day <= clock.today(),
        sealed: /** @type {string} */ (sealed),
        spares: spares.map((spare, n) => ({ id: spare, sealed: /** @type {string} */ (others[n]) })),
        sent: asks,
      });
    } catch (why) {
      if (!(why instanceof Full)) throw why;
      this.around.full(true);
      throw new NotNow("storage-full");
    }
  }

  /** @param {string} code @param {string} id */
  seal(code, id) {
    return keys.seal(/** @type {CryptoKey} */ (this.sealTo), code, `${this.around.device().id}|${id}`);
  }

  // --- afterwards ---

  /** @param {string} id @returns {Promise<"undone"|"will-be"|"not-undone">} */
  async undo(id) {
    const done = await this.queue.undo(id, this.around.clock.stamp());
    this.around.changed();
    if (done === "gone") throw new NotNow("gone");
    if (done === "undone" || this.sync.network === "offline") return done;
    await Promise.race([this.sync.now(), new Promise((late) => setTimeout(late, PATIENCE))]);
    if (this.queue.items.has(`${id} reversed`)) return "will-be";
    return this.queue.row(id)?.state === "undone" ? "undone" : "not-undone";
  }

  /**
   * @param {string[]|Place} which
   * @param {Place} to
   * @returns {Promise<number>}
   */
  async move(which, to) {
    const ids = Array.isArray(which)
      ? which
      : this.queue.rows().filter((row) => row.offering === which.offering && row.day === which.day).map((row) => row.id);
    const moved = await this.queue.move(ids, { ...to, kind: this.kind(to.offering) }, this.around.clock.stamp());
    this.around.changed();
    this.sync.now();
    return moved;
  }

  /** @param {string} id @param {"again"|"drop"} what */
  async setAside(id, what) {
    if (!(await this.queue.settleAside(id, what))) throw new NotNow("gone");
    this.news = this.news.filter((one) => one.id !== id);
    await this.keepJson("news", this.news, this.open.rows);
    this.around.changed();
    if (what === "again") this.sync.now();
  }

  /** A stopped device gives what it holds to its workplace, where a person takes it or leaves it. */
  async handOver() {
    let taken = 0;
    const proof = await keys.proofOf(this.p);
    for (;;) {
      const open = [...this.queue.waiting(), ...this.queue.aside()].filter((row) => row.status !== "left");
      const rows = open.slice(0, MOST);
      if (!rows.length) return { taken };
      const heard = await post(
        "hand-over",
        { device: this.around.device().id, proof, rows: rows.map(onTheWire) },
        { patience: SHARE_PATIENCE * 2 }
      ).catch(() => null);
      if (!heard || heard.status !== 200) throw new NotNow(heard?.status === 401 ? "stopped" : "no-network");
      const broken = new Set(answersOf(heard.said).filter((one) => one.status === "broken").map((one) => one.id));
      await this.queue.handedOver(rows.filter((row) => !broken.has(row.id)).map((row) => row.id));
      await this.queue.putAside(rows.filter((row) => broken.has(row.id)), "left");
      taken += rows.length - broken.size;
      this.around.changed();
    }
  }

  /** @returns {Echo[]} newest first */
  records() {
    return this.queue.rows().reverse().map(echo);
  }

  /** @returns {Echo[]} */
  waiting() {
    return [...this.queue.waiting(), ...this.queue.aside()].map(echo);
  }
}

/**
 * Whether a row holds the card's ticket for the same thing (rule 27): an event or course once, else once a day.
 * @param {Row} row
 * @param {Held} held
 * @param {import("./types.js").OfferingFace|null} offering
 */
function sameTicket(row, held, offering) {
  if (row.offering !== held.offering) return false;
  return Boolean(offering && offering.kind !== "open") || row.day === held.day;
}

/**
 * @param {any} said
 * @returns {{id: string, status: string}[]}
 */
const answersOf = (said) => (Array.isArray(said.answers) ? said.answers : []);
