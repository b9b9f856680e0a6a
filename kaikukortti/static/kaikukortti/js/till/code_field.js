/* The one field for codes. Focus stays in it; Enter checks; Enter on the empty field records; + and − change the
   children; Esc clears. */
import { byId, inputOf } from "./dom.js";

/** @type {Record<string, number>} */
const STEPS = { "+": 1, "-": -1, "−": -1 };

/**
 * @param {object} how
 * @param {() => boolean} how.away the field is not on the screen
 * @param {(code: string) => void} how.read
 * @param {() => void} how.enter Enter on the empty field
 * @param {() => void} how.clear Esc on the empty field
 * @param {(by: number) => boolean} how.step whether there was a number to change
 * @returns {() => void} puts the focus back
 */
export function codeField({ away, read, enter, clear, step }) {
  const field = inputOf("code");
  const focus = () => {
    if (!away()) field.focus({ preventScroll: true });
  };

  byId("code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) read(code);
    else enter();
  });

  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.repeat) event.preventDefault();
    if (event.key === "Escape" && field.value) field.value = "";
    else if (event.key === "Escape") clear();
    if (STEPS[event.key] && !field.value && step(STEPS[event.key])) event.preventDefault();
  });

  // A reader types wherever focus is; what it types belongs into the field.
  document.addEventListener("keydown", (event) => {
    const at = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[a-z0-9*]$/i.test(event.key)) return;
    if (!at.matches("input:not([type=radio]), select, textarea")) focus();
  });
  return focus;
}
