/* The queue, seen: what waits and since when, what was set aside, what got a note afterwards, tonight's records. */
import { placeName } from "./choose.js";
import { waitingWords } from "./door.js";
import { announce, byId, inputOf, make, redraw, wordButton } from "./dom.js";
import { echoWords } from "./echoes.js";
import { inOwn, language, say, sayCounts, sayDay, sayMany, sayMoment, sayTime, today } from "./texts.js";
import { refusalWords } from "./verdicts.js";

/** @typedef {import("./types.js").Echo} Echo */
/** @typedef {import("./types.js").News} News */
/** @typedef {import("./types.js").TillState} TillState */

const WAITING = ["device", "keep"];

/** @param {import("./till.js").Till} till */
export function rowsView(till) {
  /** @type {News[]} */
  let news = [];
  let drawing = 0;

  /** @param {Echo | News} one */
  const where = (one) => [placeName(till.sheet(), one.offering), one.day === today() ? "" : sayDay(one.day)].filter(Boolean).join(" · ");

  /**
   * @param {string} when
   * @param {string} heading
   * @param {string} soft
   * @param {...(HTMLElement | false)} buttons
   */
  const row = (when, heading, soft, ...buttons) => make(
    "li", {},
    make("span", { class: "when" }, when),
    make("div", {}, make("h3", {}, heading), make("p", { class: "soft" }, soft)),
    make("div", { class: "row" }, ...buttons),
  );

  /**
   * @param {string} part
   * @param {HTMLElement[]} rows
   */
  function fillPart(part, rows) {
    byId(`queue-${part}`).hidden = !rows.length;
    redraw(byId(`queue-${part}-rows`), rows);
  }

  /** @param {News} one */
  function newsRow(one) {
    const words = one.refusal ? refusalWords(one.refusal, null, null, one.message) : null;
    const told = one.kind === "not-undone" ? say("undone_too_late") : inOwn(one.message) || (words ? `${words.fact} ${words.next}` : "");
    return row(sayMoment(one.at), where(one), told);
  }

  /** @param {Echo} one */
  function asideRow(one) {
    const words = inOwn(one.message) || (one.refusal ? refusalWords(one.refusal, null, null, null).fact : say("aside_unclear"));
    return row(
      sayMoment(one.at), `${sayCounts(one)} · ${where(one)}`, words,
      wordButton(say("again"), () => settle(one.id, "again"), sayTime(one.at)),
      wordButton(say("take_out"), () => settle(one.id, "drop"), sayTime(one.at)),
    );
  }

  /**
   * @param {string} id
   * @param {"again" | "drop"} what
   */
  async function settle(id, what) {
    await till.setAside(id, what).catch(() => {});
    announce(say(what === "again" ? "row_again" : "taken_out"));
    await draw(till.state());
    byId("queue-lead").focus();
  }

  /** @param {TillState} state */
  async function draw(state) {
    const mine = (drawing += 1);
    const [queue, tonight] = await Promise.all([till.queue(), till.records()]).catch(() => [[], []]);
    if (mine !== drawing) return;
    news = state.news;
    byId("queue-lead").textContent = waitingWords(state);
    byId("send-now").hidden = !state.queue.waiting;
    byId("send-now").textContent = say(state.queue.sending ? "sending" : "send");
    fillPart("news", news.map(newsRow));
    const days = [...new Set(news.map((one) => one.day))];
    /** @type {HTMLAnchorElement} */ (byId("to-day")).href = `/${language}/day/?on=${days.at(-1) ?? today()}`;
    fillPart("aside", queue.filter((one) => one.status === "aside").map(asideRow));
    fillPart("waiting", queue.filter((one) => one.status !== "aside").map((one) => row(
      sayMoment(one.at), sayCounts(one), `${where(one)} · ${say(one.status === "keep" ? "row_kept" : state.queue.sending ? "row_sending" : "row_waiting")}`,
    )));
    fillPart("tonight", tonight.filter((one) => !WAITING.includes(one.status)).map((one) => row(sayTime(one.at), echoWords(one), where(one))));
    drawMove(tonight);
  }

  // --- the wrong event ---

  /** @param {Echo[]} tonight */
  function drawMove(tonight) {
    const sheet = till.sheet();
    const from = new Map(tonight.filter((one) => !["undone", "moved", "aside"].includes(one.status)).map((one) => [key(one), one]));
    const to = (sheet?.offerings ?? []).filter((one) => !one.cancelled && one.kind !== "course");
    byId("move").hidden = !from.size || !to.length || Boolean(sheet?.gate_offering);
    const before = ["move-from", "move-to"].map((id) => inputOf(id).value);
    byId("move-from").replaceChildren(...[...from.values()].map((one) => make("option", { value: key(one) }, where(one))));
    byId("move-to").replaceChildren(...to.map((one) => {
      const day = one.kind === "event" ? one.first_day : today();
      return make("option", { value: key({ offering: one.id, day }) }, [placeName(sheet, one.id), day === today() ? "" : sayDay(day)].filter(Boolean).join(" · "));
    }));
    for (const [n, id] of ["move-from", "move-to"].entries()) {
      if (before[n]) inputOf(id).value = before[n];
      const select = /** @type {HTMLSelectElement} */ (byId(id));
      if (select.selectedIndex < 0) select.selectedIndex = 0;
    }
  }

  byId("move-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const from = opened(/** @type {HTMLSelectElement} */ (byId("move-from")).value);
    const to = opened(/** @type {HTMLSelectElement} */ (byId("move-to")).value);
    if (key(from) === key(to)) return announce(say("same_event"));
    const moved = await till.moveToOffering(from, to).catch(() => 0);
    const words = moved ? sayMany("n_moved", moved) : say("moved_none");
    await draw(till.state());
    byId("queue-lead").textContent = words;
    byId("queue-lead").focus();
    announce(words);
  });

  byId("send-now").addEventListener("click", async () => {
    const answered = await till.sendNow().catch(() => false);
    announce(say(answered ? "sent_now" : "send_away"));
    if (!answered) byId("queue-lead").textContent = say("send_away");
  });

  byId("news-seen").addEventListener("click", () => {
    till.seen(news.map((one) => one.id));
    byId("queue-lead").focus();
  });

  byId("queue-lead").tabIndex = -1;
  return { draw, focus: () => /** @type {HTMLElement} */ (document.querySelector("#view-queue h1")).focus() };
}

/** @param {{offering: string | null, day: string}} place */
const key = ({ offering, day }) => `${offering ?? ""}|${day}`;

/** @param {string} written */
function opened(written) {
  const [offering, day] = written.split("|");
  return { offering: offering || null, day };
}
