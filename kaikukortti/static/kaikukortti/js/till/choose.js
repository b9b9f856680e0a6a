/* Where the till stands: today's offerings, the running one first; other days; the venue's own open admission. */
import { byId, make, redraw, sign } from "./dom.js";
import { inOwn, now, say, sayDay, sayTime, today, wordsOf } from "./texts.js";

/** @typedef {import("./types.js").OfferingFace} Offering */
/** @typedef {import("./types.js").Sheet} Sheet */
/** @typedef {{offering: string | null, day: string}} Place */

const HOUR = 3600_000;

/**
 * Whether the offering is on that day.
 * @param {Offering} one
 * @param {string} day
 */
export function offeredOn(one, day) {
  if (day < one.first_day || day > one.last_day) return false;
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
  return one.kind !== "open" || Boolean((one.weekdays ?? 127) >> weekday & 1);
}

/**
 * Doors open before an event begins and late-comers are let in: two hours either way beat open admission.
 * @param {Offering} one
 */
function distance(one) {
  if (one.kind === "course") return [3, 0];
  if (one.kind !== "event" || !one.starts_at) return [1, 0];
  const away = Math.abs(new Date(one.starts_at).getTime() - now().getTime());
  return [away <= 2 * HOUR ? 0 : 2, away];
}

/**
 * Today's offerings, the proposed one first.
 * @param {Sheet | null} sheet
 */
export function onToday(sheet) {
  const day = today();
  const rows = (sheet?.offerings ?? []).filter((one) => !one.cancelled && offeredOn(one, day));
  return rows.sort((one, other) => {
    const [a, b] = [distance(one), distance(other)];
    return a[0] - b[0] || a[1] - b[1];
  });
}

/**
 * Events and courses of the other days that the till knows.
 * @param {Sheet | null} sheet
 */
function onOtherDays(sheet) {
  const day = today();
  const rows = (sheet?.offerings ?? []).filter((one) => !one.cancelled && one.kind !== "open" && !offeredOn(one, day));
  return rows.sort((one, other) => (one.first_day + (one.starts_at ?? "")).localeCompare(other.first_day + (other.starts_at ?? "")));
}

/**
 * The day that records of an offering belong to: an event's own, else today.
 * @param {Offering} one
 */
export const dayFor = (one) => (one.kind === "event" ? one.first_day : today());

/**
 * The offering's name with its time, or the venue's own open admission.
 * @param {Sheet | null} sheet
 * @param {string | null} id
 */
export function placeName(sheet, id) {
  const one = sheet?.offerings.find((offering) => offering.id === id);
  if (!one) return say("open_admission", { venue: inOwn(sheet?.workplace) || say("name") });
  return one.starts_at && one.kind === "event" ? `${inOwn(one.name)}, ${sayTime(one.starts_at)}` : inOwn(one.name);
}

/**
 * @param {import("./till.js").Till} till
 * @param {() => void} chosen
 */
export function chooseView(till, chosen) {
  /**
   * @param {string | null} offering
   * @param {string} day
   */
  function choose(offering, day) {
    till.choose(offering, day);
    chosen();
  }

  /**
   * @param {Offering} one
   * @param {boolean} proposed
   * @param {boolean} withDay
   */
  function row(one, proposed, withDay) {
    const when = [
      withDay ? sayDay(one.first_day) : "",
      one.starts_at && one.kind === "event" ? sayTime(one.starts_at) : wordsOf("kinds", one.kind),
      inOwn(one.place),
    ];
    return place(inOwn(one.name), when.filter(Boolean).join(" · "), proposed, () => choose(one.id, dayFor(one)));
  }

  /**
   * @param {string} name
   * @param {string} soft
   * @param {boolean} proposed
   * @param {() => void} press
   */
  function place(name, soft, proposed, press) {
    return make(
      "button", { type: "button", class: proposed ? "till-on proposed" : "till-on", onclick: press },
      /** @type {Node} */ (sign(proposed ? "half" : "outlined")), make("span", {}, make("b", {}, name), make("span", { class: "soft" }, soft)),
    );
  }

  return {
    focus: () => /** @type {HTMLElement} */ (document.querySelector("#choose-today .proposed") ?? document.querySelector("#view-choose h1")).focus(),
    draw() {
      const sheet = till.sheet();
      const rows = onToday(sheet);
      const other = onOtherDays(sheet);
      redraw(byId("choose-today"), [
        ...rows.map((one, n) => row(one, n === 0, false)),
        !sheet ? make("p", { class: "soft" }, say("no_sheet")) : "",
        place(say("own_offering"), [inOwn(sheet?.workplace), sayDay(today())].filter(Boolean).join(" · "), !rows.length, () => choose(null, today())),
      ]);
      byId("choose-other-fold").hidden = !other.length;
      redraw(byId("choose-other"), other.map((one) => row(one, false, true)));
    },
  };
}
