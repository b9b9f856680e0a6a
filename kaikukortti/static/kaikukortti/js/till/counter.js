/* The till at work: one code field, one verdict, one button, and the next person. Reader, camera and typing go the same
   way. A reader may send a second Enter, so right after a verdict an empty Enter does nothing. */
import { cameraPanel } from "./camera.js";
import { changeNumber, drawChoices, readChoices, sayRecord } from "./choices.js";
import { codeField } from "./code_field.js";
import { announce, byId, inputOf, make, sign } from "./dom.js";
import { drawEchoes, drawLeft } from "./echoes.js";
import { play } from "./sounds.js";
import { inOwn, say, sayCounts } from "./texts.js";
import { face, readyFace, recordedFace, refusalWords, spoken, verdictFace } from "./verdicts.js";

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./till.js").Till} Till */
/** @typedef {import("./verdicts.js").Face} Face */

const BOUNCE_MS = 400;
const SLOW_MS = 400; // a verdict that takes longer than this takes the one before it off the screen
const MOST_LEFT = 5;

/**
 * A checked card that stands on the screen, and its verdict.
 * @typedef {{held: Held, verdict: Verdict}} Standing
 */

/**
 * @param {Till} till
 * @param {{onPlaces: (left: number | null) => void, here: () => {season: boolean, moreStored: boolean}}} how
 */
