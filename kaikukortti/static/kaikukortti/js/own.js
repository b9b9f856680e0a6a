/* A button that shows the secret while it is typed. Without a script the field works as it is. Plain enough for phones of
   2019. */
"use strict";
(function () {
  var script = document.currentScript;
  var field = document.getElementById("id_secret");
  if (!field || !script) return;
  var button = document.createElement("button");
  button.type = "button";
  button.className = "word-button";
  button.textContent = script.getAttribute("data-show");
  button.addEventListener("click", function () {
    var shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = script.getAttribute(shown ? "data-show" : "data-hide");
  });
  field.insertAdjacentElement("afterend", button);
  /* What is sent is sent as a secret, so that the browser keeps it in no list of things typed before. */
  field.form.addEventListener("submit", function () {
    field.type = "password";
  });
})();
