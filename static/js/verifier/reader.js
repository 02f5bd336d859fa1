/* Frames and chosen pictures → the texts of the QR codes in them, in a worker, so that the page stays quick. No attribute of its own. */
const SIDE = 1280; // what a card in the hand needs; more pixels cost more than they find
const PICTURE_SIDES = [1600, 2400, 1000];

export function reader() {
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url));
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  const asked = new Map();
  let count = 0, turn = 0;

  worker.onmessage = ({ data }) => { asked.get(data.id)?.(data.texts); asked.delete(data.id); };
  worker.onerror = () => { for (const answer of asked.values()) answer([]); asked.clear(); };

  function texts(source, from, to) {
    canvas.width = to.width;
    canvas.height = to.height;
    pen.drawImage(source, from.x, from.y, from.width, from.height, 0, 0, to.width, to.height);
    const { data } = pen.getImageData(0, 0, to.width, to.height);
    return new Promise(answer => {
      count += 1;
      asked.set(count, answer);
      worker.postMessage({ id: count, width: to.width, height: to.height, pixels: data.buffer }, [data.buffer]);
    });
  }

  /* One look at the video: the whole frame, every other time its middle with all the pixels there are. */
  function frame(video) {
    const { videoWidth: width, videoHeight: height } = video;
    turn += 1;
    if (turn % 2 === 0 && Math.max(width, height) > SIDE) {
      const side = Math.min(width, height, SIDE);
      return texts(video, { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side }, { width: side, height: side });
    }
    return texts(video, { x: 0, y: 0, width, height }, fitted(width, height, SIDE));
  }

  /* A picture somebody chose, looked at in several sizes. Throws when it is none. */
  async function picture(file) {
    const image = new Image(), address = URL.createObjectURL(file);
    try {
      image.src = address;
      await image.decode();
      const { naturalWidth: width, naturalHeight: height } = image;
      for (const side of PICTURE_SIDES) {
        const found = await texts(image, { x: 0, y: 0, width, height }, fitted(width, height, side));
        if (found.length) return found;
      }
      return [];
    } finally { URL.revokeObjectURL(address); }
  }

  return { frame, picture };
}

function fitted(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
