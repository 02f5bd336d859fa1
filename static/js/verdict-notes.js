/* What a verdict sounds and feels like, at either gate: yes, two rising notes; look, one note twice; no, two falling ones, lower. */
const NOTES = { yes: [660, 880], look: [587, 587], no: [330, 247] };
const SHAKES = { yes: [60], look: [60, 60, 60], no: [200, 80, 200] };
let context = null;

export function shake(kind) {
  const touched = navigator.userActivation ? navigator.userActivation.hasBeenActive : true;
  if (touched) navigator.vibrate?.(SHAKES[kind]); // a browser refuses, loudly, before the first tap
}

export function ring(kind) {
  try {
    context = context || new AudioContext();
    if (context.state === "suspended") context.resume().catch(() => {});
    NOTES[kind].forEach((pitch, at) => {
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
