/* Guidance while the camera looks: frames go to a worker, one at a time, and its answers come back. No attribute of its own:
   camera.js calls it. The sharpest good frame of the last moments is kept, at full size, for the shutter. */
import { sampler } from "./live-frames.js";

const EVERY_MS = 70; // at most about fourteen answers a second
const STUCK_MS = 4000; // a frame that is not answered for so long is given up
const FRESH_MS = 1600;

/* heard(answer) after every frame; answers as live-judge.js gives them. */
export function live(video, heard) {
  const asked = new Map(), orders = {};
  let worker = null, draws = false, ready = false, running = false, timer = 0, count = 0, sample = null, corners = null, best = null;

  function begin() {
    try {
      worker = new Worker(new URL("./live-worker.js", import.meta.url), { type: "module" });
    } catch { return; } // no guidance; the shutter works all the same
    worker.addEventListener("message", ({ data }) => {
      if (data.ready) { ready = true; draws = data.draws; next(0); return; }
      const about = asked.get(data.id);
      asked.delete(data.id);
      if (about?.alone) { about.alone(data); return; }
      corners = data.corners;
      if (about) keep(about, data);
      if (running) heard(data);
      next(about ? Math.max(0, EVERY_MS - (performance.now() - about.at)) : EVERY_MS);
    });
    worker.addEventListener("error", () => { worker?.terminate(); worker = null; });
  }

  function next(ms) {
    clearTimeout(timer);
    if (running && worker && ready) timer = setTimeout(look, ms);
  }

  async function look() {
    for (const [id, about] of asked) if (performance.now() - about.at > STUCK_MS) { about.frame?.close(); asked.delete(id); }
    if (document.hidden || video.readyState < 2 || !video.videoWidth) return next(200);
    next(STUCK_MS + 100);
    const id = ++count, about = { at: performance.now(), frame: null }, said = { id, ...orders };
    delete orders.mark; delete orders.forget;
    try {
      if (draws && "VideoFrame" in window) {
        const frame = new VideoFrame(video);
        about.frame = frame.clone();
        asked.set(id, about);
        worker.postMessage({ ...said, picture: frame }, [frame]);
      } else if (draws) {
        const bitmap = await createImageBitmap(video);
        asked.set(id, about);
        worker?.postMessage({ ...said, picture: bitmap }, [bitmap]);
      } else {
        sample ??= sampler(() => document.createElement("canvas"));
        const parts = sample(video, video.videoWidth, video.videoHeight, corners);
        asked.set(id, about);
        worker.postMessage({ ...said, ...parts }, [parts.frame.rgba.buffer, ...(parts.detail ? [parts.detail.rgba.buffer] : [])]);
      }
    } catch { // between two streams there is no frame
      Object.assign(orders, said.mark && { mark: true }, said.forget && { forget: true });
      next(EVERY_MS);
    }
  }

  /* Keeps the frame when it is good and sharper than the one kept before it. */
  async function keep(about, answer) {
    const old = best && performance.now() - best.at > FRESH_MS;
    try {
      if (answer.code === "good" && (!best || old || (answer.sharp ?? 0) > (best.sharp ?? 0))) {
        const bitmap = await createImageBitmap(about.frame ?? video);
        if (running) { drop(); best = { bitmap, sharp: answer.sharp, at: about.at }; } else bitmap.close();
      } else if (old || answer.code !== "good") drop();
    } catch { /* no frame to be had just now */ } finally { about.frame?.close(); }
  }
  function drop() {
    best?.bitmap.close();
    best = null;
  }

  return {
    start() { running = true; if (worker) next(0); else begin(); },
    stop() { running = false; clearTimeout(timer); drop(); },
    /* The page in view is photographed: answers say from now on how much has changed since. */
    mark() { orders.mark = true; delete orders.forget; },
    forget() { orders.forget = true; delete orders.mark; },
    /* The sharpest good frame of the last moments, an ImageBitmap that is the caller's from now on; null when none was good. */
    sharpest() {
      const found = best && performance.now() - best.at < FRESH_MS ? best.bitmap : null;
      if (found) best = null;
      return found;
    },
    /* The judgement on a still by itself, null where no worker draws. */
    async judged(still) {
      if (!worker || !draws) return null;
      const bitmap = await createImageBitmap(still), id = ++count;
      return new Promise(resolve => {
        asked.set(id, { at: performance.now(), alone: resolve });
        worker.postMessage({ id, picture: bitmap, alone: true }, [bitmap]);
        setTimeout(() => resolve(null), STUCK_MS);
      });
    },
  };
}
