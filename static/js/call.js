/* The plate of a call for help is heard as well as seen: two notes, three times, while it has data-call; once somebody comes it is still.
   Silent where the browser lets no page sound before it was touched, or has no sound. */
const NOTES = [660, 880], EVERY_MS = 6000, TIMES = 3;
let rung = 0;

function ring() {
  if (!document.querySelector("[data-call]") || rung >= TIMES) return;
  rung += 1;
  try {
    const sound = new AudioContext();
    NOTES.forEach((hertz, at) => {
      const note = new OscillatorNode(sound, { frequency: hertz }), volume = new GainNode(sound, { gain: 0.25 });
      note.connect(volume).connect(sound.destination);
      note.start(sound.currentTime + at * 0.22);
      note.stop(sound.currentTime + at * 0.22 + 0.18);
    });
    setTimeout(() => sound.close(), 1500);
  } catch { /* the plate is there to be seen */ }
}

ring();
setInterval(ring, EVERY_MS);
