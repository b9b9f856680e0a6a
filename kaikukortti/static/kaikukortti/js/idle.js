/* Warns three minutes before an unused session ends and lets it go on with one press (A8). Use in another tab is not
   seen here: then the warning comes early, and one press asks the server, which knows. */
"use strict";
(() => {
  const box = document.getElementById("idle");
  if (!box) return;
  const seconds = Number(box.dataset.seconds);
  const warning = Number(box.dataset.warning);
  const form = box.querySelector("form");
  let before = null;
  let timers = [];

  function keep() {
    return fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "idle" },
      redirect: "manual",
    }).then((answer) => answer.status === 204);
  }

  function warn() {
    before = document.activeElement;
    box.hidden = false;
    document.getElementById("idle-heading").focus();
  }

  function gone() {
    const here = encodeURIComponent(location.pathname + location.search);
    location.assign(`${box.dataset.gone}?idle=1&next=${here}`);
  }

  function begin() {
    timers.forEach(clearTimeout);
    timers = [setTimeout(warn, (seconds - warning) * 1000), setTimeout(gone, (seconds + 2) * 1000)];
  }

  function close() {
    box.hidden = true;
    if (before && before.isConnected) before.focus();
    begin();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep().then((kept) => (kept ? close() : gone()), gone);
  });
  /* A part of the page fetched by htmx is a use as well. */
  document.addEventListener("htmx:afterRequest", begin);
  begin();
})();
