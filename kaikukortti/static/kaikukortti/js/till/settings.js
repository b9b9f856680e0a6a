/* This till's settings: keep, lock, camera, sounds, a screen that stays awake. */
import { byId, inputOf, make } from "./dom.js";
import { cameras, chooseCamera, chosenCamera } from "./scanner.js";
import { play, soundsOn, turnSounds } from "./sounds.js";
import { inOwn, say, sayMoment, sayTime } from "./texts.js";

/** @typedef {import("./types.js").TillState} TillState */

const AWAKE = "kaikukortti-till-awake";

/** @type {any} */
let lock = null;

/**
 * Keep the screen on while the till is open, where the browser can and the switch is on.
 * @param {boolean} open
 */
export async function stayAwake(open) {
  const wanted = open && localStorage.getItem(AWAKE) !== "off" && document.visibilityState === "visible";
  if (!wanted) {
    lock?.release().catch(() => {});
    lock = null;
  } else if (!lock || lock.released) {
    lock = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
  }
}

/** @param {import("./till.js").Till} till */
export function settingsView(till) {
  const choice = /** @type {HTMLSelectElement} */ (byId("camera-choice"));

  function drawSound() {
    byId("sound").textContent = say(soundsOn() ? "sounds_on" : "sounds_off");
    inputOf("sound-switch").checked = soundsOn();
  }

  function turn() {
    turnSounds();
    drawSound();
    play("recorded");
  }

  async function drawCameras() {
    const found = await cameras();
    const names = found.map((one) => one.deviceId + one.label).join("|");
    if (choice.dataset.names === names) return;
    choice.dataset.names = names;
    choice.replaceChildren(
      choice.options[0],
      ...found.map((one, n) => make("option", { value: one.deviceId }, one.label || say("camera_number", { n: n + 1 }))),
    );
    choice.value = chosenCamera();
    if (choice.selectedIndex < 0) choice.value = "";
    byId("camera-choice-hint").hidden = found.some((one) => one.label);
  }

  byId("sound").addEventListener("click", turn);
  byId("sound-switch").addEventListener("change", turn);
  choice.addEventListener("change", () => chooseCamera(choice.value));
  inputOf("awake-switch").checked = localStorage.getItem(AWAKE) !== "off";
  inputOf("awake-switch").addEventListener("change", () => {
    localStorage.setItem(AWAKE, inputOf("awake-switch").checked ? "on" : "off");
    stayAwake(true);
  });
  byId("keep").addEventListener("click", () => till.keepUntilFour().catch(() => {}));
  drawSound();

  return {
    focus: () => /** @type {HTMLElement} */ (document.querySelector("#view-settings h1")).focus(),
    /** @param {TillState} state */
    draw(state) {
      const storage = byId("fact-storage").dataset;
      byId("fact-label").textContent = [state.device?.label, inOwn(state.device?.workplace)].filter(Boolean).join(" · ");
      byId("fact-list").textContent = state.list ? say("list_of", { when: sayMoment(state.list.asOf) }) : say("list_none");
      byId("fact-storage").textContent = (state.storageKept ? storage.kept : state.storageKept === false ? storage.not : storage.unknown) ?? "";
      byId("fact-lock").textContent = state.keptUntil ? say("kept_until", { time: sayTime(state.keptUntil) }) : say("not_kept_till");
      byId("keep").hidden = Boolean(state.keptUntil);
      drawCameras();
    },
  };
}
