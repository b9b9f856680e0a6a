/* Tonight's rows on this device: what waits for the register's answer, what it could not take, and what has been
   answered, remembered until 04:00 without any code. Every change is on the disk before it is true here. */

import { lastFour } from "./clock.js";
import { boxJson, unboxJson } from "./keys.js";

/** @typedef {import("./types.js").Said} Said */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Change} Change */

/**
 * A row. `waiting`: the register has not answered; `aside`: it cannot take it; `done`, `undone`, `moved`: answered.
 * `sent`: it may have reached the register, so that its content must not change. `spares` are the same code sealed for
 * other ids: a row that has been sent moves to another event as a reversal and a new row.
 * @typedef {object} Row
 * @property {"row"} what
 * @property {string} id
 * @property {number} seq
 * @property {string|null} offering
 * @property {string} day
 * @property {string} at
 * @property {string} kind
 * @property {"online"|"offline"} source
 * @property {boolean} happened
 * @property {number|null} holder
 * @property {number} children
 * @property {number} assistants
 * @property {number} clients
 * @property {number} workers
 * @property {string|null} until
 * @property {string} sealed
 * @property {{id: string, sealed: string}[]} spares
 * @property {"waiting"|"aside"|"done"|"undone"|"moved"} state
 * @property {boolean} sent
 * @property {string} status
 * @property {string|null} refusal
 * @property {Said|null} message
 * @property {string|null} tag of the card, for "already here tonight"
 */

/**
 * A row to be reversed at the register, once the row itself has been answered.
 * @typedef {object} Reversal
 * @property {"reversal"} what
 * @property {string} id of the row
 * @property {number} seq
 * @property {string} at
 * @property {string} reason
 */

/** @typedef {Row|Reversal} Item */
/** @typedef {{id: string, status: string, refusal?: string|null, message?: Said|null, day?: string|null, time?: string|null}} Answer */
/** @typedef {{offering: string|null, day: string}} Place */

export const MOST = 500;
const ANSWERS = ["recorded", "flagged", "pending", "already-recorded", "refused", "conflict", "broken", "keep"];
const WIRE = /** @type {const} */ ([
  "id", "offering", "day", "at", "kind", "source", "holder", "children", "assistants", "clients", "workers", "until",
  "happened", "sealed",
]);

/** @param {Item} item */
const keyOf = (item) => (item.what === "row" ? item.id : `${item.id} reversed`);

/**
 * What may be read of an item while the device is locked: whether it still waits, and of which night it is.
 * @param {Item} item
 */
const outside = (item) => ({
  open: item.what === "reversal" || item.state === "waiting" || item.state === "aside",
  night: lastFour(Date.parse(item.at)),
});

/**
 * How many rows wait on a locked device.
 * @param {Store} store
 */
export async function glance(store) {
  return [...(await store.all("rows")).values()].filter((one) => one.open).length;
}

/**
 * What has been answered is forgotten at four in the morning also while the device is locked.
 * @param {Store} store
 * @param {number} now
 */
export async function sweep(store, now) {
  const tonight = lastFour(now);
  const rows = [...(await store.all("rows"))].filter(([, one]) => !one.open && one.night < tonight);
  if (rows.length) await store.write(rows.map(([key]) => ({ table: /** @type {const} */ ("rows"), key })));
}

/** @param {Row} row */
export const onTheWire = (row) => Object.fromEntries(WIRE.map((name) => [name, row[name]]));

/** Whether something is one of the answers that this device knows how to read.
 * @param {any} one
 */
export const readable = (one) => one && typeof one.id === "string" && ANSWERS.includes(one.status);

export class Queue {
  /**
   * @param {Store} store
   * @param {CryptoKey} key
   */
  constructor(store, key) {
    this.store = store;
    this.key = key;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    this.last = 0;
    /** @type {Promise<any>} */
    this.turn = Promise.resolve();
    // Another tab has become the till: nothing more is written here.
    this.ended = false;
  }

