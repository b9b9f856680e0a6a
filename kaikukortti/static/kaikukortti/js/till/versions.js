/* The app's own files, kept by its service worker. A new version waits until nobody is at work with the old one. */

const WORKER = "/till/worker.js";
const SCOPE = "/till/";
const DAILY = 12 * 60 * 60_000;

/** Browsers that guard script addresses are told that this one is ours. */
function address() {
  const guard = /** @type {any} */ (window).trustedTypes;
  if (!guard || !guard.createPolicy) return WORKER;
  return guard.createPolicy("till-app", { createScriptURL: () => WORKER }).createScriptURL("");
}

/**
 * @param {(waits: boolean) => void} tell whether a new version waits
 * @returns {{takeOver: () => void}} to be called when nobody is at work
 */
export function keepVersions(tell) {
  /** @type {ServiceWorkerRegistration|null} */
  let kept = null;
  let asked = false;
  if (!("serviceWorker" in navigator)) return { takeOver() {} };
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
  const look = () => tell(Boolean(kept && kept.waiting && navigator.serviceWorker.controller));
  navigator.serviceWorker
    .register(/** @type {any} */ (address()), { scope: SCOPE })
    .then((registration) => {
      kept = registration;
      look();
      registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
      setInterval(() => registration.update().catch(() => {}), DAILY);
    })
    .catch(() => {});
  return {
    takeOver() {
      if (!kept || !kept.waiting || !navigator.serviceWorker.controller) return;
      asked = true;
      kept.waiting.postMessage("take-over");
    },
  };
}
