/* The desk's small comforts; every page of it works without them. */
"use strict";
(() => {
  const visible = (element) => element && element.offsetParent !== null;

  /* Enter moves on to the next field, as a scanner ends a code with Enter; after the last one it goes on to the summary. */
  function next(form, from) {
    const stops = [...form.querySelectorAll("[data-stop], #residence input[type=radio], #id_minors_sure")].filter(visible);
    const after = stops.slice(stops.indexOf(from) + 1).find((stop) => stop.name !== from.name);
    return after || form.querySelector(".voluntary[open] :is(input, select)");
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const form = field.form;
    if (event.key !== "Enter" || event.isComposing || !form || !("enterMoves" in form.dataset)) return;
    if (!field.matches("[data-stop], #residence input[type=radio], #id_minors_sure")) return;
    event.preventDefault();
    const stop = next(form, field);
    if (stop) {
      stop.focus();
      if (stop.select) stop.select();
    } else {
      form.requestSubmit([...form.querySelectorAll("button")].find(visible));
    }
  });

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
