/* The till without its screen: everything a screen needs, and nothing of how it is done.

     const till = await openTill();
     till.watch((state) => draw(state));

   Every method that cannot do what it was asked rejects with a `NotNow`, whose `why` says the reason as a value. */

import { post } from "./calls.js";
import { Clock, lastFour, nextFour } from "./clock.js";
import * as devices from "./device.js";
import * as keys from "./keys.js";
import { Idle, TabLock } from "./lock.js";
import { NotNow } from "./not_now.js";
import * as passkeys from "./passkey.js";
import { glance, sweep } from "./queue.js";
import { Full, openStore } from "./store.js";
import { keepVersions } from "./versions.js";
import { PATIENCE, Work } from "./work.js";

export { NotNow };

/** @typedef {import("./types.js").TillState} TillState */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./types.js").Echo} Echo */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Stop} Stop */
/** @typedef {import("./types.js").Stage} Stage */
/** @typedef {import("./device.js").Device} Device */
/** @typedef {{offering: string|null, day: string}} Place */

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
 * @property {(code: string) => Promise<Verdict>} check what was read, typed or scanned
 * @property {(held: Held, verdict?: Verdict) => Promise<Outcome>} record resolves when the register has answered, or
 *   after three seconds when the row is safe on this device; never before it is stored here
 * @property {(id: string) => Promise<"undone"|"will-be"|"not-undone">} undo `will-be`: as soon as there is a network
 * @property {() => Promise<Echo[]>} records tonight's records of this device, newest first
 * @property {() => Promise<Echo[]>} queue rows that wait, oldest first, those set aside last
 * @property {(which: string[]|Place, to: Place) => Promise<number>} moveToOffering
 *   the wrong event was chosen: moves these rows, or all of tonight's of one event; how many
 * @property {() => Promise<boolean>} sendNow whether the register answered
 * @property {(id: string, what: "again"|"drop") => Promise<void>} setAside what becomes of a row set aside
 * @property {() => Promise<{taken: number}>} handOver a stopped device gives its queue to the workplace
 * @property {() => Promise<void>} forget a stopped device whose queue is empty becomes a browser like any other
 * @property {(ids: string[]) => void} seen these news have been read
 */

const TICK = 5_000;
const ENROL_PATIENCE = 20_000;
const LEAST_PIN = /^\d{6,}$/;

/** @implements {Till} */
class App {
  constructor() {
    /** @type {Stage} */
    this.stage = "locked";
    /** @type {import("./store.js").Store|null} */
    this.store = null;
    /** @type {Device|null} */
    this.device = null;
    /** @type {Work|null} */
    this.work = null;
    this.clock = new Clock();
    this.idle = new Idle();
    this.storageFull = false;
    /** @type {boolean|null} */
    this.storageKept = null;
    this.newVersion = false;
    this.waitingHere = 0;
    /** @type {Set<(state: TillState) => void>} */
    this.listeners = new Set();
    this.told = false;
    this.night = lastFour(this.clock.now());
    this.tab = new TabLock(
      () => {},
      () => this.lostTab()
    );
    this.versions = keepVersions((waits) => {
      this.newVersion = waits;
      this.renew();
      this.changed();
    });
  }

  // --- opening ---

