/* Where the page may not use the camera (plain http on a phone): the phone's own camera app takes the picture, and it goes where frames
   go. Owns data-scan-own, a label with a file field that is hidden as long as there is a camera, and data-scan-unread on it. */
const SIDE_PX = 2000; // a code held close is large enough, and the kiosk takes frames up to 2 MB

/* Shows the label in `place` or beside it. send(jpeg): whether something was read. */
export function ownCamera(place, word, send) {
  const label = place.parentElement.querySelector("[data-scan-own]");
  if (!label) return;
  label.hidden = false;
  if (label.dataset.bound) return;
  label.dataset.bound = "true";
  label.querySelector("input").addEventListener("change", async event => {
    const [chosen] = event.target.files;
    event.target.value = "";
    if (!chosen) return;
    const read = await send(await smaller(chosen)).catch(() => false);
    if (!read && place.isConnected) word.textContent = label.dataset.scanUnread;
  });
}

async function smaller(picture) {
  const whole = await createImageBitmap(picture, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_PX / Math.max(whole.width, whole.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(whole.width * scale);
  canvas.height = Math.round(whole.height * scale);
  canvas.getContext("2d", { alpha: false }).drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return new Promise(done => canvas.toBlob(done, "image/jpeg", 0.85));
}
