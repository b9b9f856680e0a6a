/* A till of the tests: keeps the facade's promises of till.js without register, storage or keys. `window.fake` steers it. */

export class NotNow extends Error {
  constructor(why, more = {}) {
    super(why);
    Object.assign(this, { why }, more);
  }
}

const NONE = { waiting: 0, since: null, aside: 0, sending: false };
const said = (text) => ({ fi: text, sv: text, en: text });
const device = {
  id: "d", label: "Pääovi", kind: "till", workplace: said("Routa Company"), expiresAt: null, onlineOnly: false, passkey: false,
};
let state = {
  stage: "open", device, network: "online", onlineAt: null, stopped: null, unlocked: true, speaks: true, keptUntil: null,
  locksAt: null, storageFull: false, storageKept: true, clockOff: 0, list: null, queue: NONE, news: [], place: null, newVersion: false,
};
let echoes = [];
let waiting = [];
let sheet = null;
let verdicts = {};
let outcome = {};
let refuse = {};
const listeners = new Set();
const calls = [];

function set(change) {
  state = { ...state, ...change };
  for (const listener of listeners) listener(state);
}

const fail = (name) => {
  const why = refuse[name];
  if (why) throw new NotNow(why.why ?? why, why);
};

function verdictOf(code) {
  const known = verdicts[code.replace(/[\s*-]/g, "").toUpperCase()] ?? { state: "typo", refusal: "card-code-typo", admit: "no", held: null };
  const place = state.place ?? { offering: null, day: sheet?.today ?? "2026-11-24" };
  const verdict = {
    online: true, refusal: null, message: null, day: null, time: null, childPlaces: 0, assistant: true, community: false,
    placesLeft: null, listAsOf: null, admit: "yes", ...known,
  };
  const held = {
    id: crypto.randomUUID(), code, ...place, kind: "ticket", holder: null, children: 0, assistants: 0, clients: 0, workers: 0, until: null,
  };
  return { ...verdict, held: known.held === null ? null : { ...held, ...known.held } };
}

window.fake = {
  set, calls,
  give(what) {
    if (what.sheet) sheet = what.sheet;
    if (what.verdicts) verdicts = { ...verdicts, ...what.verdicts };
    if (what.outcome) outcome = what.outcome;
    if (what.echoes) echoes = what.echoes;
    if (what.waiting) waiting = what.waiting;
    if (what.refuse) refuse = what.refuse;
    set(what.state ?? {});
  },
};

export async function openTill() {
  if (window.fakeStart) window.fake.give(window.fakeStart);
  return {
    state: () => state,
    watch(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
    passkeyPossible: async () => Boolean(window.fakeStart?.passkey),
    async enrol(code, how) {
      calls.push(["enrol", code, how]);
      fail("enrol");
      set({ stage: "open", device });
    },
    async unlock(how) {
      calls.push(["unlock", how]);
      fail("unlock");
      set({ stage: state.stage === "stopped" ? "stopped" : "open", unlocked: true });
    },
    lock: async () => set({ stage: "locked", unlocked: false }),
    keepUntilFour: async () => set({ keptUntil: "2026-11-25T02:00:00Z" }),
    busy() {},
    takeOver: async () => set({ stage: "open" }),
    sheet: () => sheet,
    choose: (offering, day) => set({ place: { offering, day: day ?? sheet?.today } }),
    async check(code) {
      calls.push(["check", code]);
      await new Promise((done) => setTimeout(done, window.fake.slow ?? 0));
      fail("check");
      return verdictOf(code);
    },
    async record(held) {
      calls.push(["record", { ...held }]);
      await new Promise((done) => setTimeout(done, window.fake.slow ?? 0));
      fail("record");
      const made = { id: held.id, where: "register", status: "recorded", refusal: null, message: null, day: null, time: null, ...outcome };
      const stored = made.where === "device" || ["recorded", "flagged", "pending"].includes(made.status);
      const { code, ...echo } = held;
      if (stored) echoes = [{ ...echo, at: new Date().toISOString(), status: made.where === "device" ? "device" : made.status, refusal: null, message: null }, ...echoes];
      return made;
    },
    async undo(id) {
      calls.push(["undo", id]);
      echoes = echoes.map((one) => (one.id === id ? { ...one, status: "undone" } : one));
      return "undone";
    },
    records: async () => echoes,
    queue: async () => waiting,
    async moveToOffering(which, to) {
      calls.push(["move", which, to]);
      return 3;
    },
    async sendNow() {
      calls.push(["sendNow"]);
      return state.network === "online";
    },
    async setAside(id, what) {
      calls.push(["setAside", id, what]);
      waiting = waiting.filter((one) => one.id !== id);
      set({ queue: { ...state.queue, aside: waiting.filter((one) => one.status === "aside").length } });
    },
    async handOver() {
      calls.push(["handOver"]);
      fail("handOver");
      const taken = state.queue.waiting + state.queue.aside;
      set({ queue: NONE });
      return { taken };
    },
    forget: async () => set({ stage: "new", device: null }),
    seen: (ids) => set({ news: state.news.filter((one) => !ids.includes(one.id)) }),
  };
}
