/* What may be chosen for a checked card. Nothing is chosen beforehand: no children, no assistant. */
import { byId, make, wordButton } from "./dom.js";
import { say, sayCounts } from "./texts.js";

/** @typedef {import("./types.js").Held} Held */
/** @typedef {import("./types.js").Verdict} Verdict */

const MOST_BUTTONS = 6;
const UNKNOWN_CHILDREN = 3; // where the list knows no number; more can be typed

/**
 * Draw the choices for a card into the form, with its record button.
 * @param {HTMLElement} form
 * @param {Held} held
 * @param {Verdict} verdict
 * @param {{season: boolean, moreStored: boolean, skip: () => void}} how
 */
export function drawChoices(form, held, verdict, how) {
  if (verdict.community) form.replaceChildren(...community(held), skipLine(how.skip));
  else if (held.holder === 0) form.replaceChildren(...adding(held, verdict), skipLine(how.skip));
  else if (verdict.admit === "no") form.replaceChildren(...happened(held, verdict));
  else form.replaceChildren(...personal(held, verdict, how), skipLine(how.skip));
  sayRecord(held);
}

/** @param {() => void} skip */
const skipLine = (skip) => make("p", { class: "till-skip" }, wordButton(say("skip"), skip));

/**
 * The numbers of children that have a button; unknown where no list and no register says it.
 * @param {Verdict} verdict
 */
function childButtons(verdict) {
  if (verdict.held?.kind === "course") return 0;
  const unknown = ["not-on-list", "cannot-check-offline", "list-too-old", "no-list", "identity-unknown"].includes(verdict.state);
  return unknown ? UNKNOWN_CHILDREN : Math.min(verdict.childPlaces, MOST_BUTTONS);
}

/**
 * @param {Held} held
 * @param {Verdict} verdict
 */
function answers(held, verdict) {
  const children = childButtons(verdict);
  return make(
    "div", { class: "till-answers" },
    children > 0 && choice("children", children, held.children),
    verdict.assistant && choice("assistants", 2, held.assistants),
  );
}

/**
 * 0 … most, as buttons.
 * @param {"children" | "assistants"} name
 * @param {number} most
 * @param {number} chosen
 */
function choice(name, most, chosen) {
  const options = Array.from({ length: most + 1 }, (_, n) =>
    make("label", {}, make("input", { type: "radio", name, value: n, checked: n === chosen }), make("span", {}, n ? String(n) : say(`none_${name}`))));
  return make("fieldset", { class: most > 2 ? "choice many" : "choice" }, make("legend", {}, say(name)), ...options);
}

/**
 * @param {Held} held
 * @param {Verdict} verdict
 * @param {{season: boolean, moreStored: boolean}} how
 */
function personal(held, verdict, how) {
  const children = childButtons(verdict);
  const family = verdict.childPlaces && children ? verdict.childPlaces : 0;
  const record = make(
    "div", { class: family ? "record with-family" : "record" },
    family > 0 && make(
      "button", { type: "button", class: "button framed", name: "family", value: family },
      make("span", {}, say("family"), make("span", { class: "in-full" }, `: ${sayCounts({ ...held, children: family, assistants: 0 })}`)),
    ),
    recordButton("record"),
  );
  const season = how.season && verdict.admit === "yes";
  const more = held.kind !== "course" && (how.moreStored || verdict.childPlaces > MOST_BUTTONS || !verdict.online);
  return [answers(held, verdict), record, ...(season || more ? [fold(held, season, more)] : [])];
}

/**
 * @param {Held} held
 * @param {boolean} season
 * @param {boolean} more
 */
function fold(held, season, more) {
  return make(
    "details", { class: "fold", open: Boolean(held.until) },
    make("summary", {}, say(season && more ? "season_or_more" : season ? "until" : "more_children")),
    make(
      "div", { class: "till-numbers" },
      season && make("div", { class: "field" }, make("label", { for: "until" }, say("until")), make("input", { id: "until", name: "until", type: "date", value: held.until ?? "" })),
      more && numberField("more", "all_children", "", 0),
    ),
  );
}

