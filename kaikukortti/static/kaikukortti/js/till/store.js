/* The device's own store: three tables of IndexedDB, written so that a power cut loses nothing that was confirmed.

   `device` holds what opens the rest, and nothing worth reading; `rows` and `blobs` hold sealed boxes only. */

const NAME = "kaikukortti-till";
/** @typedef {"device"|"rows"|"blobs"} Table */
/** @typedef {{table: Table, key: string, value?: any}} Change a change without a value removes */
const TABLES = /** @type {Table[]} */ (["device", "rows", "blobs"]);

/** There was no room for it: nothing of the change is stored. */
export class Full extends Error {}

/** @param {any} why */
const reason = (why) => (why?.name === "QuotaExceededError" ? new Full("no room") : why || new Error("not stored"));

export class Store {
  /** @param {IDBDatabase} base */
  constructor(base) {
    this.base = base;
    // Another tab wants to clear or renew the store.
    base.onversionchange = () => base.close();
  }

  /**
   * All changes or none. Resolves when they are on the disk, not before.
   * @param {Change[]} changes
   * @returns {Promise<void>}
   */
  write(changes) {
    return new Promise((done, failed) => {
      /** @type {IDBTransaction} */
      let work;
      try {
        work = this.base.transaction(TABLES, "readwrite", { durability: "strict" });
        for (const { table, key, value } of changes) {
          if (value === undefined) work.objectStore(table).delete(key);
          else work.objectStore(table).put(value, key);
        }
      } catch (why) {
        failed(reason(why));
        return;
      }
      work.oncomplete = () => done();
      work.onabort = () => failed(reason(work.error));
    });
  }

  /**
   * @param {Table} table
   * @param {string} key
   * @returns {Promise<any>} undefined where there is none
   */
  read(table, key) {
    return this.ask(table, (rows) => rows.get(key));
  }

  /**
   * @param {Table} table
   * @returns {Promise<Map<string, any>>}
   */
  async all(table) {
    const [keys, values] = await Promise.all([
      this.ask(table, (rows) => rows.getAllKeys()),
      this.ask(table, (rows) => rows.getAll()),
    ]);
    return new Map(keys.map((/** @type {string} */ key, /** @type {number} */ n) => [key, values[n]]));
  }

  /**
   * @param {Table} table
   * @param {(rows: IDBObjectStore) => IDBRequest} what
   * @returns {Promise<any>}
   */
  ask(table, what) {
    return new Promise((done, failed) => {
      const asked = what(this.base.transaction(table).objectStore(table));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  /** Empty all three tables. */
  clear() {
    return new Promise((done, failed) => {
      const work = this.base.transaction(TABLES, "readwrite", { durability: "strict" });
      for (const table of TABLES) work.objectStore(table).clear();
      work.oncomplete = () => done(undefined);
      work.onabort = () => failed(work.error);
    });
  }
}

/** @returns {Promise<Store>} */
export function openStore() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const table of TABLES) asked.result.createObjectStore(table);
    };
    asked.onsuccess = () => done(new Store(asked.result));
    asked.onerror = () => failed(asked.error);
  });
}
