/* What is on its way to the server: pictures and changes of their order, one after the other, so that positions always mean
   what they meant when they were pressed. A picture that found no way stays, and is tried again: only what the kiosk itself says
   about the picture is an answer, nothing that stands between (a lock, a kiosk not yet open, a proxy). No attribute of its own. */
import { isLock } from "./unlock-here.js";
import { newId, send } from "./upload.js";

const AGAIN_MS = [5_000, 10_000, 20_000, 30_000];
const BUSY_MS = [2_000, 3_000, 5_000, 10_000]; // the kiosk is there, and has its hands full just now
const RENEW_MS = 20_000;
const FINAL = [404, 409, 410, 413, 415, 422]; // this picture, sent again, would fare no better

/* changed() after every step; arrived(entry, answer) when the server took one; refused(entry, answer) when it will never take it.
   understood(html): whether a page that came back is the answer to a picture. */
export function queue(form, { changed, arrived, refused, understood }) {
  const entries = [];
  let sending = false, failures = 0, timer = 0;

  function add(entry) {
    const made = { id: newId(), state: "waiting", progress: 0, ...entry };
    entries.push(made);
    changed();
    step();
    return made;
  }

  async function step() {
    clearTimeout(timer);
    const [entry] = entries;
    if (!entry || sending) return;
    sending = true;
    entry.state = "sending";
    changed();
    const fields = { ...entry.fields, ...(entry.picture && { shot: entry.id }) };
    const onProgress = percent => { entry.progress = percent; changed(); };
    const answer = await send(entry.action, form, { picture: entry.picture, fields, onProgress });
    const fresh = answer.code === 400 && await renewed(); // the kiosk was started anew, its pages' tokens with it
    sending = false;
    if (answer.location && (entry.fields?.stay || isLock(answer.location))) { // the tablet locked itself: nothing is lost unless the page is left
      entry.state = "failed";
      failures = 0;
      changed();
      arrived(entry, answer);
      return;
    }
    const final = FINAL.includes(answer.code);
    if (!answer.location && !final && !(answer.code < 300 && understood(answer.html))) {
      entry.state = "failed";
      const waits = answer.code === 503 ? BUSY_MS : AGAIN_MS;
      entry.said = answer.code >= 500 ? answer.html : "";
      timer = setTimeout(step, fresh && !failures ? 0 : waits[Math.min(failures, waits.length - 1)]);
      failures += 1;
      changed();
      return;
    }
    failures = 0;
    entries.shift();
    if (final) refused(entry, answer); else arrived(entry, answer);
    if (entry.preview) URL.revokeObjectURL(entry.preview);
    changed();
    step();
  }

  /* A new token for every form of the page, whichever page the kiosk shows instead of this one; whether there was one. */
  async function renewed() {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href, { signal: AbortSignal.timeout(RENEW_MS) })).text(), "text/html");
      const token = page.querySelector("input[name=csrf_token]")?.value;
      if (token) for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
      return Boolean(token);
    } catch { return false; } // it is not back yet
  }

  window.addEventListener("online", step);
  window.addEventListener("beforeunload", event => { if (entries.some(entry => entry.picture)) event.preventDefault(); });
  return {
    add,
    again: step,
    entries,
    get busy() { return entries.length > 0; },
    get failed() { return entries[0]?.state === "failed" ? entries[0] : null; },
    clear() { entries.length = 0; clearTimeout(timer); },
  };
}
