/* The till's keyboard and sounds. Nothing is decided here: every answer is the server's, and plain forms do as well.

   Focus stays in the code field. Enter checks; Enter on the empty field records; + and − change the children; Esc
   clears. A scanner may send a second Enter, so right after a verdict an empty Enter does nothing. */

import { play, soundsOn, turnSounds } from "./till/sounds.js";

const byId = (id) => document.getElementById(id);
const form = byId("till-form");
const code = byId("code");
const answer = byId("answer");
const BOUNCE_MS = 400;

let busy = false;
let asked = ""; // the code that is on its way
let shownAt = 0;
const waiting = []; // codes read while another was on its way

// --- asking ---

form.addEventListener("submit", (event) => {
  const read = code.value.trim();
  const bounce = busy || performance.now() - shownAt < BOUNCE_MS || !answer.querySelector("[name=held]");
  if (busy && read) {
    waiting.push(read);
    code.value = "";
  }
  if (busy || (!read && bounce)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

document.body.addEventListener("htmx:configRequest", (event) => {
  busy = true;
  if (event.detail.elt !== form) return;
  asked = code.value; // htmx has read it: the field is free for the next card
  code.value = "";
});

// --- answers ---

document.body.addEventListener("till", (event) => {
  shownAt = performance.now();
  if (event.detail.keep && !code.value) {
    code.value = asked;
    code.select();
  }
  play(event.detail.sound);
  sayCounts();
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const answered = event.detail.successful;
  trouble(!answered);
  if (!answered && !code.value) code.value = asked;
  asked = "";
  code.focus({ preventScroll: true });
  // htmx lets go of the form only after this event: a code sent on now would be read again later, when it is gone.
  setTimeout(() => {
    busy = false;
    if (answered) askNext();
  });
});

/** The next of the codes that were read meanwhile; what is being typed stays in the field. */
function askNext() {
  const typed = code.value;
  if (!waiting.length) return;
  code.value = waiting.shift();
  form.requestSubmit();
  code.value = typed;
}

/** The amber bar and the sign in the head: nothing is lost, Enter tries again. */
function trouble(on) {
  const bar = byId("trouble");
  bar.hidden = !on;
  byId("connected").hidden = on;
  byId("disconnected").hidden = !on;
  if (on) byId("said").textContent = bar.textContent.trim();
}

// --- keys ---

code.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
  if (event.key === "Escape") clear();
  const step = { "+": 1, "-": -1, "−": -1 }[event.key];
  if (step && !code.value && changeNumber(step)) event.preventDefault();
});

function clear() {
  if (code.value) {
    code.value = "";
  } else {
    byId("verdict").replaceChildren(byId("ready").content.cloneNode(true));
    answer.replaceChildren();
    trouble(false);
  }
}

/** One child (of a community card: one client) more or fewer. False when there is nothing to change. */
function changeNumber(step) {
  const clients = byId("clients");
  if (clients) {
    clients.value = Math.max(0, Number(clients.value) + step) || "";
    return true;
  }
  const options = [...answer.querySelectorAll("[name=children]")];
  if (!options.length) return false;
  answer.querySelector("details.till-add")?.setAttribute("open", "");
  const next = options[options.findIndex((one) => one.checked) + step];
  if (next) next.checked = true;
  sayCounts();
  return true;
}

/** The record button says what it will record. */
function sayCounts() {
  const button = answer.querySelector("[data-record]");
  if (!button) return;
  const chosen = [...answer.querySelectorAll("input:checked")].map((one) => one.dataset.part);
  const parts = [button.dataset.own, ...chosen].filter(Boolean);
  const lang = { en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang;
  button.querySelector("[data-counts]").textContent = new Intl.ListFormat(lang).format(parts);
}

answer.addEventListener("change", sayCounts);
// A tap or click is done: the next card may be read. Arrow keys stay in the group they move in.
answer.addEventListener("click", (event) => {
  if (event.detail && event.target.matches("input[type=radio]")) code.focus({ preventScroll: true });
});

// --- the switch of the sounds ---

const soundSwitch = byId("sound");

function showSwitch() {
  soundSwitch.hidden = false;
  soundSwitch.textContent = soundsOn() ? soundSwitch.dataset.on : soundSwitch.dataset.off;
}

soundSwitch.addEventListener("click", () => {
  turnSounds();
  showSwitch();
  play("recorded");
  code.focus();
});

showSwitch();
for (const one of document.querySelectorAll("[data-keys]")) one.hidden = false;
if (code.value) code.select();
code.focus();
sayCounts();
