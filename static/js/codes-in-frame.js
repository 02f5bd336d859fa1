/* The QR codes in a frame, read on this device by zxing in a worker (codes-worker.js, beside this file; it takes zxing-reader.js and
   zxing_reader.wasm from ../vendor/). No attribute of its own: whoever has a camera calls it, and whoever works with no line
   keeps these four files. Nothing of a frame is kept or sent. */
const STUCK_MS = 4000; // a frame that is not answered for so long is given up

/* reader() starts the worker. ready: a promise, whether it can read here. read(frame, {hard}): frame is ImageData, whose pixels
   are handed over and gone afterwards; {texts, seen}: the texts, and whether something looked like a code although none could be
   read; one frame at a time, an empty answer to any other. hard looks twice, the second time in another way each frame. */
export function reader() {
  const nothing = { texts: [], seen: false };
  let worker = null, count = 0, answer = null, able = () => {};
  const ready = new Promise(done => { able = done; });
  try {
    worker = new Worker(new URL("./codes-worker.js", import.meta.url));
    worker.addEventListener("message", ({ data }) => {
      if ("ready" in data) able(data.ready);
      else if (data.id === count && answer) answer({ texts: data.texts, seen: data.seen });
    });
    worker.addEventListener("error", () => { able(false); answer?.(nothing); });
  } catch { able(false); } // no worker, or no WebAssembly: the page does without

  async function read(frame, { hard = false } = {}) {
    if (answer || !await ready || !worker) return nothing;
    count += 1;
    const found = await new Promise(done => {
      answer = done;
      setTimeout(done, STUCK_MS, nothing);
      worker.postMessage({ id: count, pixels: frame.data.buffer, width: frame.width, height: frame.height, hard }, [frame.data.buffer]);
    });
    answer = null;
    return found;
  }

  return { ready, read, close: () => worker?.terminate() };
}