  async begin() {
    if (!window.isSecureContext || !crypto.subtle || !navigator.locks || !window.indexedDB) return this.be("cannot");
    setInterval(() => this.tick(), TICK);
    addEventListener("visibilitychange", () => this.tick());
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.busy(), { passive: true });
    this.tab.got = () => this.gotTab();
    if (!(await this.tab.begin())) this.be("other-tab");
    else await this.ready;
  }

  gotTab() {
    this.ready = this.read().catch(() => this.be("cannot"));
  }

  /** What this browser is, before any PIN. */
  async read() {
    this.store = await openStore();
    this.device = await devices.readDevice(this.store);
    this.storageKept = await persisted();
    if (!this.device) return this.be(devices.wasHere() ? "wiped" : "new");
    this.clock.set(this.device.offset);
    await sweep(this.store, this.clock.now());
    this.waitingHere = await glance(this.store);
    this.be(this.device.stopped || this.over() ? "stopped" : "locked");
    this.renew();
  }

  lostTab() {
    this.work?.end();
    this.work = null;
    this.be("other-tab");
  }

  async takeOver() {
    await this.tab.steal();
    await this.ready;
  }

  /** A new version of the app takes over while nobody is at work here. */
  renew() {
    if (this.newVersion && this.tab.held && !this.work) this.versions.takeOver();
  }

  // --- state ---

  /** @param {Stage} stage */
  be(stage) {
    this.stage = stage;
    this.changed();
  }

  changed() {
    if (this.told) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      const state = this.state();
      for (const listener of this.listeners) listener(state);
    });
  }

  /** @param {(state: TillState) => void} listener */
  watch(listener) {
    this.listeners.add(listener);
    listener(this.state());
    return () => this.listeners.delete(listener);
  }

  /** @returns {TillState} */
  state() {
    const { work, device, clock } = this;
    const queue = work ? work.queue.counts() : { waiting: this.waitingHere, since: null, aside: 0 };
    const kept = device?.keptUntil || null;
    return {
      stage: this.stage,
      device: device && {
        id: device.id, label: device.label, kind: device.kind, workplace: device.workplace, expiresAt: device.expiresAt,
        onlineOnly: device.onlineOnly, passkey: Boolean(device.passkey),
      },
      network: work ? work.sync.network : navigator.onLine ? "trying" : "offline",
      onlineAt: work ? work.sync.onlineAt : null,
      stopped: this.stoppedNow(),
      unlocked: Boolean(work),
      speaks: Boolean(work && work.token),
      keptUntil: kept ? new Date(kept).toISOString() : null,
      locksAt: work ? this.idle.locksAt() : null,
      storageFull: this.storageFull,
      storageKept: this.storageKept,
      clockOff: device ? clock.off() : 0,
      list: work ? work.local.face(clock.now()) : null,
      queue: { ...queue, sending: Boolean(work && work.sync.running) },
      news: work ? work.news : [],
      place: work ? work.place : null,
      newVersion: this.newVersion,
    };
  }

  /** @returns {Stop|null} */
  stoppedNow() {
    if (this.stage !== "stopped") return null;
    return this.device?.stopped || this.unaccepted || (this.over() ? "ended" : null);
  }

  // --- time ---

  async tick() {
    const now = this.clock.now();
    const night = lastFour(now);
    if (night !== this.night) {
      this.night = night;
      await this.work?.forget();
      if (this.store && this.tab.held && !this.work) await sweep(this.store, now);
    }
    this.ended();
    if (this.work && this.idle.due(now)) await this.lock();
    else this.changed();
  }

  busy() {
    this.idle.touch();
  }

  async keepUntilFour() {
    this.atWork();
    await this.change({ keptUntil: nextFour(this.clock.now()) });
    this.idle.keptUntil = /** @type {Device} */ (this.device).keptUntil;
    this.changed();
  }

  // --- enrolling and unlocking ---

  passkeyPossible() {
    return passkeys.possible();
  }

  /**
   * @param {string} code
   * @param {{pin: string, onlineOnly?: boolean, passkey?: boolean}} how
   */
  async enrol(code, { pin, onlineOnly = false, passkey = false }) {
    if (this.stage === "other-tab" || !this.store) throw new NotNow("other-tab");
    if (!LEAST_PIN.test(pin)) throw new NotNow("pin-too-short");
    const finger = passkey ? await this.finger(passkeys.makePasskey("Kaikukortti")) : null;
    // The same code and PIN once more, after an answer that was lost, make the same proof.
    if (this.trying?.code !== code || this.trying.pin !== pin) this.trying = { code, pin, salt: keys.random(16) };
    const { salt } = this.trying;
    const p = await keys.stretch(pin, salt);
    const body = {
      code: code.trim(),
      proof: await keys.proofOf(p),
      passkey_proof: finger ? await keys.proofOf(finger.p) : null,
    };
    const heard = await post("enrol", body, { patience: ENROL_PATIENCE }).catch(() => null);
    if (!heard) throw new NotNow("no-network");
    if (heard.status === 429) throw new NotNow("wait", { seconds: 15 * 60 });
    if (heard.status !== 200 || !heard.said.token) throw new NotNow("wrong-code");
    const { device, open } = await devices.makeDevice(heard.said, { p, salt, onlineOnly, passkey: finger });
    await this.stored([
      devices.deviceChange(device),
      await devices.tokenChange(/** @type {CryptoKey} */ (open.token), heard.said.token),
    ]);
    this.trying = null;
    devices.markHere();
    this.device = device;
    if (navigator.storage?.persist) this.storageKept = await navigator.storage.persist().catch(() => null);
    await this.open(open, p);
  }

  /** @param {import("./store.js").Change[]} changes */
  async stored(changes) {
    try {
      await /** @type {import("./store.js").Store} */ (this.store).write(changes);
    } catch (why) {
      if (!(why instanceof Full)) throw why;
      this.storageFull = true;
      this.changed();
      throw new NotNow("storage-full");
    }
  }

  /**
   * @template T
   * @param {Promise<T>} asked
   * @returns {Promise<T>}
   */
  finger(asked) {
    return asked.catch((why) => {
      throw new NotNow(why instanceof passkeys.NotHere ? "passkey-not-here" : "passkey-put-off");
    });
  }

  /** @param {{pin: string} | {passkey: true}} how */
  async unlock(how) {
    const { device } = this;
    if (this.work) return;
    if (!device || !this.store || !this.tab.held) throw new NotNow("other-tab");
    const wait = device.waitUntil - Date.now();
    if (wait > 0 && wait < 10 * 60_000) throw new NotNow("wait", { seconds: Math.ceil(wait / 1000) });
    const pin = "pin" in how ? how.pin : null;
    if (pin === null && !device.passkey) throw new NotNow("passkey-not-here");
    const passkey = /** @type {NonNullable<Device["passkey"]>} */ (device.passkey);
    const p = pin === null ? await this.finger(passkeys.askPasskey(passkey)) : await keys.stretch(pin, device.salt);
    const wraps = pin === null ? passkey.wraps : device.wraps;
    const open = await keys.unwrapOffline(wraps, p).catch(() => null);
    if (!open) return this.wrongPin(p);
    await this.change({ wrong: 0, waitUntil: 0 });
    if (!open.data && this.stage !== "stopped") await this.openOnline(open, p);
    else await this.open(open, p);
  }

  /**
   * The register counts along, so that ten wrong ones in a row stop the device.
   * @param {Uint8Array} p
   */
  async wrongPin(p) {
    const device = /** @type {Device} */ (this.device);
    const wrong = device.wrong + 1;
    await this.change({ wrong, waitUntil: Date.now() + devices.waitAfter(wrong) });
    const proof = await keys.proofOf(p);
    const heard = await post("unlock", { device: device.id, proof }, { patience: PATIENCE }).catch(() => null);
    if (heard?.status === 403 && heard.said.stopped) await this.stop(heard.said.stopped);
    throw new NotNow("wrong-pin", { triesLeft: heard?.said.tries_left });
  }

  /** @param {keys.Keys} open @param {Uint8Array} p */
  async openOnline(open, p) {
    const work = await this.prepared(open, p);
    try {
      if (!(await work.share())) return;
    } catch (away) {
      work.end();
      throw new NotNow("no-network");
    }
    await this.start(work);
  }

  /** @param {keys.Keys} open @param {Uint8Array} p */
  async open(open, p) {
    await this.start(await this.prepared(open, p));
  }

  /** @param {keys.Keys} open @param {Uint8Array} p */
  async prepared(open, p) {
    const { store, clock } = this;
    const work = new Work(
      {
        store: /** @type {import("./store.js").Store} */ (store),
        clock,
        device: () => /** @type {Device} */ (this.device),
        change: (changes) => this.change(changes),
        stopped: (stop) => this.stop(stop),
        changed: () => this.changed(),
        heard: () => this.ended(),
        full: (full) => {
          this.storageFull = full;
          this.changed();
        },
        persisted: async () => (this.storageKept = await persisted()),
      },
      open,
      p
    );
    await work.begin();
    return work;
  }

  /** @param {Work} work */
  async start(work) {
    const device = /** @type {Device} */ (this.device);
    this.work = work;
    this.idle.touch();
    const kept = device.keptUntil && device.keptUntil > this.clock.now() ? device.keptUntil : null;
    this.idle.keptUntil = kept;
    if (kept !== device.keptUntil) this.change({ keptUntil: kept }).catch(() => {});
    if (device.stopped) return this.be("stopped");
    this.unaccepted = null;
    work.sync.start();
    // Nobody chooses where the till stands before it knows what is on, when that is a moment away.
    if (!work.sheet) await Promise.race([work.sync.running, new Promise((late) => setTimeout(late, PATIENCE))]);
    if (this.work !== work || this.stoppedNow()) return;
    this.be(this.over() ? "stopped" : "open");
  }

  async lock() {
    const { work, device } = this;
    if (!work || !device || !this.store) return;
    // What waits goes now if it can: a locked till cannot speak.
    if (!device.stopped && work.sync.network === "online" && work.queue.counts().waiting) {
      await Promise.race([work.sync.now(), new Promise((late) => setTimeout(late, PATIENCE))]);
    }
    work.end();
    this.work = null;
    this.waitingHere = work.queue.counts().waiting + work.queue.counts().aside;
    if (this.idle.keptUntil !== null) await this.change({ keptUntil: null }).catch(() => {});
    this.idle.keptUntil = null;
    this.be(device.stopped || this.over() ? "stopped" : "locked");
    this.renew();
  }

  /** @param {Stop} stop */
  async stop(stop) {
    this.work?.sync.end();
    this.unaccepted = stop === "not-accepted" ? stop : null;
    if (stop !== "not-accepted") await this.change({ stopped: stop });
    this.be("stopped");
  }

  /** @type {Stop|null} */
  unaccepted = null;

  /** @type {{code: string, pin: string, salt: Uint8Array}|null} */
  trying = null;

  /** A gate pass ends by the register's clock, which may only be heard after it was opened. */
  ended() {
    if (!this.work || this.device?.stopped || this.unaccepted) return;
    if (this.stage !== "open" && this.stage !== "stopped") return;
    const stage = this.over() ? "stopped" : "open";
    if (stage !== this.stage) this.be(stage);
  }

  /** A gate pass past its end checks and records no more; what it has it still sends. */
  over() {
    const ends = this.device?.expiresAt;
    return Boolean(ends && Date.parse(ends) <= this.clock.now());
  }

  /** @param {Partial<Device>} changes */
  async change(changes) {
    this.device = { .../** @type {Device} */ (this.device), ...changes };
    await this.stored([devices.deviceChange(this.device)]);
  }

  async handOver() {
    if (!this.work) throw new NotNow("locked");
    return this.work.handOver();
  }

  async forget() {
    if (!this.store || !this.tab.held) throw new NotNow("other-tab");
    if (await glance(this.store)) throw new NotNow("rows-left");
    this.work?.end();
    this.work = null;
    await this.store.clear();
    devices.unmark();
    this.device = null;
    this.be("new");
  }

  // --- at work ---

  /** @returns {Work} */
  atWork() {
    if (this.stage === "other-tab") throw new NotNow("other-tab");
    if (this.stage === "stopped") throw new NotNow("stopped", { stop: this.stoppedNow() || undefined });
    if (!this.work) throw new NotNow("locked");
    return this.work;
  }

  sheet() {
    return this.work ? this.work.sheet : null;
  }

  /** @param {string|null} offering @param {string} [day] */
  choose(offering, day) {
    this.atWork().choose(offering, day);
  }

  /** @param {string} code */
  async check(code) {
    return this.atWork().check(code);
  }

  /** @param {Held} held @param {Verdict} [verdict] */
  async record(held, verdict) {
    return this.atWork().record(held, verdict);
  }

  /** @param {string} id */
  async undo(id) {
    return this.atWork().undo(id);
  }

  async records() {
    return this.work ? this.work.records() : [];
  }

  async queue() {
    return this.work ? this.work.waiting() : [];
  }

  /** @param {string[]|Place} which @param {Place} to */
  async moveToOffering(which, to) {
    return this.atWork().move(which, to);
  }

  async sendNow() {
    return this.atWork().sync.now();
  }

  /** @param {string} id @param {"again"|"drop"} what */
  async setAside(id, what) {
    return this.atWork().setAside(id, what);
  }

  /** @param {string[]} ids */
  seen(ids) {
    this.work?.seen(ids).catch(() => {});
  }
}

/** @returns {Promise<boolean|null>} */
const persisted = () => navigator.storage?.persisted?.().catch(() => null) ?? Promise.resolve(null);

/** @type {Promise<Till>|null} */
let opened = null;

/** @returns {Promise<Till>} the one till of this page */
export function openTill() {
  if (!opened) {
    const app = new App();
    opened = app.begin().then(() => app);
  }
  return opened;
}
