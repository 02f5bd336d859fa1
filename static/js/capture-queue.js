/* What is on its way to the server: pictures and changes of their order, one after the other, so that positions always mean
   what they meant when they were pressed. A picture that found no way stays, and is tried again. No attribute of its own. */
import { isLock } from "./unlock-here.js";
import { newId, send } from "./upload.js";

const AGAIN_MS = [5_000, 10_000, 20_000, 30_000];

/* changed() after every step; arrived(entry, answer) when the server took one; refused(entry, answer) when it will never take it. */
export function queue(form, { changed, arrived, refused }) {
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
    sending = false;
    if (answer.location && (entry.fields?.stay || isLock(answer.location))) { // the tablet locked itself: nothing is lost unless the page is left
      entry.state = "failed";
      changed();
      arrived(entry, answer);
      return;
    }
    if (answer.code === 400) await renewed(); // the kiosk was started anew, its pages' tokens with it
    if (answer.failed || answer.code >= 500 || answer.code === 400) {
      entry.state = "failed";
      entry.said = answer.html ?? "";
      timer = setTimeout(step, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
      failures += 1;
      changed();
      return;
    }
    failures = 0;
    entries.shift();
    if (answer.location || answer.code < 400) arrived(entry, answer); else refused(entry, answer);
    if (entry.preview) URL.revokeObjectURL(entry.preview);
    changed();
    step();
  }

  async function renewed() {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
      const token = page.querySelector("[data-shoot] input[name=csrf_token]")?.value;
      if (token) form.elements.csrf_token.value = token;
    } catch { /* it is not back yet */ }
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
