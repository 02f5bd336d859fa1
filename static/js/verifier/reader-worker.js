/* A worker of its own: pixels come, the texts of the QR codes in them go back; nothing is kept. A classic worker, since the reader of
   codes is a classic script. Its address says where it lies, and the reader lies beside it. */
const VENDOR = new URL("../../vendor/", self.location.href).href;
importScripts(`${VENDOR}zxing-reader.js`);
ZXingWASM.prepareZXingModule({ overrides: { locateFile: name => VENDOR + name }, fireImmediately: true });

const HOW = { formats: ["QRCode"], tryHarder: true, tryRotate: true, tryInvert: false, tryDownscale: true, maxNumberOfSymbols: 4, textMode: "Plain" };

self.onmessage = async ({ data: { id, width, height, pixels } }) => {
  let texts = [];
  try {
    const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
    texts = (await ZXingWASM.readBarcodes(image, HOW)).filter(one => one.isValid).map(one => one.text);
  } catch (error) {
    self.postMessage({ id, texts, trouble: String(error.name || "Error") });
    return;
  }
  self.postMessage({ id, texts });
};
