/* The till app's entry: one state of the till, one view on the screen. What a till does is not known here. */
import { chooseView, dayFor, offeredOn, placeName } from "./choose.js";
import { counter } from "./counter.js";
import { announce, byId, make, sign } from "./dom.js";
import { enrolView, lockedView, stoppedView } from "./door.js";
import { rowsView } from "./rows.js";
import { settingsView, stayAwake } from "./settings.js";
import { clockIsOff, inOwn, say, sayDay, sayMany, sayMoment, sayOff, today } from "./texts.js";
import { openTill } from "./till.js";

/** @typedef {import("./types.js").TillState} TillState */

const VIEWS = ["starting", "enrol", "locked", "choose", "counter", "queue", "settings", "wiped", "stopped", "other-tab", "cannot"];

/** @param {import("./till.js").Till} till */
function start(till) {
  let view = "starting";
  /** What the open till shows: the counter, or one of the pages beside it. */
  let beside = "";
  let anew = false; // a cleared till is made a till again
  let network = "";
  let shownPlace = "";
  /** @type {number | null} */
  let placesLeft = null;

  const go = (/** @type {string} */ name) => {
    beside = name;
    draw(till.state());
  };
  const atCounter = counter(till, {
    onPlaces(left) {
      placesLeft = left;
      drawHead(till.state());
    },
    here: () => ({ season: offering()?.kind === "open" || !till.state().place?.offering, moreStored: till.sheet()?.policies.children_above === "stored" }),
  });
  /** @type {Record<string, {focus?: () => void, draw?: (state: TillState) => void}>} */
  const views = {
    enrol: enrolView(till),
    locked: lockedView(till),
    choose: chooseView(till, () => go("")),
    counter: { focus: () => void atCounter.come() },
    queue: rowsView(till),
    settings: settingsView(till),
    stopped: stoppedView(till),
  };

  /** The offering where the till stands. */
  function offering() {
    const chosen = till.state().place?.offering;
    return chosen ? till.sheet()?.offerings.find((one) => one.id === chosen) : undefined;
  }

  /** @param {TillState} state */
  function viewOf(state) {
    if (state.stage === "new" || (state.stage === "wiped" && anew)) return "enrol";
    if (state.stage !== "open") return state.stage;
    if (beside) return beside;
    return state.place && stands() ? "counter" : "choose";
  }

  /** Whether what was chosen is still on; what is on day after day goes on with the new day. */
  function stands() {
    const place = till.state().place, one = offering(), sheet = till.sheet();
    if (!place || (place.offering && sheet && !one)) return false;
    if (one?.kind === "event" || place.day === today()) return true;
    if (one && !offeredOn(one, today())) return false;
    till.choose(place.offering, today());
    return true;
  }

  /** A gate pass is the till of its one offering, and a venue that has nothing to choose from needs not choose. */
  function chooseByItself() {
    const sheet = till.sheet();
    if (!sheet || till.state().place) return;
    const gate = sheet.offerings.find((one) => one.id === sheet.gate_offering);
    if (gate) till.choose(gate.id, dayFor(gate));
    else if (!sheet.gate_offering && !sheet.offerings.length) till.choose(null, today());
  }

  /** Drawn again only when something has changed that is seen: a till tells of itself every few seconds. */
  let drawn = "";

  /** @param {TillState} state */
  function draw(state) {
    clockIsOff(state.clockOff);
    if (state.stage === "open") chooseByItself();
    else beside = "";
    const shown = viewOf(state);
    const seen = JSON.stringify([{ ...till.state(), locksAt: 0, onlineAt: 0, clockOff: sayOff(state.clockOff) }, till.sheet()?.etag, shown, today()]);
    if (seen === drawn) return;
    drawn = seen;
    const after = till.state(); // choosing may have moved it on
    drawHead(after);
    drawBars(after);
    drawNews(after);
    views[shown]?.draw?.(after);
    stayAwake(state.stage === "open");
    if (shown !== view) show(shown);
    else if (shown === "counter") atCounter.showEchoes();
  }

  /** @param {string} next */
  function show(next) {
    const before = view;
    view = next;
    for (const one of VIEWS) byId(`view-${one}`).hidden = one !== next;
    if (next !== "counter") atCounter.closeCamera();
    if (before !== "starting" && till.state().stage !== "open") atCounter.clear();
    const heading = /** @type {HTMLElement | null} */ (document.querySelector(`#view-${next} h1`));
    document.title = heading?.textContent ? `${heading.textContent} – ${say("name")}` : say("name");
    const focus = views[next]?.focus;
    if (focus) focus();
    else heading?.focus();
    window.scrollTo(0, 0);
  }

  // --- head: what is on, and the connection ---

  /** @param {TillState} state */
  function drawHead(state) {
    const open = state.stage === "open", atWork = open && viewOf(state) === "counter";
    byId("brand").hidden = atWork;
    byId("on").hidden = !atWork;
    byId("tools").hidden = !open;
    byId("choose-back").hidden = !state.place || beside !== "choose";
    if (atWork) drawPlace(state);
    drawConnection(state);
  }

  /** @param {TillState} state */
  function drawPlace(state) {
    const place = state.place, sheet = till.sheet(), one = offering();
    if (!place) return;
    const at = `${place.offering}|${place.day}`;
    if (at !== shownPlace) placesLeft = null;
    shownPlace = at;
    const left = placesLeft ?? one?.cap_left ?? null;
    byId("on-name").textContent = placeName(sheet, place.offering);
    byId("on-where").textContent = [
      place.offering ? inOwn(sheet?.workplace) : "", sayDay(place.day), left === null ? "" : sayMany("n_places", left),
    ].filter(Boolean).join(" · ");
    byId("change").hidden = Boolean(sheet?.gate_offering);
  }

  /** @param {TillState} state */
  function drawConnection(state) {
    const button = byId("connection"), away = state.network === "offline";
    const { waiting, aside } = state.queue;
    button.hidden = !(state.stage === "open" || (state.stage === "locked" && away));
    button.classList.toggle("off", away);
    /** @type {HTMLButtonElement} */ (button).disabled = state.stage !== "open";
    byId("connection-sign").replaceChildren(sign(away ? "disconnected" : "connected"));
    const parts = [say(away ? "disconnected" : state.network === "trying" ? "connecting" : "connected")];
    if (waiting) parts.push(sayMany("n_waiting", waiting) + (state.queue.since ? ` (${sayMoment(state.queue.since)})` : ""));
    if (aside) parts.push(say("aside_count", { n: aside }));
    byId("connection-words").textContent = parts.join(" · ");
    if (network && away !== (network === "offline") && state.network !== "trying") announce(say(away ? "gone_offline" : "back_online"));
    if (state.network !== "trying") network = state.network;
  }

  // --- what a person should know, in lines above the till ---

  /** @param {TillState} state */
  function drawBars(state) {
    const open = state.stage === "open";
    const list = state.list;
    /** @type {[string, boolean][]} */
    const lines = !open ? [] : [
      [state.storageFull ? say("no_space") : "", true],
      [state.clockOff ? say("clock", { hours: sayOff(state.clockOff) }) : "", false],
      [list?.tooOld ? say("list_old", { when: sayMoment(list.asOf) }) : "", false],
      [!list && !till.sheet()?.gate_offering && state.network !== "online" ? say("list_none") : "", false],
    ];
    const bars = lines.filter(([words]) => words);
    const words = bars.map(([one]) => one).join(" ");
    if (byId("bars").dataset.words === words) return;
    byId("bars").dataset.words = words;
    byId("bars").replaceChildren(...bars.map(([one, grave]) => make("div", { class: grave ? "bar grave" : "bar" }, /** @type {Node} */ (sign("attention")), make("p", {}, one))));
    if (words) announce(words);
  }

  /** @param {TillState} state */
  function drawNews(state) {
    const n = state.news.length;
    byId("news").hidden = !n;
    byId("news-words").textContent = n ? sayMany("n_news", n) : "";
  }

  // --- buttons of the frame ---

  byId("change").addEventListener("click", () => go("choose"));
  byId("connection").addEventListener("click", () => go(beside === "queue" ? "" : "queue"));
  byId("to-news").addEventListener("click", () => go("queue"));
  byId("to-settings").addEventListener("click", () => go(beside === "settings" ? "" : "settings"));
  byId("sound").addEventListener("click", () => view === "counter" && atCounter.focus());
  for (const id of ["lock", "lock-now"]) byId(id).addEventListener("click", () => till.lock());
  for (const one of document.querySelectorAll("[data-back]")) one.addEventListener("click", () => go(""));
  byId("take-over").addEventListener("click", () => till.takeOver());
  byId("enrol-anew").addEventListener("click", () => {
    anew = true;
    draw(till.state());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && beside && till.state().place) go("");
  });
  document.addEventListener("visibilitychange", () => stayAwake(till.state().stage === "open"));

  till.watch(draw);
}

openTill().then(start, () => {
  byId("view-starting").hidden = true;
  byId("view-cannot").hidden = false;
});
