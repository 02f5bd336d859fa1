/* The camera reads codes: a frame goes to the kiosk, the next only after its answer, at most five a second.
   Owns data-scan="<address for frames>", data-scan-target="<what an answer replaces>", data-scan-keys="<address for a USB scanner's
   text>"; within it <video>, [data-scan-word]; beside it [data-scan-torch] and [data-scan-swap]. An answer 204 means: nothing yet.
   The camera stays open while verdicts come and go. A card just shown (data-mark on what it brought) is not read again for 3 s. */
const WIDTH = 1280;
const EVERY_MS = 200;
const AGAIN_MS = 3000;
const REMEMBERED = "scan-camera";

let stream = null;
let asking = null;
let shown = { mark: "", until: 0 };
let keys = { text: "", at: 0 };

const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
const pause = ms => new Promise(done => setTimeout(done, ms));

function remembered() {
  try { return localStorage.getItem(REMEMBERED); } catch { return null; }
}

async function camera() {
  if (stream?.active) return stream;
  if (!navigator.mediaDevices?.getUserMedia) return null;
  asking ??= (async () => {
    const size = { width: { ideal: WIDTH }, height: { ideal: 720 } };
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
  shown = { mark: fresh.dataset.mark || "", until: 0 };
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

async function watch(place, video) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { alpha: false });
  if (shown.mark && !shown.until) shown.until = performance.now() + AGAIN_MS;
  while (place.isConnected) {
    const begun = performance.now();
    if (!document.hidden && stream?.active && video.readyState >= 2 && video.videoWidth) {
      const scale = Math.min(1, WIDTH / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const frame = await new Promise(done => canvas.toBlob(done, "image/jpeg", .8));
      if (frame && place.isConnected) {
        const seen = begun < shown.until ? { "X-Seen": shown.mark } : {};
        try { await answered(place, await post(place.dataset.scan, frame, { "Content-Type": "image/jpeg", ...seen })); } catch { await pause(1000); }
      }
    }
    await pause(Math.max(20, EVERY_MS - (performance.now() - begun)));
  }
}

async function begin(place) {
  const video = place.querySelector("video");
  const word = place.querySelector("[data-scan-word]");
  const got = await camera();
  if (!place.isConnected) return;
  if (!got) {
    place.dataset.state = "none";
    word.textContent = word.dataset.none;
    document.querySelector(".gate-other")?.setAttribute("open", "");
    return;
  }
  video.srcObject = got;
  await video.play().catch(() => {});
  place.dataset.state = "live";
  word.textContent = "";
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

/* A USB scanner types like a keyboard, fast, and ends with Enter: wherever the focus is not in a field. */
document.addEventListener("keydown", async event => {
  const place = document.querySelector("[data-scan-keys]");
  if (!place || event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const now = performance.now();
  if (now - keys.at > 100) keys.text = "";
  keys.at = now;
  if (event.key.length === 1) { keys.text += event.key; return; }
  if (event.key !== "Enter" || keys.text.length < 8) return;
  event.preventDefault();
  const text = keys.text;
  keys.text = "";
  const reply = await post(place.dataset.scanKeys, new URLSearchParams({ text }));
  answered(place, reply);
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
