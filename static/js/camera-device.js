/* The camera itself: opened, given back, switched, lit, remembered. No attribute of its own: camera.js calls it.
   It is given back when the page is left and after half a minute out of sight, and opened again on return; while it is
   open the screen stays on. One that another program or the page before still holds is asked for again, by itself, and one
   that shows nothing is opened anew, twice. Remembered are the choice (a hash of the device's id) and whether the light was on. */
const FULL = { width: { ideal: 4096 }, height: { ideal: 3072 } };
const HIDDEN_MS = 30_000;
const HELD_MS = [300, 900, 1800]; // a page that is going gives the camera back a moment later
const HELD_LONG_MS = 5000;
const DARK_MS = [8000, 16_000, 16_000]; // opened, and not one frame: longer than the busiest machine takes to its first
const REASONS = {
  NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "no_camera", NotReadableError: "busy", AbortError: "busy",
  OverconstrainedError: "unsuited", TypeError: "insecure",
};

/* facing: "user" or "environment". opening() when it is asked for; opened(stream, {torch, lit, several, mirrored});
   without(reason) when there is no picture. seeing() says whether a frame has come. size: as large as it is wanted. */
export function device(facing, { opening, opened, without, seeing, size = FULL }) {
  const remembered = `camera-${facing}`, remembers = `camera-light-${facing}`;
  let stream = null, lock = null, hidden = 0, turns = 0, coming = false, again = 0, dark = 0, reopened = 0;

  function open(deviceId) {
    reopened = 0;
    return begin(deviceId);
  }

  async function begin(deviceId, { quietly = false } = {}) {
    const turn = ++turns;
    close();
    if (!window.isSecureContext) return gone("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return gone("no_camera");
    coming = true;
    if (!quietly) opening();
    try {
      const asked = deviceId ?? await known();
      const got = await patient(asked, turn, quietly);
      if (turn !== turns) { if (got) stopped(got); return; } // asked for another meanwhile
      const preferred = asked ? null : await known(); // device ids are only told to those who were let in
      if (turn !== turns) { stopped(got); return; }
      if (preferred && preferred !== got.getVideoTracks()[0].getSettings().deviceId) { stopped(got); begin(preferred); return; }
      await show(got, deviceId);
    } catch (error) {
      if (turn !== turns) return;
      const reason = REASONS[error.name] ?? "no_camera";
      gone(reason);
      if (reason === "busy") again = setTimeout(() => { if (!document.hidden) begin(deviceId, { quietly: true }); }, HELD_LONG_MS);
    }
  }

  function gone(reason) {
    coming = false;
    without(reason);
  }

  /* The camera, also when it is still held for a moment. */
  async function patient(deviceId, turn, quietly) {
    for (const ms of quietly ? [] : HELD_MS) {
      try { return await wanted(deviceId); } catch (error) {
        if (REASONS[error.name] !== "busy") throw error;
        await new Promise(next => setTimeout(next, ms));
        if (turn !== turns) return null;
      }
    }
    return wanted(deviceId);
  }

  /* The one that was asked for; any that looks that way; any at all. */
  async function wanted(deviceId) {
    const wishes = [deviceId && { ...size, deviceId: { exact: deviceId } }, { ...size, facingMode: { ideal: facing } }, true];
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

  async function show(got, deviceId) {
    stream = got;
    const [track] = got.getVideoTracks(), settings = track.getSettings();
    track.addEventListener("ended", () => { if (stream === got) { close(); gone("lost"); } });
    track.addEventListener("mute", () => { if (stream === got) watch(got, deviceId, () => !track.muted); });
    const torch = Boolean(track.getCapabilities?.().torch);
    const several = (await cameras().catch(() => [])).length > 1;
    if (stream !== got) return;
    coming = false;
    watch(got, deviceId, seeing);
    // a camera that does not say where it looks is a laptop's: it looks at the person only when that is what is asked for
    const relit = torch && recall(remembers) === "on";
    opened(got, { torch, lit: relit, several, mirrored: (settings.facingMode || facing) === "user" });
    if (relit) light(true);
    awake();
  }

  /* A stream without a picture is opened anew; when that does not help either, it is said. */
  function watch(got, deviceId, fine) {
    clearTimeout(dark);
    dark = setTimeout(() => {
      if (stream !== got || fine()) return;
      if (document.hidden) { watch(got, deviceId, fine); return; }
      reopened += 1;
      if (reopened < DARK_MS.length) begin(deviceId, { quietly: true });
      else { close(); gone("silent"); }
    }, DARK_MS[Math.min(reopened, DARK_MS.length - 1)]);
  }

  function close() {
    clearTimeout(again);
    clearTimeout(dark);
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
    if (document.hidden) hidden = setTimeout(() => { turns += 1; close(); gone("asleep"); }, HIDDEN_MS);
    else if (stream) awake();
    else if (!coming) open();
  }

  document.addEventListener("visibilitychange", seen);
  window.addEventListener("pagehide", () => { turns += 1; close(); coming = false; });
  window.addEventListener("pageshow", event => { if (event.persisted) open(); });
  navigator.mediaDevices?.addEventListener?.("devicechange", () => { if (!stream && !coming && !document.hidden) open(); });
  navigator.permissions?.query({ name: "camera" }).then(state => {
    state.addEventListener("change", () => { if (state.state === "granted" && !stream && !coming) open(); });
  }, () => {});
  return {
    open, close, light, other,
    get track() { return stream?.getVideoTracks()[0] ?? null; },
    /* Whether there is a picture, or will be. */
    get coming() { return coming || Boolean(stream); },
  };
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
