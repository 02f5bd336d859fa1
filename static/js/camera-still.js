/* The still: the camera's own full-size photograph where it is larger than the preview, else the sharpest frame; and any picture
   made as small as is useful before it is sent. No attribute of its own: camera.js calls it. */
const LONG_SIDE_PX = 2400; // what the kiosk keeps: of 8-point writing as much is left as of 4,000 pixels, at half the bytes
const LARGER = 1.15;
const PHOTO_MS = 4000;

/* A JPEG of what the camera sees. guide: live.js' live(), or null. */
export async function still(track, video, guide) {
  const good = guide?.sharpest();
  const frame = good ?? await createImageBitmap(video);
  const photo = await photographed(track, video);
  const blurred = photo && good && (await guide.judged(photo).catch(() => null))?.codes.includes("blurred");
  if (!photo || blurred) return encoded(frame); // the frame was sharp: the hand moved while the sensor was read
  frame.close();
  return fitted(photo);
}

/* The sensor's own photograph, when it has more to show than the preview. */
async function photographed(track, video) {
  if (!("ImageCapture" in window)) return null;
  try {
    const capture = new ImageCapture(track), able = await capture.getPhotoCapabilities();
    const most = { imageWidth: able.imageWidth?.max ?? 0, imageHeight: able.imageHeight?.max ?? 0 };
    if (Math.max(most.imageWidth, most.imageHeight) < LARGER * Math.max(video.videoWidth, video.videoHeight)) return null;
    const late = new Promise((_, giveUp) => setTimeout(giveUp, PHOTO_MS));
    return await Promise.race([capture.takePhoto(most), late]);
  } catch { return null; } // not every camera can: the frame does
}

/* The same picture upright and at most LONG_SIDE_PX long; as it is when it is no larger, or this browser cannot read it. */
export async function fitted(picture) {
  let whole = null;
  try {
    whole = await createImageBitmap(picture, { imageOrientation: "from-image" });
    if (Math.max(whole.width, whole.height) > LONG_SIDE_PX) {
      const small = await encoded(whole);
      return small && small.size < picture.size ? named(small, picture.name) : picture;
    }
  } catch { /* a HEIC photograph, or no picture at all: the kiosk itself looks */ }
  whole?.close();
  return picture;
}

const named = (blob, name) => name ? new File([blob], name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : blob;

async function encoded(bitmap) {
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92));
}