  async load() {
    for (const [key, boxed] of await this.store.all("rows")) {
      const item = await unboxJson(this.key, boxed, `rows ${key}`);
      this.items.set(key, item);
      this.last = Math.max(this.last, item.seq);
    }
  }

  /**
   * One change at a time: each sees what the one before has done.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  inTurn(work) {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return mine;
  }

  /**
   * On the disk first, then here.
   * @param {Item[]} changed
   * @param {Item[]} [removed]
   * @param {Change[]} [along] changes elsewhere that belong to this one
   */
  async save(changed, removed = [], along = []) {
    if (this.ended) throw new Error("another tab is the till");
    /** @type {Change[]} */
    const changes = [...along, ...removed.map((item) => ({ table: /** @type {const} */ ("rows"), key: keyOf(item) }))];
    for (const item of changed) {
      const key = keyOf(item);
      const boxed = await boxJson(this.key, item, `rows ${key}`);
      changes.push({ table: "rows", key, value: { ...boxed, ...outside(item) } });
    }
    if (changes.length) await this.store.write(changes);
    for (const item of removed) this.items.delete(keyOf(item));
    for (const item of changed) this.items.set(keyOf(item), item);
  }

  /** @returns {Row[]} oldest first */
  rows() {
    const rows = /** @type {Row[]} */ ([...this.items.values()].filter((item) => item.what === "row"));
    return rows.sort((one, other) => one.seq - other.seq);
  }

  waiting() {
    return this.rows().filter((row) => row.state === "waiting");
  }

  aside() {
    return this.rows().filter((row) => row.state === "aside");
  }

  reversals() {
    const all = /** @type {Reversal[]} */ ([...this.items.values()].filter((item) => item.what === "reversal"));
    return all.sort((one, other) => one.seq - other.seq);
  }

  /** Reversals whose row has been answered: the register knows by now whether there is anything to reverse. */
  ripe() {
    return this.reversals().filter((one) => this.row(one.id)?.state !== "waiting");
  }

  /**
   * @param {string} id
   * @returns {Row|undefined}
   */
  row(id) {
    const found = this.items.get(id);
    return found && found.what === "row" ? found : undefined;
  }

  /**
   * How much waits, and since when.
   * @param {Row[]} [but] rows that are on their way
   */
  counts(but = []) {
    const away = new Set(but.map((row) => row.id));
    const open = [...this.waiting().filter((row) => !away.has(row.id)), ...this.reversals()];
    const since = open.map((item) => item.at).sort()[0] || null;
    return { waiting: open.length, since, aside: this.aside().length };
  }

  /**
   * Stored before it resolves. The same id again is the same row.
   * @param {Omit<Row, "seq"|"state"|"status"|"refusal"|"message"|"what">} fields
   * @returns {Promise<{row: Row, again: boolean}>}
   */
  add(fields) {
    return this.inTurn(async () => {
      const known = this.row(fields.id);
      if (known) return { row: known, again: true };
      /** @type {Row} */
      const row = {
        ...fields, what: "row", seq: this.last + 1, state: "waiting", status: "device", refusal: null, message: null,
      };
      await this.save([row]);
      this.last = row.seq;
      return { row, again: false };
    });
  }

  /**
   * The next rows to send, marked as sent before they are. `first` are those that somebody waits for, `last` those
   * that others go before.
   * @param {Set<string>} first
   * @param {Set<string>} last
   * @param {number} most
   * @returns {Promise<Row[]>}
   */
  take(first, last, most) {
    return this.inTurn(async () => {
      /** @param {Row} row */
      const turn = (row) => (first.has(row.id) ? 0 : last.has(row.id) ? 2 : 1);
      const rows = this.waiting().sort((one, other) => turn(one) - turn(other));
      const batch = rows.slice(0, most).map((row) => ({ ...row, sent: true }));
      await this.save(batch.filter((row) => !this.row(row.id)?.sent));
      return batch;
    });
  }

