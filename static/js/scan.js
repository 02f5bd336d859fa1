/* The camera reads codes. Owns data-scan="<address for frames>", data-scan-target="<what an answer replaces>", data-scan-keys="<address
   for the text of a scanner that types>" (read also while there is no camera on the page), data-scan-text="<address for texts read
   here>"; within it <video>, [data-scan-word]; beside it [data-scan-title]="<the heading without a camera>", [data-scan-torch] and [data-scan-swap]. An answer 204 means: nothing yet.
   With data-scan-text each frame is read on this device (codes-in-frame.js), and only a hard one, where something looks like a code
   or long nothing was seen, goes to the kiosk; without it, or where the device cannot, every frame does. One at a time, either way.
   The camera stays open while verdicts come and go. A card just shown is not read again for 3 s, known by data-mark on what it
   brought and by its text in memory. Without a camera the phone's own may do it (scan-own.js). */
import { reader } from "./codes-in-frame.js";
import { scannerKeys } from "./scan-keys.js";
import { ownCamera } from "./scan-own.js";

const WIDTH = 1280; // of a frame for the kiosk
const EVERY_MS = 200; // between two frames for the kiosk, where it reads all of them
const HARD_MS = 600; // where only hard ones go there
const UNSEEN_MS = 2500; // and one in which nothing was seen
const READ_MS = 60; // between two frames that are read here
const AGAIN_MS = 3000;
const SLOW_MS = 12_000; // held up in vain for so long, data-slow of the word says what helps
const REMEMBERED = "scan-camera";

let stream = null;
let asking = null;
let shown = { mark: "", texts: new Set(), until: 0 };
let codes = null;

const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
const pause = ms => new Promise(done => setTimeout(done, ms));

function remembered() {
  try { return localStorage.getItem(REMEMBERED); } catch { return null; }
}

async function camera() {
  if (stream?.active) return stream;
  if (!navigator.mediaDevices?.getUserMedia) return null;
  asking ??= (async () => {
    const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
    const kept = remembered();
    for (const which of [kept ? { deviceId: { exact: kept } } : null, { facingMode: { ideal: "environment" } }, {}]) {
      if (!which) continue;
      try { return await navigator.mediaDevices.getUserMedia({ video: { ...size, ...which }, audio: false }); } catch { /* the next wish */ }
    }
    return null;
  })();
  stream = await asking;
  asking = null;
  return stream;
}

function close() {
  for (const track of stream?.getTracks() || []) track.stop();
  stream = null;
}

function put(target, html) {
  const old = document.querySelector(target);
  if (!old) return;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fresh = parsed.querySelector(target);
  if (!fresh) return;
  old.replaceWith(fresh);
  if (fresh.dataset.mark) shown = { ...shown, mark: fresh.dataset.mark, until: 0 };
  if (document.querySelector("[data-scan][data-bound]")) shown.until = performance.now() + AGAIN_MS; // the camera has stayed on the page
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
}

async function post(url, body, headers = {}) {
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true", "X-Poll": "1", ...headers } });
}

async function answered(place, reply) {
  if (reply.status === 204) return;
  if (reply.status === 400 || reply.status === 403) {  // the kiosk was started anew; its page must be too
    await pause(2000);
    location.reload();
    return;
  }
  if (reply.ok && place.isConnected) put(place.dataset.scanTarget, await reply.text());
}

