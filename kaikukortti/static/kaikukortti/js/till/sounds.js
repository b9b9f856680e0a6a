/* The till's sounds: call and answer, the same loudness for all, no buzzer. A bystander must not hear a judgement. */

const E5 = 659.26, B5 = 987.77, A4 = 440, D5 = 587.33, A3 = 220;
const LOUDNESS = 0.126; // −18 dBFS

/**
 * Frequency, start and length in milliseconds, share of the loudness.
 * @type {Record<string, [number, number, number, number][]>}
 */
const SOUNDS = {
  valid: [[E5, 0, 90, 1], [B5, 90, 140, 1]],
  already: [[A4, 0, 80, 1], [A4, 150, 80, 0.5]],
  known: [[E5, 0, 90, 1], [D5, 90, 140, 1]], // as far as we know: left open
  unlisted: [[D5, 0, 200, 1]],
  typo: [[D5, 0, 200, 1]],
  stop: [[A3, 0, 240, 0.7]],
  recorded: [[B5, 0, 40, 1]],
};
const KEPT = "kaikukortti-till-sounds";

/** @type {AudioContext | undefined} */
let context;

/** Whether this device's switch is on; it is until someone turns it off. */
export function soundsOn() {
  return localStorage.getItem(KEPT) !== "off";
}

/** Turn the switch over. */
export function turnSounds() {
  localStorage.setItem(KEPT, soundsOn() ? "off" : "on");
}

/**
 * Play one of the sounds, where the browser can and the switch is on.
 * @param {string} name
 */
export function play(name) {
  if (!SOUNDS[name] || !soundsOn() || !window.AudioContext) return;
  context ??= new AudioContext();
  context.resume();
  for (const [frequency, start, length, share] of SOUNDS[name]) {
    const begin = context.currentTime + start / 1000;
    const end = begin + length / 1000;
    const tone = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(LOUDNESS * share, begin + 0.01);
    gain.gain.setValueAtTime(LOUDNESS * share, end);
    gain.gain.linearRampToValueAtTime(0, end + 0.06);
    tone.connect(gain).connect(context.destination);
    tone.start(begin);
    tone.stop(end + 0.06);
  }
}
