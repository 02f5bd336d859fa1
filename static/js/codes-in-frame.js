/* The QR codes in a camera's frame or a chosen picture, read on this device by zxing in a worker (codes-worker.js, beside this file; it
   takes zxing-reader.js and zxing_reader.wasm from ../vendor/). No attribute of its own: the kiosk's gate and the browser's verifier
   call it, and whoever works with no line keeps these four files. Nothing of a frame is kept or sent. */
const STUCK_MS = 4000; // a frame that is not answered for so long is given up
const WIDEST = 1920; // more pixels than a card in the hand needs cost more than they find
const PICTURE_SIDES = [1600, 2400, 1000];

/* reader() starts the worker. ready: a promise, whether it can read here. frame(video): the texts in what the camera shows now, and
   whether something looked like a code although none could be read, as {texts, seen}. picture(file): the texts in a picture
   somebody chose; throws when it is none. read(pixels, {hard}): the same for ImageData, which is handed over and gone
   afterwards; hard looks twice, the second time in another way each frame. Whoever asks while another is read waits for it. */
export function reader() {
  const nothing = { texts: [], seen: false };
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  let worker = null, count = 0, answer = null, able = () => {}, before = Promise.resolve();
  const ready = new Promise(done => { able = done; });
  try {
    worker = new Worker(new URL("./codes-worker.js", import.meta.url));
    worker.addEventListener("message", ({ data }) => {
      if ("ready" in data) able(data.ready);
      else if (data.id === count && answer) answer({ texts: data.texts, seen: data.seen });
    });
    worker.addEventListener("error", () => { able(false); answer?.(nothing); });
  } catch { able(false); } // no worker, or no WebAssembly: the page does without

  async function asked(pixels, hard) {
    if (!await ready || !worker) return nothing;
    count += 1;
    let late = 0;
    const found = await new Promise(done => {
      answer = done;
      late = setTimeout(done, STUCK_MS, nothing);
      worker.postMessage({ id: count, pixels: pixels.data.buffer, width: pixels.width, height: pixels.height, hard }, [pixels.data.buffer]);
    });
    clearTimeout(late);
    answer = null;
    return found;
  }

  function read(pixels, { hard = false } = {}) {
    const mine = before.then(() => asked(pixels, hard));
    before = mine.catch(() => {});
    return mine;
  }

  function drawn(source, width, height, widest) {
    const scale = Math.min(1, widest / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  const frame = video => read(drawn(video, video.videoWidth, video.videoHeight, WIDEST), { hard: true });

  async function picture(file) {
    const image = new Image(), address = URL.createObjectURL(file);
    try {
      image.src = address;
      await image.decode();
      for (const side of PICTURE_SIDES) {
        const { texts } = await read(drawn(image, image.naturalWidth, image.naturalHeight, side), { hard: true });
        if (texts.length) return texts;
      }
      return [];
    } finally { URL.revokeObjectURL(address); }
  }

  return { ready, read, frame, picture, close: () => worker?.terminate() };
}
