/* The desk's small comforts; every page of it works without them. */
"use strict";
(() => {
  // What a closed fold holds still has a place in the layout, so the fold is asked too.
  const visible = (element) => element && element.offsetParent !== null && !element.closest("details:not([open])");

  /* Enter moves on to the next field, as a scanner ends a code with Enter; after the last one it goes on to the summary. */
  const STOPS = "[data-stop], #residence input[type=radio], #id_minors_sure, #id_reason input[type=radio], #id_moved input[type=radio]";

  function next(form, from) {
    const stops = [...form.querySelectorAll(STOPS)].filter(visible);
    const after = stops.slice(stops.indexOf(from) + 1).find((stop) => stop.name !== from.name);
    return after || form.querySelector(".voluntary[open] :is(input, select)");
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const form = field.form;
    if (event.key !== "Enter" || event.isComposing || !form || !("enterMoves" in form.dataset)) return;
    if (!field.matches(STOPS)) return;
    event.preventDefault();
    const stop = next(form, field);
    if (stop) {
      stop.focus();
      if (stop.select) stop.select();
      return;
    }
    const button = [...form.querySelectorAll("button")].find(visible);
    // What cannot be taken back is not done by a scanner's Enter: the button is pressed for itself.
    if (form.dataset.enterMoves === "to-button") button.focus();
    else form.requestSubmit(button);
  });

  /* The next client in one press: Enter on the page that says that all is done. */
  const onward = document.querySelector("[data-next]");
  if (onward) {
    for (const key of onward.querySelectorAll("kbd")) key.hidden = false;
    document.addEventListener("keydown", (event) => {
      const here = document.activeElement;
      if (event.key === "Enter" && !event.isComposing && (here === document.body || here.tagName === "H1")) onward.click();
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
