/* Small ways to draw. Words are set as text, never as markup. */

/**
 * An element of the page's own; it is always there.
 * @param {string} id
 * @returns {HTMLElement}
 */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} id
 * @returns {HTMLInputElement}
 */
export const inputOf = (id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

/**
 * A new element: `make("p", {class: "soft", id: "x"}, "words", other)`. What is null or false is left out.
 * @param {string} tag
 * @param {Record<string, any>} [about] attributes; what begins with "on" listens
 * @param {...(Node | string | null | false | undefined)} inside
 * @returns {HTMLElement}
 */
export function make(tag, about = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(.../** @type {(Node | string)[]} */ (inside.filter((one) => one || one === "")));
  return made;
}

/**
 * A sign, hidden from screen readers: a word always stands beside it.
 * @param {string} name
 */
export function sign(name) {
  const template = /** @type {HTMLTemplateElement} */ (byId(`sign-${name}`));
  return template.content.cloneNode(true);
}

/**
 * A button of words.
 * @param {string} words
 * @param {() => void} press
 * @param {string} [unseen] what a screen reader hears besides
 */
export function wordButton(words, press, unseen = "") {
  return make(
    "button", { type: "button", class: "word-button", onclick: press },
    words, unseen && make("span", { class: "unseen" }, `: ${unseen}`),
  );
}

/**
 * Say it once to a screen reader.
 * @param {string} words
 */
export function announce(words) {
  byId("said").replaceChildren(words);
}

/**
 * What is wrong with a field, in words between its hint and itself; no words take it away.
 * @param {string} id of the field
 * @param {string} words
 */
export function wrong(id, words) {
  const field = inputOf(id), error = byId(`${id}-error`);
  error.hidden = !words;
  error.replaceChildren(...(words ? [sign("attention"), make("span", {}, words)] : []));
  field.closest(".field")?.classList.toggle("wrong", Boolean(words));
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

const FOCUSABLE = "button, a[href], input, select, summary";

/**
 * Draw a part anew; focus stays on the same button of it by its place.
 * @param {HTMLElement} part
 * @param {(Node | string)[]} inside
 */
export function redraw(part, inside) {
  const at = [...part.querySelectorAll(FOCUSABLE)].indexOf(/** @type {Element} */ (document.activeElement));
  part.replaceChildren(...inside);
  const again = at < 0 ? null : part.querySelectorAll(FOCUSABLE)[at];
  /** @type {HTMLElement | null | undefined} */ (again)?.focus();
}