  /**
   * The register's answers, row by row. What it says no to and nobody was told is recorded is gone; what somebody was
   * told is sent again as something that happened. A row without an answer stays.
   * @param {Answer[]} answers
   * @param {Set<string>} watched rows whose outcome somebody at the screen waits for
   * @param {Change[]} along
   * @returns {Promise<{outcomes: Outcome[], news: News[], kept: number}>}
   */
  settle(answers, watched, along) {
    return this.inTurn(async () => {
      /** @type {Outcome[]} */
      const outcomes = [];
      /** @type {News[]} */
      const news = [];
      const changed = [];
      const removed = [];
      let kept = 0;
      for (const answer of answers) {
        const row = readable(answer) && this.row(answer.id);
        if (!row || row.state !== "waiting") continue;
        const told = !watched.has(row.id);
        const next = settled(row, answer, told);
        if (next === null) removed.push(row);
        else if (next !== row) changed.push(next);
        else kept += 1;
        const kind = told && next ? newsOf(next, answer) : null;
        if (kind) news.push(newsItem(row, kind, answer));
        outcomes.push(outcomeOf(row, answer, next));
      }
      await this.save(changed, removed, along);
      return { outcomes, news, kept };
    });
  }

  /**
   * A row is taken back: at once where it cannot have left this device, else as a reversal that waits.
   * @param {string} id
   * @param {string} at
   * @returns {Promise<"undone"|"will-be"|"gone">}
   */
  undo(id, at) {
    return this.inTurn(async () => {
      const row = this.row(id);
      if (!row || row.state === "undone" || row.state === "moved") return "gone";
      if (row.state === "aside" && row.status !== "conflict") {
        await this.save([], [row]);
        return "undone";
      }
      if (row.state === "waiting" && !row.sent) {
        await this.save([{ ...row, state: "undone", status: "undone", sealed: "", spares: [], tag: null }]);
        return "undone";
      }
      await this.save([this.reversal(row, "other", at)]);
      return "will-be";
    });
  }

  /**
   * @param {Row} row
   * @param {string} reason
   * @param {string} at
   * @returns {Reversal}
   */
  reversal(row, reason, at) {
    this.last += 1;
    return { what: "reversal", id: row.id, seq: this.last, at, reason };
  }

  /**
   * The register has answered a reversal; `done` null: it no longer matters.
   * @param {Reversal} one
   * @param {boolean|null} done
   * @returns {Promise<Row|undefined>}
   */
  reversed(one, done) {
    return this.inTurn(async () => {
      const row = this.row(one.id);
      const over = row && done !== false && row.state !== "moved";
      await this.save(over ? [{ ...row, state: "undone", status: "undone", spares: [], tag: null }] : [], [one]);
      return row;
    });
  }

  /**
   * The wrong event was chosen: all of these rows in one act.
   * @param {string[]} ids
   * @param {Place & {kind: string}} to
   * @param {string} at
   * @returns {Promise<number>}
   */
  move(ids, to, at) {
    return this.inTurn(async () => {
      const changed = [];
      let moved = 0;
      for (const id of ids) {
        const row = this.row(id);
        if (!row || row.state === "undone" || row.state === "moved") continue;
        const there = { offering: to.offering, day: to.day, kind: to.kind };
        const held = row.state === "aside" && row.status !== "conflict"; // the register has stored nothing of it
        if (held || (row.state === "waiting" && !row.sent)) {
          changed.push({ ...row, ...there, state: "waiting", status: "device", source: "offline", happened: true });
        } else {
          const [spare, ...spares] = row.spares;
          if (!spare) continue;
          changed.push({
            ...row, ...there, ...spare, spares, seq: (this.last += 1), state: "waiting", status: "device",
            refusal: null, message: null, sent: false, source: "offline", happened: true,
          });
          // One that waits is answered first, and reversed then.
          if (row.state === "waiting") changed.push({ ...row, spares: [], tag: null });
          else changed.push({ ...row, state: "moved", status: "moved", spares: [], tag: null });
          if (row.status !== "conflict") changed.push(this.reversal(row, "wrong-event", at));
        }
        moved += 1;
      }
      await this.save(/** @type {Item[]} */ (changed));
      return moved;
    });
  }

