/* The camera as a reader: QR and Code 39, light, the choice of camera. Where the code goes is not its business.

   The reader is zxing-wasm, carried in vendor/ and fetched from there and nowhere else. */

const READER = new URL("../../vendor/zxing-reader.js", import.meta.url).href;
const WASM = new URL("../../vendor/zxing-reader.wasm", import.meta.url).href;
const CHOSEN = "kaikukortti-till-camera";
const PAUSE_MS = 60; // between two looks; a slow device takes as long again as its last look did
const OUT_OF_VIEW_MS = 1500; // a card that is still in view is not read again
const LONGEST_SIDE = 1280;

/** @typedef {"refused" | "none" | "busy" | "stopped"} Trouble */

/** @type {Promise<any> | undefined} */
let reader;

/** The reader, loaded when a camera is opened for the first time. */
function loadReader() {
  reader ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = READER;
    script.onload = () => {
      const zxing = /** @type {any} */ (window).ZXingWASM;
      zxing.prepareZXingModule({ overrides: { locateFile: () => WASM }, fireImmediately: true }).then(() => done(zxing), failed);
    };
    script.onerror = failed;
    document.head.append(script);
  });
  reader.catch(() => (reader = undefined));
  return reader;
}

/** Which camera this device's people have chosen; "" is the one on the back. */
export const chosenCamera = () => localStorage.getItem(CHOSEN) ?? "";

/** @param {string} id */
export const chooseCamera = (id) => localStorage.setItem(CHOSEN, id);

/** The cameras there are; their names are known once one has been opened. */
export async function cameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  return (devices ?? []).filter((one) => one.kind === "videoinput" && one.deviceId);
}

/**
 * @param {any} failure
 * @returns {Trouble}
 */
function troubleOf(failure) {
  if (failure?.name === "NotAllowedError" || failure?.name === "SecurityError") return "refused";
  if (failure?.name === "NotFoundError" || failure?.name === "OverconstrainedError") return "none";
  return failure?.name === "NotReadableError" ? "busy" : "stopped";
}

/** @returns {Promise<MediaStream>} */
async function openStream() {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotFoundError");
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const id = chosenCamera();
  const back = { audio: false, video: { ...size, facingMode: { ideal: "environment" } } };
  if (!id) return navigator.mediaDevices.getUserMedia(back);
  // A camera that has been unplugged leaves the choice to the browser.
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, deviceId: { exact: id } } }).catch((failure) => {
    if (failure?.name !== "OverconstrainedError" && failure?.name !== "NotFoundError") throw failure;
    return navigator.mediaDevices.getUserMedia(back);
  });
}

/**
 * Open the camera into a video element; each code is told once while it stays in view. Rejects with a `Trouble`.
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} onRead
 * @param {() => void} onLost the camera went away by itself
 * @returns {Promise<{close: () => void, torch: ((on: boolean) => Promise<boolean>) | null}>}
 */
export async function openCamera(video, onRead, onLost) {
  /** @type {MediaStream} */
  let stream;
  /** @type {any} */
  let zxing;
  try {
    stream = await openStream();
  } catch (failure) {
    throw troubleOf(failure);
  }
  let open = true;
  const close = () => {
    open = false;
    for (const track of stream.getTracks()) track.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    [zxing] = await Promise.all([loadReader(), video.play()]);
  } catch {
    close();
    throw "stopped";
  }
  const [track] = stream.getVideoTracks();
  track.addEventListener("ended", () => open && onLost());
  look(video, zxing, onRead, () => open);
  return { close, torch: torchOf(track) };
}

/**
 * Turns the light on and off, where the camera has one.
 * @param {MediaStreamTrack} track
 */
function torchOf(track) {
  const able = /** @type {any} */ (track.getCapabilities?.() ?? {}).torch;
  if (!able) return null;
  return (/** @type {boolean} */ on) =>
    track.applyConstraints({ advanced: [/** @type {any} */ ({ torch: on })] }).then(() => on, () => !on);
}

/**
 * Look again and again, as often as the device manages.
 * @param {HTMLVideoElement} video
 * @param {any} zxing
 * @param {(text: string) => void} onRead
 * @param {() => boolean} open
 */
async function look(video, zxing, onRead, open) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const options = { formats: ["QRCode", "Code39"], tryInvert: false, maxNumberOfSymbols: 1 };
  let last = "";
  let seenAt = 0;
  while (open()) {
    const begun = performance.now();
    if (video.readyState >= 2 && video.videoWidth) {
      const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const found = await zxing.readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), options).catch(() => []);
      const text = found.find((/** @type {any} */ one) => one.isValid)?.text.trim();
      if (text && open()) {
        const again = text === last && begun - seenAt < OUT_OF_VIEW_MS;
        [last, seenAt] = [text, performance.now()];
        if (!again) onRead(text);
      }
    }
    await new Promise((done) => setTimeout(done, Math.max(PAUSE_MS, performance.now() - begun)));
  }
}
