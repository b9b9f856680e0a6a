// The page to try each call. It sends to this register only; the token lives in the field and nowhere else.
// @ts-check

/** @typedef {{method: string, path: string, body: unknown}} Step */
/** @typedef {Step & {name: string, topic: string, title: string}} Call */
/** @typedef {{refusal: string, says: string, repeat: number, steps: Step[]}} Case */

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);
/** @param {string} id @returns {any} */
const read = (id) => JSON.parse(part(id).textContent);
/** @type {Call[]} */
const calls = read("try-calls");
/** @type {Record<string, string>} */
const words = read("try-words");
const form = part("try");
/** @type {Case[]} */
let cases = [];
/**
 * What of a case is still to be sent.
 * @type {Step[]}
 */
let steps = [];
let all = 0;

/** @param {unknown} value */
const pretty = (value) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 2));

/**
 * A new id wherever the example has one: the same id twice would only repeat the first answer.
 * @param {any} body
 */
const withNewIds = (body) => {
  if (!body) return body;
  const copy = structuredClone(body);
  for (const row of [copy, ...(Array.isArray(copy.uses) ? copy.uses : [])]) {
    if (typeof row.id === "string") row.id = crypto.randomUUID();
  }
  return copy;
};

/** @param {Step} step */
const show = (step) => {
  part("path").value = step.path;
  part("body").value = pretty(step.body);
  part("body-field").hidden = step.method === "GET";
  form.dataset.method = step.method;
};

const showStep = () => {
  const step = steps[0];
  part("step").hidden = all < 2 || !step;
  if (!step) return;
  part("step").textContent = words.steps.replace("{n}", String(all - steps.length + 1)).replace("{all}", String(all));
  show(step);
};

/** @param {string} status @param {string} text */
const tell = (status, text) => {
  part("answer-part").hidden = false;
  part("status").textContent = status;
  part("answer").textContent = text;
};

/** @param {string} text */
const readable = (text) => {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
};

/**
 * Send one call and show its answer; gives the body where it is JSON.
 * @param {string} method
 * @param {string} path
 * @param {string} body
 */
const send = async (method, path, body) => {
  const token = part("token").value.trim();
  /** @type {Record<string, string>} */
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body && method !== "GET") headers["Content-Type"] = "application/json";
  tell(words.sending, "");
  const begun = performance.now();
  try {
    const address = new URL(path, location.origin);
    if (address.origin !== location.origin) throw new TypeError("another host");
    const answer = await fetch(address, {
      method,
      headers,
      body: method === "GET" ? undefined : body || undefined,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    const text = await answer.text();
    const ms = String(Math.round(performance.now() - begun));
    tell(words.done.replace("{status}", String(answer.status)).replace("{ms}", ms), readable(text));
    return answer.ok ? JSON.parse(text) : null;
  } catch (problem) {
    if (problem instanceof SyntaxError) return null; // a table, not JSON
    tell(words.nobody, "");
    return null;
  }
};

for (const topic of new Set(calls.map((call) => call.topic))) {
  const group = document.createElement("optgroup");
  group.label = topic;
  for (const call of calls.filter((one) => one.topic === topic)) {
    const option = new Option(`${call.title} · ${call.method} ${call.path.split("?")[0]}`, call.name);
    group.append(option);
  }
  part("call").append(group);
}

const chooseCall = () => {
  const call = calls.find((one) => one.name === part("call").value);
  steps = [];
  all = 0;
  part("step").hidden = true;
  if (call) show({ ...call, body: withNewIds(call.body) });
};

part("call").addEventListener("change", chooseCall);
chooseCall();

part("fetch-cases")?.addEventListener("click", async () => {
  const told = await send("GET", "/api/v1/sandbox", "");
  if (!told) return;
  cases = told.cases;
  const list = part("case");
  list.replaceChildren(new Option("–", ""), ...cases.map((one, n) => new Option(`${one.refusal} · ${one.says}`, String(n))));
  list.disabled = false;
  part("status").textContent = words.sandbox.replace("{n}", String(cases.length));
});

part("reset")?.addEventListener("click", () => send("POST", "/api/v1/sandbox/reset", ""));

part("case")?.addEventListener("change", () => {
  const chosen = cases[Number(part("case").value)];
  if (part("case").value === "" || !chosen) return;
  steps = chosen.steps.flatMap((step) => Array(chosen.repeat).fill(step));
  all = steps.length;
  showStep();
});

form.addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const body = part("body").value.trim();
  if (form.dataset.method !== "GET" && body) {
    try {
      JSON.parse(body);
    } catch {
      tell(words.notJson, "");
      part("body").focus();
      return;
    }
  }
  await send(form.dataset.method, part("path").value, body);
  if (steps.length) {
    steps = steps.slice(1);
    showStep();
  }
});

form.hidden = false;
