/* Answers in the one shape that the screen reads, wherever they come from. */

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Outcome} Outcome */
/** @typedef {import("./types.js").Echo} Echo */
/** @typedef {import("./queue.js").Row} Row */
/** @typedef {{own: string|null, children: number, waits: boolean}} Here what this device has recorded of the card here */

/** @type {Verdict} */
const EMPTY = {
  state: "stop", online: true, refusal: null, message: null, day: null, time: null, childPlaces: 0, assistant: false,
  community: false, placesLeft: null, listAsOf: null, admit: "no", held: null,
};

/** @param {boolean} online @returns {Verdict} */
export const typo = (online) => ({ ...EMPTY, state: "typo", online, refusal: "card-code-typo" });

/** @param {Partial<Verdict>} said @returns {Verdict} */
export const local = (said) => ({ ...EMPTY, online: false, ...said });

/** @param {any} said the register's answer to a check @param {Held} held @returns {Verdict} */
export function online(said, held) {
  /** @type {Verdict} */
  const verdict = {
    ...EMPTY,
    refusal: said.refusal || null,
    message: said.message || null,
    day: said.day || null,
    time: said.time || null,
    childPlaces: said.child_places || 0,
    assistant: Boolean(said.assistant),
    community: Boolean(said.community),
    placesLeft: said.places_left ?? null,
  };
  if (said.allowed) return { ...verdict, state: said.pending ? "pending" : "valid", admit: "yes", held };
  if (said.refusal === "already-recorded") return { ...verdict, state: "already", admit: "yes", held: { ...held, holder: 0 } };
  if (said.refusal === "card-code-typo") return { ...verdict, state: "typo" };
  return { ...verdict, held };
}

/**
 * The register does not know yet what this device has just recorded.
 * @param {Verdict} verdict
 * @param {Held} held
 * @param {Here} here
 * @returns {Verdict}
 */
export const already = (verdict, held, here) => ({
  ...verdict,
  state: "already",
  refusal: "already-recorded",
  message: null,
  time: here.own,
  childPlaces: Math.max(0, verdict.childPlaces - here.children),
  held: { ...held, holder: 0 },
});

/** @param {Row} row @param {Outcome["where"]} where @returns {Outcome} */
export const outcome = (row, where) => ({
  id: row.id,
  where,
  status: /** @type {Outcome["status"]} */ (where === "device" ? "recorded" : row.status),
  refusal: where === "device" ? null : row.refusal,
  message: where === "device" ? null : row.message,
  day: null,
  time: null,
});

/** @param {Row} row @returns {Echo} */
export const echo = (row) => ({
  id: row.id, at: row.at, offering: row.offering, day: row.day, kind: row.kind, holder: row.holder, children: row.children,
  assistants: row.assistants, clients: row.clients, workers: row.workers,
  status: row.state === "aside" ? "aside" : row.status,
  refusal: row.refusal, message: row.message,
});
