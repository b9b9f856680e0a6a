/* The camera's panel: open and close, light, troubles in words. It pauses while the page is hidden. */
import { announce, byId, inputOf } from "./dom.js";
import { openCamera } from "./scanner.js";
import { say } from "./texts.js";

const TROUBLES = { refused: "camera_refused", none: "camera_none", busy: "camera_busy", stopped: "camera_stopped" };

/**
 * @param {(text: string) => void} onRead
 * @returns {{close: () => void}}
 */
export function cameraPanel(onRead) {
  const button = byId("camera"), panel = byId("camera-panel"), words = byId("camera-words"), torch = byId("torch");
  const video = /** @type {HTMLVideoElement} */ (byId("camera-video"));
  /** @type {Awaited<ReturnType<typeof openCamera>> | null} */
  let camera = null;
  let wanted = false;
  let paused = false;
  let lit = false;
  let opening = 0;

  /** @param {string} text */
  function tell(text) {
    words.textContent = text;
    announce(text);
  }

  function letGo() {
    opening += 1;
    camera?.close();
    camera = null;
    lit = false;
  }

  async function open() {
    const mine = (opening += 1);
    panel.hidden = false;
    panel.classList.remove("without-picture");
    torch.hidden = true;
    tell(say("camera_starting"));
    try {
      const opened = await openCamera(video, onRead, () => trouble("stopped"));
      if (mine !== opening) return opened.close();
      camera = opened;
      showTorch();
      tell(say("camera_ready"));
    } catch (failure) {
      if (mine === opening) trouble(/** @type {keyof typeof TROUBLES} */ (failure));
    }
  }

  /** @param {keyof typeof TROUBLES} what */
  function trouble(what) {
    letGo();
    panel.classList.add("without-picture");
    torch.hidden = true;
    tell(say(TROUBLES[what] ?? "camera_stopped"));
  }

  function close() {
    wanted = false;
    paused = false;
    letGo();
    panel.hidden = true;
    show();
  }

  function show() {
    button.setAttribute("aria-pressed", String(wanted));
    const label = say(wanted ? "camera_close" : "camera_open");
    button.setAttribute("aria-label", label);
    button.title = label;
    // While the camera reads, the field takes no keyboard of the screen's; a touch on it brings the keyboard back.
    inputOf("code").inputMode = wanted ? "none" : "text";
  }

  function showTorch() {
    torch.hidden = !camera?.torch;
    torch.textContent = say(lit ? "torch_on" : "torch_off");
    torch.setAttribute("aria-pressed", String(lit));
  }

  function toggle() {
    if (wanted) {
      close();
    } else {
      wanted = true;
      show();
      open();
    }
    inputOf("code").focus({ preventScroll: true });
  }

  button.addEventListener("click", toggle);
  byId("camera-close").addEventListener("click", toggle);
  torch.addEventListener("click", async () => {
    lit = (await camera?.torch?.(!lit)) ?? false;
    showTorch();
  });
  inputOf("code").addEventListener("pointerdown", () => (inputOf("code").inputMode = "text"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && wanted) {
      paused = true;
      letGo();
    } else if (document.visibilityState === "visible" && paused) {
      paused = false;
      open();
    }
  });
  return { close: () => wanted && close() };
}
