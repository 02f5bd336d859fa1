/* The gate's clock, and a verdict one hears and feels. Owns data-clock, data-sound="yes|look|no" (verdict-notes.js) and data-mute, the
   switch, with its words in data-on and data-off; the choice is remembered on this device. Sound and vibration add to picture and word. */
import { ring, shake } from "./verdict-notes.js";

const REMEMBERED = "gate-sound";
let silent = kept() === "off";

function kept() {
  try { return localStorage.getItem(REMEMBERED); } catch { return null; }
}

function show(button) {
  button.setAttribute("aria-pressed", String(silent));
  button.querySelector("span").textContent = silent ? button.dataset.off : button.dataset.on;
}

document.addEventListener("click", event => {
  const button = event.target.closest("[data-mute]");
  if (!button) return;
  silent = !silent;
  try { localStorage.setItem(REMEMBERED, silent ? "off" : "on"); } catch { /* for this page only */ }
  document.querySelectorAll("[data-mute]").forEach(show);
  if (!silent) play("yes");
});

function play(kind) {
  shake(kind);
  if (!silent) ring(kind);
}

function tick() {
  const time = new Date().toLocaleTimeString("en-GB", { hour12: false, timeZone: "Asia/Taipei" });
  for (const clock of document.querySelectorAll("[data-clock]")) clock.textContent = time;
}

export function attach(root) {
  root.querySelectorAll("[data-mute]").forEach(show);
  const found = [...root.querySelectorAll("[data-sound]:not([data-heard])")];
  if (root.matches?.("[data-sound]:not([data-heard])")) found.push(root);
  for (const verdict of found) {
    verdict.dataset.heard = "";
    play(verdict.dataset.sound);
  }
}

/* Keys that open below the edge of a low screen come into sight, their button with them. */
document.addEventListener("toggle", event => {
  if (event.target.matches?.(".event-gate .gate-other[open]")) event.target.scrollIntoView({ block: "end" });
}, true);

setInterval(tick, 500);
attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
