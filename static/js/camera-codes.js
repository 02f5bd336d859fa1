/* Frames of the preview to the server until it has read a code in one, one at a time. No attribute of its own: camera.js calls it. */
import { send } from "./upload.js";

const EVERY_MS = 700;
const SIDE_PX = 1280;

/* read() begins, once at a time, and ends with the camera. pausing() says when no frame is wanted; arrived(location) where to
   go with the code. */
export function codes(page, { camera, video, form, pausing, arrived }) {
  let reading = false;

  async function read() {
    if (reading) return;
    reading = true;
    while (camera.track && page.isConnected) {
      await new Promise(next => setTimeout(next, EVERY_MS));
      if (pausing() || !camera.track || document.hidden || !video.videoWidth) continue;
      const frame = await drawn(video);
      const answer = frame && !pausing() ? await send(page.dataset.shoot, form, { picture: frame, unasked: true }) : {};
      if (answer.location) {
        reading = false; // whoever comes back to this page reads again
        arrived(answer.location);
        return;
      }
    }
    reading = false;
  }
  return { read };
}

function drawn(video) {
  const scale = Math.min(1, SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.8));
}