/* A frame as the kiosk wants it, no wider than so much. */
function drawn(video, canvas) {
  const scale = Math.min(1, WIDTH / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
}

const ready = video => !document.hidden && stream?.active && video.readyState >= 2 && video.videoWidth;
const justShown = at => (shown.mark || shown.texts.size > 0) && (!shown.until || at < shown.until);

async function toKiosk(place, video, canvas) {
  const begun = performance.now();
  drawn(video, canvas);
  const frame = await new Promise(done => canvas.toBlob(done, "image/jpeg", .8));
  if (!frame || !place.isConnected) return;
  const seen = justShown(begun) ? { "X-Seen": shown.mark } : {};
  try { await answered(place, await post(place.dataset.scan, frame, { "Content-Type": "image/jpeg", ...seen })); } catch { await pause(1000); }
}

async function asked(place, texts, address, more = {}) {
  const form = new URLSearchParams(more);
  for (const text of texts) form.append("text", text);
  const before = shown, seen = justShown(performance.now()) ? { "X-Seen": before.mark } : {};
  shown = { mark: "", texts: new Set(texts), until: 0 };
  try {
    const reply = await post(address, form, seen);
    if (reply.status === 204) shown = { ...before, texts: new Set([...before.texts, ...texts]), until: before.until && performance.now() + AGAIN_MS };
    await answered(place, reply);
  } catch { shown.texts.clear(); await pause(1000); }
}

async function watch(place, video) {
  const canvas = document.createElement("canvas");
  const here = place.dataset.scanText ? codes ??= reader() : null;
  const able = Boolean(here) && await here.ready;
  let sent = performance.now(), vain = 0;
  while (place.isConnected) {
    const begun = performance.now();
    if (!ready(video)) { await pause(100); continue; }
    if (!able) {
      await toKiosk(place, video, canvas);
      await pause(Math.max(20, EVERY_MS - (performance.now() - begun)));
      continue;
    }
    const found = await here.frame(video);
    if (!place.isConnected) return;
    const fresh = found.texts.filter(text => !(justShown(begun) && shown.texts.has(text)));
    if (fresh.length) await asked(place, fresh, place.dataset.scanText);
    else if (!found.texts.length) {
      vain = found.seen ? vain + 1 : 0;
      if (begun - sent > (vain > 1 ? HARD_MS : UNSEEN_MS)) {
        await toKiosk(place, video, canvas);
        sent = performance.now();
      }
    }
    await pause(Math.max(10, READ_MS - (performance.now() - begun)));
  }
}

async function begin(place) {
  const video = place.querySelector("video");
  const word = place.querySelector("[data-scan-word]");
  if (!shown.until) shown.until = performance.now() + AGAIN_MS; // the verdict is gone from here on
  const got = await camera();
  if (!place.isConnected) return;
  if (!got) {
    place.dataset.state = "none";
    word.textContent = (!window.isSecureContext && word.dataset.plain) || word.dataset.none;
    const title = document.querySelector("[data-scan-title]"); // it asked for a code before a camera that is not there
    if (title) title.textContent = title.dataset.scanTitle;
    document.querySelector(".gate-other")?.setAttribute("open", "");
    ownCamera(place, word, async picture => {
      const reply = await post(place.dataset.scan, picture, { "Content-Type": "image/jpeg" });
      await answered(place, reply);
      return reply.ok && reply.status !== 204;
    });
    return;
  }
  video.srcObject = got;
  await video.play().catch(() => {});
  place.dataset.state = "live";
  word.textContent = "";
  if (word.dataset.slow) setTimeout(() => { if (place.isConnected) word.textContent = word.dataset.slow; }, SLOW_MS);
  tools(got);
  watch(place, video);
}

async function tools(got) {
  const track = got.getVideoTracks()[0];
  const torch = document.querySelector("[data-scan-torch]");
  if (torch && track.getCapabilities?.().torch) {
    torch.hidden = false;
    torch.setAttribute("aria-pressed", String(Boolean(track.getSettings().torch)));
    torch.addEventListener("click", async () => {
      const on = torch.getAttribute("aria-pressed") !== "true";
      await track.applyConstraints({ advanced: [{ torch: on }] });
      torch.setAttribute("aria-pressed", String(on));
    });
  }
  const swap = document.querySelector("[data-scan-swap]");
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(one => one.kind === "videoinput");
  if (swap && cameras.length > 1) {
    swap.hidden = false;
    swap.addEventListener("click", async () => {
      const at = cameras.findIndex(one => one.deviceId === track.getSettings().deviceId);
      try { localStorage.setItem(REMEMBERED, cameras[(at + 1) % cameras.length].deviceId); } catch { /* for this page only */ }
      close();
      const place = document.querySelector("[data-scan]");
      const next = await camera();
      if (place && next) { place.querySelector("video").srcObject = next; place.querySelector("video").play(); }
    });
  }
}

scannerKeys({
  wanted: () => document.querySelector("[data-scan-keys]"),
  async heard({ text, keys }) {
    const place = document.querySelector("[data-scan-keys]");
    if (!place || justShown(performance.now()) && shown.texts.has(text)) return;
    await asked(place, [text], place.dataset.scanKeys, { keys });
  },
});

export function attach(root) {
  const places = [...root.querySelectorAll("[data-scan]:not([data-bound])")];
  if (root.matches?.("[data-scan]:not([data-bound])")) places.push(root);
  for (const place of places) {
    place.dataset.bound = "";
    begin(place);
  }
}

window.addEventListener("pagehide", close);
attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
