{% comment %}Served as the phone card's service worker: it keeps the page and its files, never a card.{% endcomment %}"use strict";
const KEPT = "phone-{{ version }}";
const PAGE = "{{ page|escapejs }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) => kept.addAll(FILES.concat(PAGE)))
      .then(() => self.skipWaiting())
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
  );
});

/* The page first from the network, for two seconds; what is kept when there is none. Files the other way round. What
   the page asks of the register goes by untouched. */
function ours(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return "";
  if (url.pathname === PAGE) return "page";
  return FILES.indexOf(url.pathname) < 0 ? "" : "file";
}

function page(request) {
  const kept = caches.match(PAGE);
  const asked = fetch(request).then((answer) => (answer.ok ? answer : Promise.reject(new Error("away"))));
  const patience = new Promise((done) => setTimeout(done, 2000)).then(() => kept).then((one) => one || asked);
  return Promise.race([asked, patience]).catch(() => kept.then((one) => one || Response.error()));
}

self.addEventListener("fetch", (event) => {
  const what = ours(event.request);
  if (what === "page") event.respondWith(page(event.request));
  if (what === "file") event.respondWith(caches.match(event.request).then((one) => one || fetch(event.request)));
});
