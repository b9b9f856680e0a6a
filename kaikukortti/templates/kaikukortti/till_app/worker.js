{% comment %}Served as the till app's service worker: it keeps the pages and their files, never a row or a card.{% endcomment %}"use strict";
const KEPT = "till-{{ version }}";
const SHELLS = [{% for one in shells %}"{{ one|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

/* Asked of the server whether it has changed, so that no stale copy of the browser's is kept under a new version. */
async function keepAll() {
  const kept = await caches.open(KEPT);
  await kept.addAll(SHELLS.concat(FILES).map((path) => new Request(path, { cache: "no-cache", credentials: "omit" })));
}

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

/* A new version waits: it takes over when the last page is closed, or when a page that is not at work says so. */
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("till-") && name !== KEPT) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

/* Pages and files come from this version's store and from nowhere else; what the app asks of the register goes by. */
async function answer(request, path) {
  const kept = await caches.open(KEPT);
  return (await kept.match(path)) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (SHELLS.includes(url.pathname) || FILES.includes(url.pathname)) event.respondWith(answer(event.request, url.pathname));
});
