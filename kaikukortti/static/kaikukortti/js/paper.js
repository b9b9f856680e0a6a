/* Typing a sheet in: Enter goes on to the next cell, arrows to the next row, and a code is compared while it is typed. */
import { readCode } from "./till/codes.js";

const form = document.querySelector("[data-paper]");
const series = JSON.parse(document.getElementById("series")?.textContent ?? "[]");

/** The cells to type in, row by row. */
const cells = () => [...form.querySelectorAll(".sheet-grid input:not([type=checkbox])")];

/** @param {number} step how many cells on */
function go(from, step) {
  const all = cells();
  const to = all[all.indexOf(from) + step];
  if (!to) return false;
  to.focus();
  to.select();
  return true;
}

/** The cell of the same kind in the row above or below. */
function goRow(from, step) {
  const kind = from.name.split("-")[0];
  const same = cells().filter((one) => one.name.startsWith(`${kind}-`));
  const to = same[same.indexOf(from) + step];
  if (to) {
    to.focus();
    to.select();
  }
}

/** Says under a code that it cannot be read, while there is still the paper in hand. */
function compare(cell) {
  const text = cell.value.trim();
  const typo = text !== "" && readCode(text, series).kind === "typo";
  let said = cell.parentElement.querySelector(".typo");
  if (typo && !said) {
    said = document.createElement("span");
    said.className = "typo";
    said.id = `typo-${cell.name}`;
    said.setAttribute("role", "status");
    cell.after(said);
    cell.setAttribute("aria-describedby", said.id);
  }
  if (said) said.textContent = typo ? form.dataset.typo : "";
  if (typo) cell.setAttribute("aria-invalid", "true");
  else cell.removeAttribute("aria-invalid");
}

if (form) {
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!(cell instanceof HTMLInputElement) || cell.type === "checkbox") return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (!go(cell, 1)) form.querySelector("button[type=submit]").focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      goRow(cell, event.key === "ArrowDown" ? 1 : -1);
    }
  });
  form.addEventListener("change", (event) => {
    if (event.target.classList.contains("code")) compare(event.target);
  });
}
