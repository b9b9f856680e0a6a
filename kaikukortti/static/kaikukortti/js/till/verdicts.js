/* A verdict in words, and its form: filled = go in, framed = talk first, dashed edge = the list answered. */
import { fill, inOwn, say, sayClock, sayDate, sayMany, sayMoment, sayTime, wordsOf } from "./texts.js";

/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Outcome} Outcome */

/**
 * What the panel shows and the loudspeaker plays. `form` is its class, `keep` leaves the code in the field.
 * @typedef {{form: string, sign: string, word: string, fact: string, next: string, sound: string, keep: boolean}} Face
 */

const KEEP_CODE = ["card-code-typo", "card-unknown", "too-many-tries"];

/** @returns {Face} */
export function readyFace() {
  return face("idle", wordsOf("verdicts", "idle"), say("read_next"));
}

/**
 * @param {string} form
 * @param {string} word
 * @param {string} fact
 * @param {string} [next]
 * @param {{sign?: string, sound?: string, keep?: boolean}} [more]
 * @returns {Face}
 */
export function face(form, word, fact, next = "", more = {}) {
  const { sign = form.split(" ")[0], sound = "", keep = false } = more;
  return { form, sign, word, fact: under(word, fact), next, sound, keep };
}

/**
 * A sentence under the large word: without the word where it begins with it, so that it is heard once.
 * @param {string} word
 * @param {string} sentence
 */
function under(word, sentence) {
  const repeated = [": ", ". ", " "].some((joint) => sentence.startsWith(word + joint));
  const rest = repeated ? sentence.slice(word.length).replace(/^[:. ]+/, "") : sentence;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/**
 * What a valid card gives here.
 * @param {Verdict} verdict
 */
function gives(verdict) {
  if (verdict.community) return say("community");
  if (verdict.held?.kind === "course") return say("course_place");
  return verdict.childPlaces ? sayMany("n_children", verdict.childPlaces) : say("own_ticket");
}

/** @param {Verdict} verdict */
const listMoment = (verdict) => (verdict.listAsOf ? sayMoment(verdict.listAsOf) : "");

/** @param {Verdict} verdict */
const byList = (verdict) => (verdict.listAsOf ? say("by_list", { when: listMoment(verdict) }) : "");

/**
 * The till's sentence for a refusal.
 * @param {string} refusal
 * @param {string | null} day
 * @param {string | null} time
 * @param {import("./types.js").Said | null} message
 */
export function refusalWords(refusal, day, time, message) {
  const words = wordsOf("refusals", refusal);
  if (!words) return { word: "", fact: inOwn(message), next: "" };
  let fact = words.fact;
  if (day && words.dated.includes("{day}")) fact = fill(words.dated, { day: sayDate(day, true) });
  if (time && words.dated.includes("{time}")) fact = fill(words.dated, { time: sayClock(time) });
  return { word: words.word, fact, next: words.next };
}

/**
 * @param {Verdict} verdict
 * @returns {Face}
 */
function stopFace(verdict) {
  const refusal = verdict.refusal ?? "card-unknown";
  const { word, fact, next } = refusalWords(refusal, verdict.day, verdict.time, verdict.message);
  const typo = verdict.state === "typo" || refusal === "card-unknown";
  const spoken = word || wordsOf("verdicts", typo ? "typo" : "stop");
  const listed = !verdict.online && verdict.listAsOf && !typo;
  return face(`${typo ? "typo" : "stop"}${listed ? " listed" : ""}`, spoken, fact, listed ? `${byList(verdict)} ${next}` : next, {
    sign: "stop",
    sound: typo ? "typo" : "stop",
    keep: KEEP_CODE.includes(refusal),
  });
}

/**
 * @param {Verdict} verdict
 * @returns {Face}
 */
function alreadyFace(verdict) {
  const word = wordsOf("verdicts", "already");
  if (verdict.online) {
    return face("already", word, refusalWords("already-recorded", null, verdict.time, null).fact, "", { sound: "already" });
  }
  const fact = verdict.time ? say("here_already", { time: sayTime(verdict.time) }) : say("here_before");
  return face("already listed", word, fact, "", { sound: "already" });
}

/**
 * @param {Verdict} verdict
 * @param {"admit" | "ask"} unlisted the venue's way with cards that are not on the list
 * @returns {Face}
 */
export function verdictFace(verdict, unlisted) {
  const open = { sign: "not-on-list", sound: "unlisted" };
  const policy = say(unlisted === "admit" ? "unlisted_admit" : "unlisted_ask");
  switch (verdict.state) {
    case "valid":
      return face("valid", wordsOf("verdicts", "valid"), gives(verdict), "", { sound: "valid" });
    case "pending":
      return face("valid", wordsOf("verdicts", "valid"), gives(verdict), say("pending"), { sound: "valid" });
    case "valid-as-of":
      return face("as-far-as-we-know", wordsOf("verdicts", "as-far-as-we-know"), `${byList(verdict)} ${gives(verdict)}`, "", { sound: "known" });
    case "already":
      return alreadyFace(verdict);
    case "not-on-list":
      return face("not-on-list", wordsOf("verdicts", "not-on-list"), say("unlisted", { when: listMoment(verdict) }), policy, open);
    case "cannot-check-offline":
      return face("not-on-list", say("cannot_check"), say("cannot_check_fact"), say("cannot_check_next"), open);
    case "list-too-old":
      return face("not-on-list", say("old_list"), say("old_list_fact", { when: listMoment(verdict) }), policy, open);
    case "no-list":
      return face("not-on-list", say("no_list"), say("no_list_fact"), policy, open);
    case "identity-unknown":
      return face("not-on-list", say("hold"), say("hold_fact"), say("hold_next"), open);
    default:
      return stopFace(verdict);
  }
}

/**
 * What is said of a record that was stored: on the device, or in the register with or without a note.
 * @param {Outcome} outcome
 * @param {string} counts
 * @returns {Face}
 */
export function recordedFace(outcome, counts) {
  const done = `${counts}. ${say("read_next")}`;
  const sound = { sound: "recorded" };
  if (outcome.where === "device") return face("idle", say("recorded_here"), done, say("sent_later"), sound);
  if (outcome.status === "pending") return face("idle", say("recorded"), done, say("counts_later"), sound);
  if (outcome.status === "flagged" && outcome.refusal) {
    const { fact, next } = refusalWords(outcome.refusal, outcome.day, null, outcome.message);
    return face("idle", say("recorded"), done, `${say("with_note")} ${fact} ${next}`, sound);
  }
  return face("idle", say("recorded"), done, "", sound);
}

/**
 * What a screen reader says once: the word and the sentences.
 * @param {Face} shown
 */
export function spoken(shown) {
  const word = /[?…]$/.test(shown.word) ? shown.word : `${shown.word}.`;
  return [word, shown.fact, shown.next].filter(Boolean).join(" ");
}
