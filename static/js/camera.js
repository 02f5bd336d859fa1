/* The camera's page: preview, shutter, torch, other camera, a file instead. Owns data-shoot.
   A picture that could not be sent stays on the screen until it is. */
import { send } from "./upload.js";

const FULL = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const AUTO_EVERY_MS = 700; // a frame for the reader, one at a time
const AUTO_SIDE_PX = 1280;

export function attach(root) {
  const pages = [...root.querySelectorAll("[data-shoot]")];
  if (root.matches?.("[data-shoot]")) pages.push(root);
  for (const page of pages) if (!("bound" in page.dataset)) begin(page);
}

function begin(page) {
  page.dataset.bound = "";
  const part = name => page.querySelector(`[data-${name}]`);
  const video = part("preview"), still = part("still"), form = page.querySelector("form.shutter-row");
  const remembered = `camera-${page.dataset.facing}`;
  let track = null, picture = null, busy = false;

  const word = name => page.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  function say(text, state = "") {
    const line = document.getElementById("say");
    line.dataset.state = state;
    line.querySelector("span").textContent = text;
  }
  function reveal(name, shown) {
    const element = part(name);
    if (element) element.hidden = !shown;
  }

  async function open(deviceId) {
    track?.stop();
    if (!window.isSecureContext) return without("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return without("no_camera");
    const wanted = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: page.dataset.facing } };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { ...FULL, ...wanted }, audio: false });
      show(stream);
    } catch (error) {
      if (deviceId) { recall(remembered, null); return open(); } // the remembered one is gone
      without({ NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy" }[error.name] ?? "no_camera");
    }
  }

  async function show(stream) {
    track = stream.getVideoTracks()[0];
    track.addEventListener("ended", () => without("lost"));
    video.srcObject = stream;
    video.classList.toggle("mirrored", page.dataset.facing === "user");
    for (const [name, shown] of [["preview", true], ["shutter", true], ["none", false], ["send", false]]) reveal(name, shown);
    reveal("torch", Boolean(track.getCapabilities?.().torch));
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(device => device.kind === "videoinput");
    reveal("switch", cameras.length > 1);
    page.dataset.state = "ready";
    if ("auto" in page.dataset) look();
  }

  function without(reason) {
    track = null;
    for (const [name, shown] of [["preview", false], ["shutter", false], ["torch", false], ["none", true], ["send", false]]) reveal(name, shown);
    part("why").textContent = word(reason);
    page.dataset.state = reason;
  }

  async function shoot() {
    if (busy || !track) return;
    busy = true;
    try {
      picture = await full(track, video);
      await keep();
    } finally { busy = false; }
  }

  async function keep() {
    freeze(picture);
    say(word("saving"));
    reveal("again", false);
    reveal("progress", true);
    const answer = await send(form, picture, { onProgress: percent => { part("progress").value = percent; } });
    reveal("progress", false);
    if (answer.location) { window.location.assign(answer.location); return; }
    const said = !answer.failed && answer.html.includes('id="say"');
    if (said) document.getElementById("say").outerHTML = answer.html;
    else say(sentence(answer.html) ?? word("failed"), "wait");
    if (answer.code < 500) thaw(); // the picture is not the right one
    else reveal("again", true); // it is right and stays where it is until it is kept
  }

  function freeze(blob) {
    if (still.src) URL.revokeObjectURL(still.src);
    still.src = URL.createObjectURL(blob);
    for (const [name, shown] of [["still", true], ["preview", false], ["none", false], ["shutter", false]]) reveal(name, shown);
  }
  function thaw() {
    picture = null;
    part("file").value = "";
    for (const [name, shown] of [["still", false], ["preview", track], ["none", !track], ["shutter", track]]) reveal(name, shown);
  }

  async function look() {
    while (track && page.isConnected) {
      await new Promise(next => setTimeout(next, AUTO_EVERY_MS));
      if (busy || !track || document.hidden || !video.videoWidth) continue;
      const frame = await drawn(video, AUTO_SIDE_PX, 0.8);
      const answer = frame && !busy ? await send(form, frame, { unasked: true }) : {};
      if (answer.location) { window.location.assign(answer.location); return; }
    }
  }

  part("shutter").addEventListener("click", shoot);
  part("again").addEventListener("click", keep);
  part("file").addEventListener("change", event => {
    const [chosen] = event.target.files;
    if (chosen) { picture = chosen; keep(); }
  });
  part("torch").addEventListener("click", event => {
    const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(on));
    track?.applyConstraints({ advanced: [{ torch: on }] }).catch(() => { reveal("torch", false); });
  });
  part("switch").addEventListener("click", async () => {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(device => device.kind === "videoinput");
    const here = cameras.findIndex(device => device.deviceId === track?.getSettings().deviceId);
    const next = cameras[(here + 1) % cameras.length];
    recall(remembered, next.deviceId);
    open(next.deviceId);
  });
  window.addEventListener("pagehide", () => track?.stop());
  page.dataset.state = "starting";
  reveal("send", false);
  open(recall(remembered));
}

/* What a whole page of trouble says (too large, no room to receive it), when that is what came back. */
function sentence(html) {
  return html && new DOMParser().parseFromString(html, "text/html").querySelector(".verdict h1")?.textContent;
}

/* The camera's own full-size photograph where the browser gives one, else the frame at the track's size. */
async function full(track, video) {
  if ("ImageCapture" in window) {
    try {
      const late = new Promise((_, give_up) => setTimeout(give_up, 4000));
      return await Promise.race([new ImageCapture(track).takePhoto(), late]);
    } catch { /* not every camera can: the frame does */ }
  }
  return drawn(video, Infinity, 0.92);
}

function drawn(video, side, quality) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", quality));
}

function recall(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
  } catch { /* private window: the choice holds for this page only */ }
  return null;
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
