/* The stop-watch of a case: counts a second only while the page is seen and somebody did something within thirty. Owns
   data-attend, data-stopwatch, data-attended, data-news. Tells the center every fifteen seconds of attention, which keeps the case
   this reviewer's, and says what changed about it meanwhile; when the case is left, so that anybody may take it. */
const IDLE_MS = 30_000, TELL_S = 15;

let input = Date.now();
for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"]) {
  addEventListener(name, () => { input = Date.now(); }, { passive: true, capture: true });
}

let here = null; // the case that is watched

function token() { return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || ""; }

function told(watch) {
  const seconds = watch.unsent;
  watch.unsent = 0;
  return new URLSearchParams({ seconds: String(seconds), rev: watch.main.dataset.rev, csrf_token: token() });
}

export function watch(main) {
  leave();
  input = Date.now();
  here = { main, seconds: Number(main.querySelector("[data-stopwatch]")?.dataset.seconds || "0"), unsent: 0, over: false };
  const clock = main.querySelector("[data-stopwatch]");
  if (clock) { clock.hidden = false; say(here); }
}

/* The decision is on its way: what was counted goes with it. */
export function decided(form) {
  if (!here) return;
  const field = form.querySelector("[data-attended]");
  if (field) field.value = String(here.unsent);
  here.over = true;
}

/* The decision was not taken after all. */
export function leave() {
  const left = here;
  here = null;
  if (!left || left.over) return;
  navigator.sendBeacon(`/desk/case/${left.main.dataset.caseId}/leave`, told(left));
}

function say(watch) {
  const out = watch.main.querySelector("[data-stopwatch-said]");
  if (out) out.textContent = `${Math.floor(watch.seconds / 60)}:${String(watch.seconds % 60).padStart(2, "0")}`;
}

async function tell(watch) {
  try {
    const answer = await fetch(`/desk/case/${watch.main.dataset.caseId}/attention`, { method: "POST", body: told(watch) });
    if (!answer.ok || answer.status === 204 || answer.redirected) return;
    const news = watch.main.querySelector("[data-news]");
    const arrived = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-moved]");
    if (news && arrived && news.textContent.trim() !== arrived.textContent.trim()) news.replaceChildren(arrived);
  } catch { /* no line for a moment: the next one tells */ }
}

setInterval(() => {
  if (!here || here.over) return;
  if (!here.main.isConnected) { leave(); return; }
  if (document.visibilityState !== "visible" || Date.now() - input > IDLE_MS) return;
  here.seconds += 1;
  here.unsent += 1;
  say(here);
  if (here.unsent >= TELL_S) tell(here);
}, 1000);
addEventListener("pagehide", leave);
