/* The worker of codes-in-frame.js, a classic one, so that old browsers run it too: reads the QR codes in one frame at a time with
   zxing. In: {id, pixels, width, height, hard}; out: {ready} once, then {id, texts, seen}. The only place where WebAssembly
   runs: its own content policy allows that (web.policy), the page's does not. */
importScripts(new URL("../vendor/zxing-reader.js", self.location.href).href);

const PLAIN = { formats: ["QRCode"], tryHarder: true, tryRotate: false, tryInvert: false, returnErrors: true, textMode: "Plain", maxNumberOfSymbols: 8 };
const HARD = [{ binarizer: "GlobalHistogram" }, { tryDenoise: true }, { tryInvert: true }]; // one of them a frame, in turn
let turn = 0;

ZXingWASM.prepareZXingModule({
  overrides: { locateFile: name => new URL("../vendor/" + name, self.location.href).href },
  fireImmediately: true,
}).then(() => postMessage({ ready: true }), () => postMessage({ ready: false }));

async function look(frame, more) {
  const found = (await ZXingWASM.readBarcodes(frame, { ...PLAIN, ...more })).filter(one => one.format !== "MicroQRCode" && one.format !== "RMQRCode");
  return { texts: found.filter(one => one.isValid && one.text).map(one => one.text), seen: found.length > 0 };
}

self.addEventListener("message", async ({ data }) => {
  const frame = new ImageData(new Uint8ClampedArray(data.pixels), data.width, data.height);
  let answer = { texts: [], seen: false };
  try {
    answer = await look(frame, {});
    if (!answer.texts.length && data.hard) {
      turn = (turn + 1) % HARD.length;
      const again = await look(frame, HARD[turn]);
      answer = { texts: again.texts, seen: answer.seen || again.seen };
    }
  } catch { /* a frame that cannot be read is a frame without a code */ }
  postMessage({ id: data.id, ...answer });
});
