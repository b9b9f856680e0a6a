/* The grid of code × course by keyboard. Nothing is decided here: every answer is the server's, and a plain form of one
   row does as well.

   Enter goes from the code to the course and from the course to the next row, whose id is made with it: the row before is
   on its way meanwhile. Arrow keys move between rows, in the course field among the courses found. */

const byId = (id) => document.getElementById(id);
const rows = byId("rows");
const made = byId("new-row");
const FREE_ROWS = 3;
const TYPED_MS = 150;

// --- rows ---

const fields = () => [...rows.querySelectorAll("input[name=code]")];
const rowOf = (element) => element.closest("li");
const partOf = (row, name) => row?.querySelector(`input[name=${name}]`);
const isFree = (field) => !field.value && !partOf(rowOf(field), "course").value;

/** A uuid of random bits, also where the page is not served safely and randomUUID is missing. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function addRow() {
  const row = made.content.firstElementChild.cloneNode(true);
  const id = newId();
  for (const element of row.querySelectorAll("[id], [for]")) {
    for (const name of ["id", "for"]) {
      if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace("new", id));
    }
  }
  partOf(row, "id").value = id;
  rows.append(row);
  window.htmx?.process(row);
  dress(row);
}

/** There is always a row to go to. */
function fill() {
  while (fields().filter(isFree).length < FREE_ROWS) addRow();
}

/** What a row needs to be found through: the course field becomes a list of choices. */
function dress(row) {
  const course = partOf(row, "course");
  if (!course || course.role === "combobox") return;
  const list = row.querySelector(".found-courses");
  list.role = "listbox";
  course.setAttribute("role", "combobox");
  course.setAttribute("aria-autocomplete", "list");
  course.setAttribute("aria-expanded", "false");
  course.setAttribute("aria-controls", list.id);
}

function goTo(from, step) {
  const all = fields();
  const here = all.indexOf(partOf(rowOf(from), "code"));
  all[here + step]?.focus();
}

// --- keys ---

rows.addEventListener("keydown", (event) => {
  const field = event.target;
  if (field.name === "code") codeKey(event, field);
  if (field.name === "course") courseKey(event, field);
});

function codeKey(event, field) {
  if (event.key === "Enter") {
    event.preventDefault();
    // A scanner may send a second Enter: on an empty code nothing happens.
    if (field.value.trim() && !event.repeat) partOf(rowOf(field), "course").focus();
  }
  if (event.key === "ArrowDown") goTo(field, 1);
  if (event.key === "ArrowUp") goTo(field, -1);
  if (event.key === "Escape") field.value = "";
}

function courseKey(event, field) {
  const list = rowOf(field).querySelector(".found-courses");
  const options = [...list.querySelectorAll("li")];
  const active = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Enter") {
    if (event.repeat || !field.value.trim()) {
      event.preventDefault();
    } else if (!list.hidden && active >= 0) {
      pick(field, options[active]);
    }
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    event.preventDefault();
    if (list.hidden || !options.length) goTo(field, step);
    else select(field, options, (active + step + options.length) % options.length);
  }
  if (event.key === "Escape") {
    if (list.hidden) field.value = "";
    close(field);
  }
}

// --- courses found ---

let typing = 0;

rows.addEventListener("input", (event) => {
  if (event.target.name !== "course") return;
  const field = event.target;
  partOf(rowOf(field), "chosen").value = "";
  clearTimeout(typing);
  typing = setTimeout(() => look(field), TYPED_MS);
});

async function look(field) {
  const typed = field.value.trim();
  if (!typed) return close(field);
  const body = new FormData();
  body.set("course", typed);
  body.set("csrfmiddlewaretoken", partOf(rowOf(field), "csrfmiddlewaretoken").value);
  let found;
  try {
    const answer = await fetch(rows.dataset.find, { method: "POST", body });
    if (!answer.ok) return;
    found = await answer.json();
  } catch {
    return; // the number or name can be sent as it is
  }
  if (field.value.trim() === typed && document.activeElement === field) show(field, found.courses);
}

function show(field, courses) {
  const list = rowOf(field).querySelector(".found-courses");
  list.replaceChildren(...courses.map((course, place) => option(list, course, place)));
  list.hidden = !courses.length;
  field.setAttribute("aria-expanded", String(!list.hidden));
  field.removeAttribute("aria-activedescendant");
}

function option(list, course, place) {
  const item = document.createElement("li");
  const days = document.createElement("span");
  item.role = "option";
  item.id = `${list.id}-${place}`;
  item.setAttribute("aria-selected", "false");
  item.dataset.id = course.id;
  item.dataset.said = course.number || course.name;
  item.append(`${course.number} ${course.name}`.trim(), days);
  days.className = "soft";
  days.textContent = course.days;
  return item;
}

function select(field, options, place) {
  options.forEach((one, at) => one.setAttribute("aria-selected", String(at === place)));
  field.setAttribute("aria-activedescendant", options[place].id);
  options[place].scrollIntoView({ block: "nearest" });
}

function pick(field, chosen) {
  field.value = chosen.dataset.said;
  partOf(rowOf(field), "chosen").value = chosen.dataset.id;
  close(field);
}

function close(field) {
  const list = rowOf(field)?.querySelector(".found-courses");
  if (!list) return;
  clearTimeout(typing);
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

rows.addEventListener("mousedown", (event) => {
  const chosen = event.target.closest("[role=option]");
  if (!chosen) return;
  event.preventDefault(); // the field keeps the focus
  const field = partOf(rowOf(chosen), "course");
  pick(field, chosen);
  rowOf(field).querySelector("form").requestSubmit();
});
rows.addEventListener("focusout", (event) => {
  if (event.target.name === "course") close(event.target);
});

// --- sending and answers ---

rows.addEventListener("submit", (event) => {
  const form = event.target;
  const code = partOf(form, "code");
  if (!code) return; // undo
  const course = partOf(form, "course");
  close(course);
  rowOf(form).setAttribute("aria-busy", "true");
  fill();
  if (code.value && course.value && !partOf(form, "clients")) {
    // The next row is read while this one is on its way.
    fields().find(isFree)?.focus();
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  for (const row of rows.children) dress(row);
  fill();
  trouble(false);
});

document.body.addEventListener("htmx:load", (event) => {
  const row = event.detail.elt;
  if (row.dataset?.say) say(row);
  // A community card asks how many: that is the row's next field.
  const clients = row.querySelector?.("input[name=clients]");
  if (clients && !clients.value) clients.focus();
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  event.detail.elt.closest("li")?.removeAttribute("aria-busy");
  if (!event.detail.successful) trouble(true);
});

function say(row) {
  const number = [...rows.children].indexOf(row) + 1;
  byId("said").textContent = `${number}: ${row.dataset.say}`;
}

function trouble(on) {
  const bar = byId("trouble");
  bar.hidden = !on;
  if (on) byId("said").textContent = bar.textContent.trim();
}

// --- begin ---

if (rows) {
  for (const row of rows.children) dress(row);
  fill();
  document.querySelector("[data-keys]").hidden = false;
  (fields().find((field) => !field.value) ?? fields()[0]).focus();
}
