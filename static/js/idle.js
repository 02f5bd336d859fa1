/* A screen that nobody touches asks whether somebody is still there, counts down, and is wiped; any touch or key goes on. Owns the dialog
   with data-idle="<seconds>", data-answer="<seconds>", data-longer="<times>", data-end="<address>", data-home, data-rest (nothing of
   anybody here: nobody is asked), and in it data-left, data-told, data-stay, data-more, data-leave. A camera that runs, what is
   marked data-busy (a printer at work) and a voice that reads are no idleness, each for nine times as long at most: a camera left
   running would else keep a person's page for ever. Measured by a clock that nobody can set. */
const BUSY_TIMES = 9;
const SAID_AT = [10, 5]; // and at the start: more often would talk over itself
const PATIENT = "visit-longer";
const DISPLAY = ["display-zoom", "display-theme"];

const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

function recall(store, key) {
  try { return store.getItem(key); } catch { return null; }
}

export function begin(dialog) {
  if ("bound" in dialog.dataset) return;
  dialog.dataset.bound = "";
  const left = dialog.querySelector("[data-left]"), told = dialog.querySelector("[data-told]");
  let touched = performance.now(), busySince = 0, asked = 0, said = 0, over = false;

  const times = () => recall(sessionStorage, PATIENT) ? Number(dialog.dataset.longer) : 1;
  const ms = seconds => Number(seconds) * 1000 * times();

  function works() {
    if (document.querySelector("[data-busy]") || window.speechSynthesis?.speaking) return true;
    return [...document.querySelectorAll("video")].some(one => one.srcObject?.active && !one.paused);
  }
  function plain() {
    const page = document.documentElement.dataset;
    return "rest" in dialog.dataset && (page.zoom ?? "100") === "100" && (page.theme ?? "light") === "light";
  }
  function touch() {
    touched = performance.now();
    busySince = 0;
    if (!asked) return;
    asked = 0;
    dialog.close();
  }
  function say(seconds) {
    left.textContent = seconds;
    if (seconds > said || (SAID_AT.includes(seconds) && seconds !== said)) told.textContent = told.dataset.told.replace("{n}", seconds);
    said = seconds;
  }
  function ask(now) {
    asked = now;
    said = 0;
    dialog.showModal();
    say(Math.round(ms(dialog.dataset.answer) / 1000));
  }
  function look() {
    if (over) return;
    const now = performance.now();
    if (asked) {
      const rest = Math.ceil((asked + ms(dialog.dataset.answer) - now) / 1000);
      if (rest <= 0) end(); else if (rest !== said) say(rest);
      return;
    }
    if (works()) {
      busySince ||= now;
      if (now - busySince < ms(dialog.dataset.idle) * BUSY_TIMES) touched = now;
    } else busySince = 0;
    if (now - touched < ms(dialog.dataset.idle)) return;
    if (plain()) touched = now; else ask(now);
  }

  /* Everything goes from the screen first, whatever the kiosk answers and when. */
  async function end() {
    over = true;
    const head = token();
    window.speechSynthesis?.cancel();
    for (const video of document.querySelectorAll("video")) {
      for (const track of video.srcObject?.getTracks() ?? []) track.stop();
      video.srcObject = null;
    }
    for (const form of document.forms) form.reset();
    const word = Object.assign(document.createElement("p"), { className: "visit-wiped", textContent: dialog.dataset.wiped });
    dialog.close();
    document.title = dialog.dataset.wiped;
    document.body.replaceChildren(word);
    try {
      sessionStorage.clear();
      for (const key of DISPLAY) localStorage.removeItem(key);
    } catch { /* nothing is kept then */ }
    history.replaceState(null, "", dialog.dataset.home);
    for (;;) {
      try {
        await fetch(dialog.dataset.end, { method: "POST", headers: { "X-CSRFToken": head }, redirect: "manual", signal: AbortSignal.timeout(5000) });
        break;
      } catch { await new Promise(done => setTimeout(done, 1000)); }
    }
    location.replace(dialog.dataset.home);
  }

  for (const kind of ["pointerdown", "touchstart", "wheel", "input"]) {
    document.addEventListener(kind, event => { if (!asked) touch(event); }, { capture: true, passive: true });
  }
  document.addEventListener("keydown", event => {
    if (!asked) { touch(); return; }
    if (event.key === "Tab") { asked = performance.now(); return; } // on the way to one of the buttons
    if ((event.key === "Enter" || event.key === " ") && event.target.closest?.("[data-more], [data-leave]")) return;
    // a scanner that types must lose no character; what a person pressed was meant for the question
    if (!document.querySelector("[data-scan-keys]")) event.preventDefault();
    touch();
  }, true);
  // the click, not the finger's landing: else what lies below would be pressed by the same finger
  dialog.addEventListener("click", event => {
    if (event.target.closest("[data-leave]")) { end(); return; }
    if (event.target.closest("[data-more]")) {
      try { sessionStorage.setItem(PATIENT, "1"); } catch { /* then for this once */ }
    }
    touch();
  });
  dialog.addEventListener("cancel", event => { event.preventDefault(); touch(); });
  // what a card or a slip brought to the screen is somebody's doing; the header that refreshes itself is not
  document.addEventListener("htmx:load", event => { if (event.target.id !== "state-strip" && !event.target.closest?.("[data-busy]")) touch(); });
  addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
  setInterval(look, 250);
}

export function attach(root) {
  for (const dialog of root.querySelectorAll("dialog[data-idle]")) begin(dialog);
}

attach(document);
