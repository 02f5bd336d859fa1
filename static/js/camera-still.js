/* The still: the camera's own full-size photograph where it is larger than the preview, else the sharpest frame; and any picture
   made as small as is useful before it is sent. No attribute of its own: camera.js calls it. */
const LONG_SIDE_PX = 2400; // what the kiosk keeps: of 8-point writing as much is left as of 4,000 pixels, at half the bytes
const LARGER = 1.15;
const PHOTO_MS = 4000;
const FRAME_MS = 45_000; // camera-device.js has opened it anew by then, or said that it cannot

/* A JPEG of what the camera (camera-device.js) sees; null when it shows nothing. guide: live.js' live(), or null. */
export async function still(camera, video, guide) {
  const track = await shown(camera, video);
  if (!track) return null;
  const good = guide?.sharpest(), frame = scaled(good ?? video); // as it was when the shutter was pressed
  const photo = await photographed(track, video);
  const blurred = photo && good && (await guide.judged(photo).catch(() => null))?.codes.includes("blurred");
  good?.close();
  return photo && !blurred ? fitted(photo) : jpeg(frame); // the frame was sharp: the hand moved while the sensor was read
}

/* A camera that was opened just now, or on a machine that is busy, may take a while to its first frame. */
async function shown(camera, video) {
  for (const until = performance.now() + FRAME_MS; performance.now() < until && camera.coming;) {
    if (camera.track && video.readyState >= 2 && video.videoWidth) return camera.track;
    await new Promise(next => setTimeout(next, 100));
  }
  return null;
}

/* The sensor's own photograph, when it has more to show than the preview and comes in time. */
async function photographed(track, video) {
  if (!("ImageCapture" in window)) return null;
  async function asked() {
    const capture = new ImageCapture(track), able = await capture.getPhotoCapabilities();
    const most = { imageWidth: able.imageWidth?.max ?? 0, imageHeight: able.imageHeight?.max ?? 0 };
    if (Math.max(most.imageWidth, most.imageHeight) < LARGER * Math.max(video.videoWidth, video.videoHeight)) return null;
    return capture.takePhoto(most);
  }
  const late = new Promise(giveUp => setTimeout(giveUp, PHOTO_MS, null));
  return Promise.race([asked().catch(() => null), late]); // not every camera can, and some never answer: the frame does
}

/* The same picture upright and at most LONG_SIDE_PX long; as it is when it is no larger, or this browser cannot read it. */
export async function fitted(picture) {
  let whole = null;
  try {
    whole = await createImageBitmap(picture, { imageOrientation: "from-image" });
    if (Math.max(whole.width, whole.height) > LONG_SIDE_PX) {
      const small = await jpeg(scaled(whole));
      return small && small.size < picture.size ? named(small, picture.name) : picture;
    }
  } catch { /* a HEIC photograph, or no picture at all: the kiosk itself looks */ } finally { whole?.close(); }
  return picture;
}

const named = (blob, name) => name ? new File([blob], name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : blob;

/* Onto a canvas at once, at most LONG_SIDE_PX long: a bitmap, or what a video shows. */
function scaled(source) {
  const width = source.videoWidth ?? source.width, height = source.videoHeight ?? source.height;
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpeg = canvas => new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92));
