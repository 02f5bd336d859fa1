/* The camera that looks for codes while a view wants them, and the code that is not read twice in a row. Owns data-finder with its <video>,
   data-camera-word, data-do="torch|swap". found(texts) for each frame with a code. Nothing of a frame is kept. */
import { device } from "../camera-device.js";
import { find, say } from "./screen.js";

const EVERY_MS = 90;
const AGAIN_MS = 3000;
const SIZE = { width: { ideal: 1920 }, height: { ideal: 1080 } };

export function finder(reader, { wanted, found }) {
  const place = find("[data-finder]"), video = place.querySelector("video"), word = find("[data-camera-word]");
  const torch = find('[data-do="torch"]'), swap = find('[data-do="swap"]');
  let looking = false, frames = 0;

  const camera = device("environment", {
    size: SIZE,
    opening() { place.dataset.state = ""; word.textContent = say("opening"); },
    async opened(stream, { torch: can, lit, several }) {
      video.srcObject = stream;
      await video.play().catch(() => {});
      place.dataset.state = "live";
      word.textContent = "";
      torch.hidden = !can;
      torch.setAttribute("aria-pressed", String(lit));
      swap.hidden = !several;
      look();
    },
    without(reason) {
      place.dataset.state = "none";
      word.textContent = say(["lost", "silent", "unsuited"].includes(reason) ? "no_camera" : reason);
      torch.hidden = swap.hidden = true;
    },
    seeing: () => frames > 0,
  });

  torch.addEventListener("click", async () => torch.setAttribute("aria-pressed", String(await camera.light(torch.getAttribute("aria-pressed") !== "true"))));
  swap.addEventListener("click", () => camera.other());

  async function look() {
    if (looking) return;
    looking = true;
    while (camera.coming) {
      const begun = performance.now();
      if (video.readyState >= 2 && video.videoWidth) frames += 1;
      if (wanted() && !document.hidden && video.readyState >= 2 && video.videoWidth) {
        const { texts } = await reader.frame(video);
        if (texts.length && wanted()) await found(texts);
      }
      await new Promise(next => setTimeout(next, Math.max(10, EVERY_MS - (performance.now() - begun))));
    }
    looking = false;
  }

  return { open: () => camera.open(), close: () => camera.close(), resume: () => video.play().catch(() => {}) };
}

/* The code just shown is not taken again while it stays in view and for three seconds after. What is remembered is a digest under a
   number of this window's own, never the text. */
export function lately() {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  let last = "", until = 0;
  const mark = async text => {
    const bytes = new TextEncoder().encode(text), all = new Uint8Array(salt.length + bytes.length);
    all.set(salt);
    all.set(bytes, salt.length);
    return Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", all))).join();
  };
  return {
    async isAgain(text) {
      const here = await mark(text), again = here === last && performance.now() < until;
      if (again) until = performance.now() + AGAIN_MS;
      return again;
    },
    async shown(text) { last = await mark(text); until = Infinity; },
    /* The verdict has gone from the screen: the three seconds begin. */
    over() { until = performance.now() + AGAIN_MS; },
    forget() { last = ""; },
  };
}
