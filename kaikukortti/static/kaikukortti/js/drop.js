/* A file that is dropped on the list's form is chosen as its file. */
const form = document.querySelector("[data-drop]");
const input = form?.querySelector("input[type=file]");
if (form && input) {
  const over = (event, on) => {
    event.preventDefault();
    form.classList.toggle("over", on);
  };
  form.addEventListener("dragover", (event) => over(event, true));
  form.addEventListener("dragleave", (event) => over(event, false));
  form.addEventListener("drop", (event) => {
    over(event, false);
    if (event.dataTransfer?.files.length) input.files = event.dataTransfer.files;
  });
}
