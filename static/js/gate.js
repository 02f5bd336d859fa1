/* The gate's clock, and a verdict one hears and feels. Owns data-clock, data-sound="yes|look|no" (yes: two rising notes; look: one note
   twice; no: two falling notes, lower) and data-mute, the switch, with its words in data-on and data-off; the choice is
   remembered on this device. Sound and vibration add to picture and word. */
const NOTES = { yes: [660, 880], look: [587, 587], no: [330, 247] };
const SHAKES = { yes: [60], look: [60, 60, 60], no: [200, 80, 200] };
const REMEMBERED = "gate-sound";
let context = null;
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

function play(name) {
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(SHAKES[name]); // a browser refuses, loudly, before the first tap
  if (silent) return;
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume().catch(() => {});
    NOTES[name].forEach((pitch, at) => {
      const tone = context.createOscillator();
      const level = context.createGain();
      const begin = context.currentTime + at * .11;
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0, begin);
      level.gain.linearRampToValueAtTime(.25, begin + .01);
      level.gain.linearRampToValueAtTime(0, begin + .09);
      tone.connect(level).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + .1);
    });
  } catch { /* no sound on this device: the screen says it all */ }
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

setInterval(tick, 500);
attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
