/* The worker of live.js: judges one frame at a time. In: {id, picture | frame and detail, mark, forget, alone}; out: an answer. */
import { sampler } from "./live-frames.js";
import { judge } from "./live-judge.js";

const judging = judge();
let sample = null, corners = null;
try {
  sample = sampler(() => new OffscreenCanvas(1, 1));
} catch { /* the page draws instead */ }

addEventListener("message", ({ data }) => {
  if (data.forget) judging.forget();
  if (data.mark) judging.mark();
  if (data.alone) postMessage({ id: data.id, ...alone(data.picture) });
  else if (data.picture) postMessage({ id: data.id, ...looked(data.picture) });
  else postMessage({ id: data.id, ...judging.look(data.frame, data.detail) });
});
postMessage({ ready: true, draws: Boolean(sample) });

function looked(picture) {
  const { frame, detail } = sample(picture, picture.displayWidth ?? picture.width, picture.displayHeight ?? picture.height, corners);
  picture.close();
  const found = judging.look(frame, detail);
  corners = found.corners;
  return found;
}

/* A still by itself: its outline first, then the square within it. */
function alone(picture) {
  const own = judge(), { width, height } = picture;
  const first = own.look(sample(picture, width, height, null).frame, null);
  const { frame, detail } = sample(picture, width, height, first.corners);
  picture.close();
  return own.look(frame, detail);
}
