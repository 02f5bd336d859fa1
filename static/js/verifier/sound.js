/* A verdict one hears and feels: yes, two rising notes; look, one note twice; no, two falling ones, lower. Both add to picture and word,
   and can be switched off on this device. No attribute of its own. */
const NOTES = { green: [660, 880], amber: [587, 587], red: [330, 247] };
const SHAKES = { green: [60], amber: [60, 60, 60], red: [200, 80, 200] };
const KEY = "gate-quiet";
let context = null;

export function isQuiet() {
  try { return localStorage.getItem(KEY) === "1"; } catch { return false; }
}

export function hush(quiet) {
  try { localStorage.setItem(KEY, quiet ? "1" : "0"); } catch { /* for as long as the page is open there is no telling */ }
}

export function play(verdict) {
  if (isQuiet()) return;
  if (navigator.userActivation ? navigator.userActivation.hasBeenActive : true) navigator.vibrate?.(SHAKES[verdict]);
  try {
    context = context || new AudioContext();
    if (context.state === "suspended") context.resume().catch(() => {});
    NOTES[verdict].forEach((pitch, at) => {
      const tone = context.createOscillator(), level = context.createGain(), begin = context.currentTime + at * .11;
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
