/* Reading one card after another: Enter (a scanner sends it) goes on to the next row instead of sending the page. */

const codes = [...document.querySelectorAll(".group-rows input[type=text]")];
codes.forEach((field, place) => {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !field.value.trim() || !codes[place + 1]) return;
    event.preventDefault();
    codes[place + 1].focus();
  });
});
codes.find((field) => !field.value)?.focus({ preventScroll: true });
