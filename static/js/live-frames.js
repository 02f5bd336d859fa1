/* From a frame of the camera to what is judged: the whole at about 320 pixels, and a square of the page's middle at the scale
   at which writing is judged. Runs in the worker, or in the page where a worker cannot draw. */
import { detailOf, SIDE_PX } from "./live-judge.js";
import { DETAIL_PX } from "./live-quality.js";

export function sampler(newCanvas) {
  const pens = [newCanvas(), newCanvas()].map(canvas => canvas.getContext("2d", { willReadFrequently: true, alpha: false }));
  function drawn(pen, source, from, w, h) {
    pen.canvas.width = w; pen.canvas.height = h;
    pen.imageSmoothingQuality = "medium";
    pen.drawImage(source, ...from, 0, 0, w, h);
    return { rgba: pen.getImageData(0, 0, w, h).data, w, h };
  }
  /* The page's corners, in shares of the frame, are those of the frame before: they say where the square lies. */
  return (source, width, height, corners) => {
    const scale = Math.min(1, SIDE_PX / Math.max(width, height));
    const frame = drawn(pens[0], source, [0, 0, width, height], Math.round(width * scale), Math.round(height * scale));
    const square = detailOf(corners, width, height);
    const size = square && Math.min(DETAIL_PX, Math.floor(square[2]));
    return { frame, detail: square && size > 96 ? drawn(pens[1], source, [square[0], square[1], square[2], square[2]], size, size) : null };
  };
}
