/* What has passed gets quieter, never vanishes: the last records, and the cards that were left unrecorded. */
import { byId, make, redraw, sign, wordButton } from "./dom.js";
import { say, sayCounts, sayTime } from "./texts.js";

/** @typedef {import("./types.js").Echo} Echo */

const UNDONE = ["undone", "moved"];

/**
 * A record in a sentence: what and where it has got to.
 * @param {Echo} echo
 */
export function echoWords(echo) {
  const counts = sayCounts(echo);
  if (echo.status === "undone") return say("undone_record", { counts });
  return say(echo.status === "device" ? "waiting_record" : "done_record", { counts });
}

/**
 * @param {Echo[]} echoes newest first
 * @param {(id: string) => void} undo
 */
export function drawEchoes(echoes, undo) {
  redraw(byId("echoes"), echoes.map((echo) => echoRow(echo, undo)));
}

/**
 * @param {Echo} echo
 * @param {(id: string) => void} undo
 */
function echoRow(echo, undo) {
  const words = echoWords(echo);
  const time = sayTime(echo.at);
  const start = time.charAt(0).toUpperCase() + time.slice(1);
  return make(
    "li", {},
    /** @type {Node} */ (sign(echo.status === "device" ? "waiting" : "half")),
    make("span", {}, make("span", { class: "time" }, `${start}: `), words),
    !UNDONE.includes(echo.status) && wordButton(say("undo"), () => undo(echo.id), `${time}, ${sayCounts(echo)}`),
  );
}

/**
 * @param {import("./counter.js").Standing[]} left
 * @param {(one: import("./counter.js").Standing) => void} too
 */
export function drawLeft(left, too) {
  byId("left").replaceChildren(...left.map((one) => make(
    "li", { class: "not-recorded" },
    /** @type {Node} */ (sign("half")),
    make("span", {}, say("left", { counts: sayCounts(one.held) })),
    wordButton(say("left_too"), () => too(one)),
  )));
}