/**
 * @param {string} id
 * @param {string} label
 * @param {number | string} value
 * @param {number} least
 */
function numberField(id, label, value, least) {
  return make(
    "div", { class: "field w-2" },
    make("label", { for: id }, say(label)),
    make("input", { id, name: id, type: "number", inputmode: "numeric", min: least, max: 100, value }),
  );
}

/** @param {Held} held */
function community(held) {
  if (!held.workers) held.workers = 1;
  return [
    make("div", { class: "till-numbers" }, numberField("clients", "clients", held.clients || "", 1), numberField("workers", "workers", held.workers, 0)),
    make("div", { class: "record" }, recordButton("record")),
  ];
}

/**
 * The own ticket has been given: others may be added.
 * @param {Held} held
 * @param {Verdict} verdict
 */
function adding(held, verdict) {
  if (!childButtons(verdict) && !verdict.assistant) return [];
  const words = say(childButtons(verdict) ? "add_children" : "add_assistant");
  return [make(
    "details", { class: "till-add", open: Boolean(held.children || held.assistants) },
    make("summary", { class: "button framed wide" }, words),
    answers(held, verdict),
    make("div", { class: "record" }, recordButton("add")),
  )];
}

/**
 * The list says no and the person is in all the same: what happened can be recorded.
 * @param {Held} held
 * @param {Verdict} verdict
 */
function happened(held, verdict) {
  if (verdict.online) return [];
  return [make(
    "details", { class: "fold" },
    make("summary", {}, say("came_in")),
    make("p", {}, say("came_in_fact")),
    answers(held, { ...verdict, childPlaces: UNKNOWN_CHILDREN }),
    make("div", { class: "record" }, recordButton("record")),
  )];
}

/** @param {string} verb */
function recordButton(verb) {
  return make(
    "button", { type: "submit", class: "button", id: "record", "data-verb": say(verb) },
    make("span", { id: "record-words" }, say(verb)), make("kbd", {}, "Enter"),
  );
}

/**
 * Read what is chosen into the card; false where a number or a day cannot be right.
 * @param {HTMLElement} form
 * @param {Held} held
 */
export function readChoices(form, held) {
  const fields = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input")]);
  for (const field of fields) {
    if (!field.checkValidity()) return false;
    if (field.type === "radio" && field.checked) setNumber(held, field.name, field.value);
    if (field.type === "number" && (field.value || field.name !== "more")) setNumber(held, field.name === "more" ? "children" : field.name, field.value);
    if (field.name === "until") {
      held.until = field.value || null;
      held.kind = field.value ? "season" : held.kind === "season" ? "ticket" : held.kind;
      if (field.value && field.value < held.day) return false;
    }
  }
  return true;
}

/**
 * @param {Held} held
 * @param {string} name
 * @param {string} value
 */
function setNumber(held, name, value) {
  /** @type {any} */ (held)[name] = Number(value) || 0;
}

/**
 * One more or one fewer: a child, or a client of a community card. False when there is nothing to change.
 * @param {HTMLElement} form
 * @param {number} step
 */
export function changeNumber(form, step) {
  const clients = /** @type {HTMLInputElement | null} */ (form.querySelector("#clients"));
  if (clients) {
    clients.value = String(Math.max(0, Number(clients.value) + step) || "");
    return true;
  }
  const options = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[name=children]")]);
  if (!options.length) return false;
  form.querySelector("details.till-add, details.fold:has([name=children])")?.setAttribute("open", "");
  const next = options[options.findIndex((one) => one.checked) + step];
  if (next) next.checked = true;
  return true;
}

/**
 * The record button says what it will record.
 * @param {Held} held
 */
export function sayRecord(held) {
  const words = document.getElementById("record-words");
  if (words) words.textContent = [byId("record").dataset.verb, sayCounts(held)].filter(Boolean).join(" ");
}

