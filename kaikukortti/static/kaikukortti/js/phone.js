/* The phone card: keeps the card on this phone, shows it without a network, asks the register whether it is still valid.
   Written for old phones too: nothing newer than Chrome 80 and iOS 13 know. Words are set as text, never as markup. */
"use strict";
(function () {
  const KEPT = "kaikukortti-phone-card";
  const LANGUAGE = "kaikukortti-phone-language";
  const HOME = "/my/phone/";
  const byId = (id) => document.getElementById(id);
  const json = (id) => JSON.parse(byId(id).textContent);

  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch (away) {
      return null;
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
      return read(name) !== null;
    } catch (away) {
      return false;
    }
  }

  function post(path, body) {
    const options = { method: "POST", body: JSON.stringify(body), credentials: "omit", cache: "no-store" };
    options.headers = { "Content-Type": "application/json" };
    return fetch(HOME + path, options);
  }

  /* Browsers that guard script addresses are told that this one is ours. */
  function workerAddress() {
    const address = HOME + "worker.js";
    if (!window.trustedTypes || !window.trustedTypes.createPolicy) return address;
    return window.trustedTypes.createPolicy("phone-card", { createScriptURL: () => address }).createScriptURL("");
  }

  function keepPage() {
    if (!("serviceWorker" in navigator)) return;
    navigator.serviceWorker.register(workerAddress(), { scope: HOME }).catch(() => {});
  }

  /* --- the page a phone is given once --- */

  function take() {
    const card = json("card-data");
    const done = keep(KEPT, card) && keep(LANGUAGE, card.language);
    byId("kept").textContent = done ? byId("kept").dataset.isKept : byId("kept").dataset.notKept;
    byId("no-script").hidden = true;
    byId("with-script").hidden = !done;
    if (!done) return;
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    keepPage();
  }

  /* --- the page for the home screen --- */

  let texts;
  let language;
  let card = read(KEPT);
  let online = null; // whether the register answered the last time it was asked
  let removed = false;

  /* Today in Finland as 2026-11-24; where the phone knows no time zones, its own day. */
  function today() {
    const now = new Date();
    try {
      const day = now.toLocaleDateString("sv-SE", { timeZone: "Europe/Helsinki" });
      if (/^\d{4}-\d\d-\d\d$/.test(day)) return day;
    } catch (unknown) {
      /* then its own */
    }
    const two = (number) => (number < 10 ? "0" : "") + number;
    return now.getFullYear() + "-" + two(now.getMonth() + 1) + "-" + two(now.getDate());
  }

  function sayDay(day, withYear) {
    const parts = day.split("-").map(Number);
    const month = texts[language].months[parts[1] - 1];
    if (language === "en") return parts[2] + " " + month + (withYear ? " " + parts[0] : "");
    return parts[2] + "." + month + (withYear ? "." + parts[0] : language === "fi" ? "." : "");
  }

  /* "ti 24.11. klo 14.05" of an instant that the register wrote in Finnish time. */
  function sayMoment(moment) {
    const day = moment.slice(0, 10);
    const parts = day.split("-").map(Number);
    const weekday = texts[language].weekdays[(new Date(Date.UTC(parts[0], parts[1] - 1, parts[2])).getUTCDay() + 6) % 7];
    const time = [Number(moment.slice(11, 13)), moment.slice(14, 16)];
    const clock = language === "en" ? " at " + time.join(":") : (language === "fi" ? " klo " : " kl. ") + time.join(".");
    return weekday + " " + sayDay(day, false) + clock;
  }

  const fill = (text, name, value) => text.split("{" + name + "}").join(value);

  /* Why the card is not to be shown, in words; nothing while it is good as far as this phone knows. */
  function stopped(said) {
    if (!card.valid) return card.words[language];
    if (card.last_day && card.last_day < today()) return fill(said.ended, "day", sayDay(card.last_day, true)) + " " + said.ended_next;
    return "";
  }

  function words() {
    const said = texts[language];
    document.documentElement.lang = language;
    document.title = said.name;
    document.querySelectorAll("[data-said]").forEach((one) => (one.textContent = said[one.dataset.said]));
    document.querySelectorAll("[data-label]").forEach((one) => one.setAttribute("aria-label", said[one.dataset.label]));
    document.querySelectorAll("[data-language]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.language === language)));
    document.querySelectorAll("a[data-languages]").forEach((one) => {
      one.setAttribute("href", one.getAttribute("href").replace(/^\/(fi|sv|en)\//, "/" + language + "/"));
    });
    const manifest = document.querySelector("link[rel=manifest]");
    manifest.setAttribute("href", manifest.getAttribute("href").replace(/(fi|sv|en)\.webmanifest$/, language + ".webmanifest"));
  }

  /* What is kept, waited for or cancelled, while it is news; the number to say stands large. */
  function showNews() {
    const told = ((card && card.news) || []).filter((one) => one.until * 1000 > Date.now());
    const list = byId("news-list");
    byId("news").hidden = !told.length;
    list.textContent = "";
    told.forEach((one) => {
      const item = document.createElement("li");
      if (one.number) {
        const number = document.createElement("b");
        number.textContent = one.number;
        item.appendChild(number);
      }
      const said = document.createElement("p");
      said.textContent = one.words[language];
      item.appendChild(said);
      list.appendChild(item);
    });
  }

  function show() {
    words();
    showNews();
    const said = texts[language];
    byId("none").hidden = Boolean(card);
    byId("to-carry").hidden = Boolean(card);
    byId("to-block").hidden = !card || !card.valid;
    byId("none-words").textContent = removed ? said.removed : said.none;
    byId("ways").hidden = false;
    byId("state").hidden = byId("removing").hidden = !card;
    const why = card ? stopped(said) : "";
    byId("stop").hidden = !why;
    // A card that ran out is still needed where it is renewed; one that was blocked or replaced is of no use.
    byId("card").hidden = !card || Boolean(why && !card.last_day);
    if (!card) return;
    byId("stop-words").textContent = why;
    byId("qr-path").setAttribute("d", card.qr);
    byId("qr").setAttribute("viewBox", "0 0 " + card.size + " " + card.size);
    byId("code").textContent = [card.code.slice(0, 3), card.code.slice(3, 6), card.code.slice(6)].join(" ");
    byId("last-day-row").hidden = !card.last_day;
    byId("last-day").textContent = card.last_day ? sayDay(card.last_day, true) : "";
    byId("children-row").hidden = Boolean(why);
    byId("children").textContent = String(card.child_places);
    const as = online === false ? said.known : why ? said.told : said.fresh;
    byId("state").textContent = fill(as, "when", sayMoment(card.as_of));
    byId("home").hidden = Boolean(why) || Boolean(navigator.standalone) || matchMedia("(display-mode: standalone)").matches;
  }

  function ask() {
    if (!card) return;
    const asked = card;
    post("fresh", { key: card.key })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("away"))))
      .then((told) => {
        if (card !== asked) return; // taken off meanwhile
        online = true;
        ["valid", "words", "last_day", "child_places", "as_of", "news"].forEach((name) => (card[name] = told[name]));
        keep(KEPT, card);
      })
      .catch(() => (online = false))
      .then(show);
  }

  function takeOff() {
    const key = card.key;
    card = null;
    removed = true;
    try {
      localStorage.removeItem(KEPT);
    } catch (away) {
      /* nothing was kept */
    }
    post("remove", { key: key }).catch(() => {});
    show();
    byId("none-words").tabIndex = -1;
    byId("none-words").focus();
  }

  /* The screen stays on while the card is shown, where a phone can do that. */
  function stayAwake() {
    if (card && navigator.wakeLock && document.visibilityState === "visible") navigator.wakeLock.request("screen").catch(() => {});
  }

  function carry() {
    texts = json("texts");
    language = read(LANGUAGE) || document.documentElement.lang;
    if (!texts[language]) language = "fi";
    document.querySelectorAll("[data-language]").forEach((one) => {
      one.addEventListener("click", () => {
        language = one.dataset.language;
        keep(LANGUAGE, language);
        show();
      });
    });
    const sure = (open) => {
      byId("sure").hidden = !open;
      byId("remove").hidden = open;
      byId(open ? "remove-sure" : "remove").focus();
    };
    byId("remove").addEventListener("click", () => sure(true));
    byId("remove-not").addEventListener("click", () => sure(false));
    byId("remove-sure").addEventListener("click", takeOff);
    window.addEventListener("online", ask);
    window.addEventListener("offline", () => {
      online = false;
      show();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      show();
      ask();
      stayAwake();
    });
    show();
    ask();
    stayAwake();
    keepPage();
  }

  if (byId("card-data")) take();
  else if (byId("texts")) carry();
})();