export function counter(till, how) {
  const code = inputOf("code");
  const answer = /** @type {HTMLFormElement} */ (byId("answer"));
  const camera = cameraPanel(fromCamera);
  let standing = /** @type {Standing | null} */ (null);
  /** @type {Standing[]} */
  let left = [];
  let busy = false;
  let shownAt = 0;
  /** @type {string[]} codes read while another was on its way */
  const waiting = [];

  const away = () => byId("view-counter").hidden;

  // --- what is shown ---

  /**
   * @param {Face} shown
   * @param {string} [note]
   */
  function show(shown, note = "") {
    byId("verdict").replaceChildren(make(
      "div", { class: `verdict ${shown.form}` },
      /** @type {Node} */ (sign(shown.sign)),
      make("p", { class: "word" }, shown.word),
      make("p", { class: "fact" }, shown.fact),
      shown.next && make("p", { class: "next" }, shown.next),
    ));
    byId("note").textContent = note;
    byId("note").hidden = !note;
    announce([note, spoken(shown)].filter(Boolean).join(" "));
    document.title = shown.form === "idle" && !shown.sound ? say("name") : `${shown.word} – ${say("name")}`;
    shownAt = performance.now();
    play(shown.sound);
  }

  /**
   * Stand for the next card.
   * @param {Face} [shown]
   * @param {string} [note]
   */
  function ready(shown = readyFace(), note = "") {
    standing = null;
    answer.replaceChildren();
    show(shown, note);
  }

  /** @param {Standing} next */
  function stand(next) {
    standing = next;
    drawChoices(answer, next.held, next.verdict, { ...how.here(), skip: () => (ready(), focus()) });
  }

  function showLeft() {
    drawLeft(left, (one) => work(() => record(one, standing)));
  }

  async function showEchoes() {
    drawEchoes((await till.records().catch(() => [])).slice(0, 3), (id) => work(() => undo(id)));
  }

  // --- acts, one at a time ---

  /** @param {() => Promise<void>} act */
  async function work(act) {
    if (busy) return;
    busy = true;
    try {
      await act();
    } catch (failure) {
      trouble(failure);
    }
    busy = false;
    focus();
    next();
  }

  function next() {
    const read = waiting.shift();
    if (read !== undefined) work(() => check(read));
  }

  /** @param {any} failure */
  function trouble(failure) {
    if (failure?.why === "storage-full") show(face("stop", say("not_kept"), say("not_kept_fact"), say("not_kept_next"), { sound: "stop" }));
    else if (failure?.why !== "empty" && failure?.why !== "locked") show(face("stop", say("not_kept"), say("try_again"), "", { sound: "stop" }));
  }

  /** @param {string} read */
  async function check(read) {
    till.busy();
    const slow = setTimeout(() => {
      byId("verdict").replaceChildren(make("div", { class: "verdict idle" }, sign("idle"), make("p", { class: "word" }, say("asking"))));
      answer.replaceChildren();
    }, SLOW_MS);
    /** @type {Verdict} */
    let verdict;
    try {
      verdict = await till.check(read);
    } finally {
      clearTimeout(slow);
    }
    leave(read);
    const before = standing;
    const shown = verdictFace(verdict, till.sheet()?.unlisted ?? "ask");
    if (shown.keep && !code.value) {
      code.value = read;
      code.select();
    }
    how.onPlaces(verdict.placesLeft);
    if (!verdict.held) return ready(shown);
    const held = before && same(before.held, verdict.held) ? { ...verdict.held, ...chosenIn(before.held) } : verdict.held;
    stand({ held, verdict });
    show(shown);
  }

  /**
   * A card that was not recorded before the next one was read is not forgotten.
   * @param {string} read
   */
  function leave(read) {
    if (!standing || plain(read) === plain(standing.held.code)) return;
    readChoices(answer, standing.held);
    const { held, verdict } = standing;
    const empty = held.holder === 0 && !held.children && !held.assistants && !held.clients && !held.workers;
    if (!empty && verdict.admit !== "no") left = [...left, standing].slice(-MOST_LEFT);
    standing = null;
    showLeft();
  }

  /**
   * Record a card; `over` is the one whose verdict comes back afterwards.
   * @param {Standing} one
   * @param {Standing | null} [over]
   */
  async function record(one, over = null) {
    till.busy();
    const counts = sayCounts(one.held);
    if (!counts) return;
    byId("record")?.setAttribute("aria-disabled", "true");
    const outcome = await till.record(one.held, one.verdict).finally(() => byId("record")?.removeAttribute("aria-disabled"));
    left = left.filter((other) => other.held.id !== one.held.id);
    showLeft();
    const stored = outcome.where === "device" || ["recorded", "flagged", "pending"].includes(outcome.status);
    if (stored && over) {
      const shown = recordedFace(outcome, counts);
      stand(over);
      show(verdictFace(over.verdict, till.sheet()?.unlisted ?? "ask"), `${shown.word}: ${counts}.`);
    } else if (stored) {
      ready(recordedFace(outcome, counts));
    } else {
      await refused(one, outcome);
    }
    await showEchoes();
  }

  /**
   * It was not stored: say why, and where it can be mended keep the card with what fits now.
   * @param {Standing} one
   * @param {import("./types.js").Outcome} outcome
   */
  async function refused(one, outcome) {
    const again = await till.check(one.held.code);
    if (outcome.status === "conflict" || again.admit !== "yes" || !outcome.refusal) {
      if (again.held) stand({ held: again.held, verdict: again });
      else ready();
      return show(verdictFace(again, till.sheet()?.unlisted ?? "ask"), inOwn(outcome.message));
    }
    if (again.held) stand({ held: again.held, verdict: again });
    const { word, fact, next } = refusalWords(outcome.refusal, outcome.day, outcome.time, outcome.message);
    const full = outcome.refusal === "offering-full";
    show(face("stop", full ? say("not_everyone") : word, fact, full ? say("how_many_now") : next, { sound: "stop" }));
  }

  /** @param {string} id */
  async function undo(id) {
    till.busy();
    const echo = (await till.records()).find((one) => one.id === id);
    const counts = echo ? sayCounts(echo) : "";
    const done = await till.undo(id).catch(() => "not-undone");
    const shown = done === "not-undone"
      ? face("stop", say("not_undone"), say("mend_on_day"))
      : face("idle", say("undone"), `${counts}. ${say("read_next")}`, done === "will-be" ? say("sent_later") : "", { sound: "recorded" });
    if (standing) show(verdictFace(standing.verdict, till.sheet()?.unlisted ?? "ask"), `${shown.word}: ${counts}.`);
    else show(shown);
    await showEchoes();
  }

  /** @param {string} [family] number of children to record at once */
  function recordStanding(family = "") {
    const one = standing;
    if (!one || busy) return;
    if (!readChoices(answer, one.held)) {
      show(verdictFace(one.verdict, till.sheet()?.unlisted ?? "ask"), say("check_numbers"));
      return focus();
    }
    if (one.verdict.community && !one.held.clients) {
      const { word, fact, next } = refusalWords("community-card-needs-clients", null, null, null);
      show(face("stop", word, fact, next, { sound: "stop" }));
      return inputOf("clients").focus();
    }
    if (family) one.held.children = Number(family);
    work(() => record(one));
  }

  // --- reading ---

  const focus = codeField({
    away,
    read: come,
    enter() {
      if (!busy && performance.now() - shownAt >= BOUNCE_MS && standing?.verdict.admit !== "no") recordStanding();
    },
    clear: () => busy || ready(),
    step(by) {
      const changed = changeNumber(answer, by);
      if (changed) counted();
      return changed;
    },
  });

  /** @param {string} read */
  function come(read) {
    if (busy) waiting.push(read);
    else work(() => check(read));
  }

  /** @param {string} text */
  function fromCamera(text) {
    if (!away()) come(text);
  }

  answer.addEventListener("submit", (event) => {
    event.preventDefault();
    recordStanding();
  });

  const counted = () => standing && readChoices(answer, standing.held) && sayRecord(standing.held);
  answer.addEventListener("input", counted);
  // A tap or click is done: the next card may be read. Arrow keys stay in the group they move in.
  answer.addEventListener("click", (event) => {
    const at = /** @type {Element} */ (event.target);
    const family = /** @type {HTMLButtonElement | null} */ (at.closest("[name=family]"));
    if (family) recordStanding(family.value);
    else if (event.detail && at.matches("input[type=radio]")) focus();
  });

  ready();
  return {
    focus,
    /** The view is shown again, perhaps at another offering. */
    async come() {
      if (!standing) ready();
      await showEchoes();
      focus();
    },
    showEchoes,
    /** Codes stay in memory only, and not past the lock. */
    clear() {
      left = [];
      waiting.length = 0;
      code.value = "";
      camera.close();
      showLeft();
      ready();
    },
    closeCamera: camera.close,
  };
}

/** @param {string} code */
const plain = (code) => code.toUpperCase().replace(/[\s*-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");

/**
 * Whether the same card is read again at the same place: it keeps its id and what has been chosen.
 * @param {Held} one
 * @param {Held} other
 */
function same(one, other) {
  return plain(one.code) === plain(other.code) && one.offering === other.offering && one.day === other.day && one.holder === other.holder;
}

/** @param {Held} held */
function chosenIn({ id, children, assistants, clients, workers, until, kind }) {
  return { id, children, assistants, clients, workers, until, kind };
}
