/* The ways in: making the browser a till, opening a locked one, and what is left to do on a stopped one. */
import { announce, byId, inputOf, wrong } from "./dom.js";
import { inOwn, say, sayMany, sayMoment, wordsOf } from "./texts.js";

/** @typedef {import("./till.js").Till} Till */
/** @typedef {import("./types.js").TillState} TillState */

const GATE = /^#gate=([^&]+)$/;
const SHORTEST = 6;

/**
 * What went wrong, in words.
 * @param {any} failure
 */
function whyWords(failure) {
  switch (failure?.why) {
    case "wrong-pin":
      return [say("pin_wrong"), failure.triesLeft === undefined ? "" : sayMany("n_tries", failure.triesLeft)].filter(Boolean).join(" ");
    case "wait":
      return say("wait", { minutes: sayMany("n_minutes", Math.max(1, Math.ceil((failure.seconds ?? 60) / 60))) });
    case "wrong-code":
      return say("code_gone");
    case "pin-too-short":
      return say("pin_short");
    case "no-network":
      return say("server_away");
    case "storage-full":
      return say("no_space");
    case "passkey-not-here":
    case "passkey-put-off":
      return say("passkey_not");
    default:
      return say("server_away");
  }
}

/**
 * Digits that anyone tries first.
 * @param {string} pin
 */
function easy(pin) {
  const steps = [...pin].slice(1).map((digit, n) => digit.charCodeAt(0) - pin.charCodeAt(n));
  return steps.every((step) => step === steps[0] && Math.abs(step) <= 1);
}

/**
 * Run while the form's buttons wait, so that a double press is one.
 * @param {HTMLElement} form
 * @param {() => Promise<void>} act
 */
async function once(form, act) {
  if (form.dataset.busy) return;
  form.dataset.busy = "true";
  form.setAttribute("aria-busy", "true");
  try {
    await act();
  } finally {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
  }
}

/**
 * @param {string} id
 * @param {string} words
 */
function mend(id, words) {
  wrong(id, words);
  announce(words);
  inputOf(id).focus();
  inputOf(id).select();
}

// --- not a till yet ---

/** @param {Till} till */
export function enrolView(till) {
  const form = byId("enrol-form");
  // The gate pass stands behind the # and is never sent in an address; it is taken off the address at once.
  const gate = decodeURIComponent(GATE.exec(location.hash)?.[1] ?? "");
  if (gate) {
    history.replaceState(null, "", location.pathname);
    byId("enrol-heading").textContent = byId("enrol-heading").dataset.gate ?? "";
    byId("enrol-lead").textContent = say("gate_lead");
    byId("enrol-code-field").hidden = true;
    byId("enrol-online-option").hidden = byId("enrol-online-hint").hidden = true;
    inputOf("enrol-code").value = gate;
  }
  till.passkeyPossible().then((possible) => (byId("enrol-passkey-option").hidden = !possible), () => {});

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(form, async () => {
      const code = inputOf("enrol-code").value.trim();
      const pin = inputOf("enrol-pin").value, again = inputOf("enrol-again").value;
      for (const id of ["enrol-code", "enrol-pin", "enrol-again"]) wrong(id, "");
      byId("enrol-error").hidden = true;
      if (!code) return mend("enrol-code", say("code_needed"));
      if (!/^\d+$/.test(pin) || pin.length < SHORTEST) return mend("enrol-pin", say("pin_short"));
      if (easy(pin)) return mend("enrol-pin", say("pin_easy"));
      if (pin !== again) return mend("enrol-again", say("pin_differs"));
      try {
        await till.enrol(code, { pin, onlineOnly: inputOf("enrol-online").checked, passkey: inputOf("enrol-passkey").checked });
        /** @type {HTMLFormElement} */ (form).reset();
      } catch (failure) {
        refused(failure);
      }
    });
  });

  /** @param {any} failure */
  function refused(failure) {
    if (failure?.why === "wrong-code" && !gate) return mend("enrol-code", say("code_gone"));
    if (failure?.why === "pin-too-short") return mend("enrol-pin", say("pin_short"));
    const words = failure?.why === "no-network" ? say("needs_network") : whyWords(failure);
    byId("enrol-error").textContent = words;
    byId("enrol-error").hidden = false;
    announce(words);
  }

  return { focus: () => inputOf(gate ? "enrol-pin" : "enrol-code").focus() };
}

// --- locked ---

/** @param {Till} till */
export function lockedView(till) {
  const form = byId("locked-form"), passkey = byId("by-passkey");

  /** @param {() => Promise<void>} open */
  const tryTo = (open) => once(form, async () => {
    wrong("pin", "");
    try {
      await open();
    } catch (failure) {
      mend("pin", whyWords(failure));
    }
    inputOf("pin").value = "";
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pin = inputOf("pin").value;
    if (!pin) return mend("pin", say("pin_needed"));
    tryTo(() => till.unlock({ pin }));
  });
  passkey.addEventListener("click", () => tryTo(() => till.unlock({ passkey: true })));

  return {
    focus: () => inputOf("pin").focus(),
    /** @param {TillState} state */
    draw(state) {
      const device = state.device;
      const away = state.network === "offline";
      byId("locked-heading").textContent = device?.label ?? say("name");
      const place = inOwn(device?.workplace);
      byId("locked-lead").textContent = away ? say(device?.onlineOnly ? "offline_shut" : "offline_opens") : place;
      byId("locked-waiting").textContent = waitingWords(state);
      byId("locked-waiting").hidden = !state.queue.waiting;
      passkey.hidden = !device?.passkey;
    },
  };
}

/**
 * How much waits, and since when.
 * @param {TillState} state
 */
export function waitingWords(state) {
  const { waiting, since } = state.queue;
  if (!waiting) return say("all_sent");
  const oldest = since ? `, ${say("oldest", { when: sayMoment(since) })}` : "";
  return `${sayMany("n_wait_sentence", waiting)}${oldest}.`;
}

// --- stopped ---

/** @param {Till} till */
export function stoppedView(till) {
  const form = byId("stopped-form");
  let unlocked = false;
  let handed = "";

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(form, async () => {
      wrong("stopped-pin", "");
      try {
        if (!unlocked) await till.unlock({ pin: inputOf("stopped-pin").value });
        const { taken } = await till.handOver();
        handed = taken ? sayMany("n_handed", taken) : say("handed_none");
        byId("stopped-fact").textContent = handed;
        announce(handed);
      } catch (failure) {
        if (unlocked || byId("stopped-pin-field").hidden) announce((byId("stopped-fact").textContent = whyWords(failure)));
        else mend("stopped-pin", whyWords(failure));
      }
    });
  });
  byId("forget").addEventListener("click", () => till.forget().catch((failure) => announce(whyWords(failure))));

  return {
    focus: () => byId("stopped-heading").focus(),
    /** @param {TillState} state */
    draw(state) {
      unlocked = state.unlocked;
      const [heading, fact] = wordsOf("stopped", state.stopped ?? "revoked");
      const rows = state.queue.waiting + state.queue.aside;
      byId("stopped-heading").textContent = heading;
      byId("stopped-fact").textContent = handed || fact;
      byId("stopped-waiting").textContent = `${sayMany("n_wait_sentence", rows)}.`;
      byId("stopped-rows").hidden = !rows;
      byId("stopped-done").hidden = rows > 0;
      byId("stopped-pin-field").hidden = unlocked;
    },
  };
}
