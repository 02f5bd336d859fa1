/* A phone or tablet whose Wi-Fi to the kiosk drops: the page stays, says so, holds back what was pressed last and does it when the kiosk
   answers again. What was typed stays in the form, what was photographed in the queue of capture-queue.js; nothing is kept anywhere else.
   Owns data-line="<address that answers while the kiosk is there>" on the strip that says it, [hidden] while all is well; within it
   [data-line-word] with data-gone, data-held. Emits line:back on document. At the machine itself there is no line: the strip is not there. */
const ASK_MS = 3000;
const AGAIN_MS = 2000;

const strip = document.querySelector("[data-line]");
let gone = false;
let held = null; // the last thing pressed: one, since a page leads to one next page
let timer = 0;

async function answers() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(strip.dataset.line, { method: "HEAD", cache: "no-store", headers: { "X-Poll": "1" }, signal: AbortSignal.timeout(ASK_MS) })).ok;
  } catch { return false; }
}

function show() {
  const word = strip.querySelector("[data-line-word]");
  word.textContent = held ? word.dataset.held : word.dataset.gone;
  strip.hidden = !gone;
}

function lost() {
  gone = true;
  show();
  clearTimeout(timer);
  timer = setTimeout(look, AGAIN_MS);
}

async function look() {
  clearTimeout(timer);
  if (!await answers()) { lost(); return; }
  gone = false;
  const act = held;
  held = null;
  show();
  document.dispatchEvent(new CustomEvent("line:back"));
  act?.();
}

/* Asks first: a browser that sends a form or follows a link into nothing shows its own page, and what was typed is gone with ours. */
async function when(act) {
  held = act;
  if (gone) { show(); return; }
  await look();
}

if (strip) {
  addEventListener("offline", lost);
  addEventListener("online", look);
  let sure = null;
  document.addEventListener("submit", event => {
    const form = event.target, button = event.submitter;
    if (sure === form) { sure = null; return; }
    if (form.target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    when(() => {
      if (!form.isConnected) return;
      sure = form;
      form.requestSubmit(button?.isConnected ? button : null);
      sure = null;
    });
  }, true);
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || link.target || link.hasAttribute("download") || event.defaultPrevented) return;
    if (link.getAttribute("href").startsWith("#") || link.origin !== location.origin || sure === link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    when(() => {
      if (!link.isConnected) return;
      sure = link;
      link.click();
      sure = null;
    });
  }, true);
  document.addEventListener("htmx:sendError", () => { if (!gone) lost(); });
  document.addEventListener("htmx:timeout", () => { if (!gone) lost(); });
}
