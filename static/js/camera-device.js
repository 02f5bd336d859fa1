/* The camera itself: opened, given back, switched, lit, remembered. No attribute of its own: camera.js calls it.
   It is given back when the page is left and after half a minute out of sight, and opened again on return; while it is
   open the screen stays on. Remembered are the choice (a hash of the device's id) and whether the light was on. */
const FULL = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const HIDDEN_MS = 30_000;
const REASONS = {
  NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "no_camera", NotReadableError: "busy", AbortError: "busy",
  OverconstrainedError: "unsuited", TypeError: "insecure",
};

/* facing: "user" or "environment". opened(stream, {torch, lit, several, mirrored}); without(reason) when there is no picture. */
export function device(facing, { opened, without }) {
  const remembered = `camera-${facing}`, remembers = `camera-light-${facing}`;
  let stream = null, lock = null, hidden = 0, opening = 0;

  async function open(deviceId) {
    const turn = ++opening;
    close();
    if (!window.isSecureContext) return without("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return without("no_camera");
    const asked = deviceId ?? await known();
    try {
      const got = await wanted(asked);
      if (turn !== opening) { stopped(got); return; } // asked for another meanwhile
      const preferred = asked ? null : await known(); // device ids are only told to those who were let in
      if (preferred && preferred !== got.getVideoTracks()[0].getSettings().deviceId) { stopped(got); open(preferred); return; }
      show(got);
    } catch (error) {
      if (turn === opening) without(REASONS[error.name] ?? "no_camera");
    }
  }

  /* The one that was asked for; any that looks that way; any at all. */
  async function wanted(deviceId) {
    const wishes = [deviceId && { ...FULL, deviceId: { exact: deviceId } }, { ...FULL, facingMode: { ideal: facing } }, true];
    let last = null;
    for (const video of wishes) {
      if (!video) continue;
      try { return await navigator.mediaDevices.getUserMedia({ video, audio: false }); } catch (error) {
        last = error;
        if (error.name === "OverconstrainedError" && deviceId) recall(remembered, null); // the remembered one is gone
        else if (error.name !== "OverconstrainedError") throw error;
      }
    }
    throw last;
  }

  async function show(got) {
    stream = got;
    const [track] = got.getVideoTracks(), settings = track.getSettings();
    track.addEventListener("ended", () => { if (stream === got) { close(); without("lost"); } });
    const torch = Boolean(track.getCapabilities?.().torch);
    const several = (await cameras()).length > 1;
    if (stream !== got) return;
    // a camera that does not say where it looks is a laptop's: it looks at the person only when that is what is asked for
    const relit = torch && recall(remembers) === "on";
    opened(got, { torch, lit: relit, several, mirrored: (settings.facingMode || facing) === "user" });
    if (relit) light(true);
    awake();
  }

  function close() {
    if (stream) stopped(stream);
    stream = null;
    lock?.release().catch(() => {});
    lock = null;
  }

  async function awake() {
    try { lock = await navigator.wakeLock?.request("screen") ?? null; } catch { /* the battery is low: the screen may go dark */ }
  }

  async function light(on) {
    try {
      await stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
      recall(remembers, on ? "on" : null);
      return on;
    } catch { return false; }
  }

  async function other() {
    const all = await cameras(), here = stream?.getVideoTracks()[0].getSettings().deviceId;
    const next = all[(all.findIndex(one => one.deviceId === here) + 1) % all.length];
    if (!next) return;
    recall(remembered, await hash(next.deviceId));
    open(next.deviceId);
  }

  async function known() {
    const mark = recall(remembered);
    if (mark) for (const one of await cameras()) if (one.deviceId && await hash(one.deviceId) === mark) return one.deviceId;
    return null;
  }

  function seen() {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => { opening += 1; close(); without("asleep"); }, HIDDEN_MS);
    else if (stream) awake();
    else open();
  }

  document.addEventListener("visibilitychange", seen);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", event => { if (event.persisted) open(); });
  navigator.mediaDevices?.addEventListener?.("devicechange", () => { if (!stream && !document.hidden) open(); });
  navigator.permissions?.query({ name: "camera" }).then(state => {
    state.addEventListener("change", () => { if (state.state === "granted" && !stream) open(); });
  }, () => {});
  return { open, close, light, other, get track() { return stream?.getVideoTracks()[0] ?? null; } };
}

const stopped = stream => { for (const track of stream.getTracks()) track.stop(); };

async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter(one => one.kind === "videoinput");
}

async function hash(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes).slice(0, 8)].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

/* A choice kept in this browser: read without a value, forgotten with null. */
export function recall(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(key);
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
  } catch { /* private window: the choice holds for this page only */ }
  return null;
}