  /**
   * A row set aside is sent once more, or dropped.
   * @param {string} id
   * @param {"again"|"drop"} what
   */
  settleAside(id, what) {
    return this.inTurn(async () => {
      const row = this.row(id);
      if (!row || row.state !== "aside") return false;
      if (what === "drop") await this.save([], [row]);
      else await this.save([{ ...row, state: "waiting", status: "device" }]);
      return true;
    });
  }

  /**
   * Set aside as they stand, for the register cannot read them.
   * @param {Row[]} rows
   * @param {string} [status]
   */
  putAside(rows, status = "aside") {
    return this.inTurn(async () => {
      await this.save(rows.map((row) => ({ ...(this.row(row.id) || row), state: "aside", status })));
    });
  }

  /** @param {string[]} ids rows that the workplace has taken over */
  handedOver(ids) {
    return this.inTurn(async () => {
      const gone = ids.flatMap((id) => [this.items.get(id), this.items.get(`${id} reversed`)]);
      await this.save([], /** @type {Item[]} */ (gone.filter(Boolean)));
    });
  }

  /**
   * At four in the morning what has been answered is forgotten, and so is who was here.
   * @param {number} now
   */
  forget(now) {
    return this.inTurn(async () => {
      const before = new Date(lastFour(now)).toISOString();
      const old = this.rows().filter((row) => row.at < before);
      const open = old.filter((row) => row.state === "waiting" || row.state === "aside");
      const gone = old.filter((row) => !open.includes(row) && !this.items.has(`${row.id} reversed`));
      const tagged = open.filter((row) => row.tag);
      if (gone.length || tagged.length) await this.save(tagged.map((row) => ({ ...row, tag: null })), gone);
    });
  }
}

/**
 * What becomes of a row by its answer: itself when it stays, null when nothing is left of it.
 * @param {Row} row
 * @param {Answer} answer
 * @param {boolean} told whether somebody was told that it is recorded
 * @returns {Row|null}
 */
function settled(row, answer, told) {
  const said = { status: answer.status, refusal: answer.refusal || null, message: answer.message || null };
  if (answer.status === "keep") return row;
  if (answer.status === "broken" || answer.status === "conflict") return { ...row, ...said, state: "aside" };
  if (answer.status !== "refused") return { ...row, ...said, state: "done", sealed: "" };
  if (!told) return null;
  // A refusal stores nothing: the same id may say it otherwise.
  if (!row.happened) return { ...row, source: "offline", happened: true };
  return { ...row, ...said, state: "aside" };
}

/**
 * @param {Row} row
 * @param {Answer} answer
 * @returns {News["kind"]|null}
 */
function newsOf(row, answer) {
  if (row.state === "aside") return answer.status === "conflict" ? "conflict" : "aside";
  return answer.status === "flagged" ? "flagged" : null;
}

/**
 * @param {Row} row
 * @param {News["kind"]} kind
 * @param {Answer|null} answer
 * @returns {News}
 */
export const newsItem = (row, kind, answer) => ({
  id: row.id,
  kind,
  refusal: answer?.refusal || null,
  message: answer?.message || null,
  at: row.at,
  offering: row.offering,
  day: row.day,
});

/**
 * @param {Row} row
 * @param {Answer} answer
 * @param {Row|null} next
 * @returns {Outcome}
 */
function outcomeOf(row, answer, next) {
  const aside = next && next.state === "aside" && answer.status === "broken";
  return {
    id: row.id,
    where: "register",
    status: /** @type {Outcome["status"]} */ (aside ? "aside" : answer.status),
    refusal: answer.refusal || null,
    message: answer.message || null,
    day: answer.day || null,
    time: answer.time || null,
  };
}
