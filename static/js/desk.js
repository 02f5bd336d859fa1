/* The review desk by keyboard. Owns data-desk (the page), data-decide, data-say-keys, data-preview, data-undo, data-tick-all,
   data-filters. A, R, X decide, U takes back; in an open form 1–9 choose reasons; J, K go to the next and the case before; 1–9 and P
   choose a photograph; + - enlarge; T turns; Q is the list, S begins; ? lists the keys. All it does can be done by pressing what is
   on the page. Keys can be turned off (remembered on this device). */
import { evidence } from "./desk-photos.js";
import { preload, send } from "./desk-swap.js";
import { decided, watch } from "./desk-watch.js";

const OFF = "desk-keys-off";

function keysAreOff() {
  try { return localStorage.getItem(OFF) === "yes"; } catch { return false; }
}

function setKeys(off) {
  try { localStorage.setItem(OFF, off ? "yes" : "no"); } catch { /* private window: holds for this page only */ }
}

let off = keysAreOff();

function desk(main) {
  const photos = main.querySelector("[data-evidence]");
  const press = name => {
    const found = main.querySelector(`[data-decide="${name}"]`);
    if (!found) return;
    if (found.tagName === "SUMMARY") {
      const box = found.parentElement;
      box.open = !box.open;
      if (box.open) box.querySelector("input:not([type=hidden]), textarea")?.focus();
      else found.focus();
    } else found.click();
  };
  const go = name => document.querySelector(`[data-go="${name}"]`)?.click();

  for (const form of main.querySelectorAll(".decide form, form[data-undo], form[data-together]")) {
    form.addEventListener("submit", event => {
      event.preventDefault();
      if (main.dataset.sending) return; // one press, one decision
      main.dataset.sending = "yes";
      decided(form);
      send(form);
    });
  }
  for (const box of main.querySelectorAll(".decide details")) {
    box.addEventListener("toggle", () => {
      if (box.open) for (const other of main.querySelectorAll(".decide details")) if (other !== box) other.open = false;
    });
  }
  const toggle = main.querySelector("[data-keys-toggle]");
  if (toggle) {
    const say = () => toggle.setAttribute("aria-pressed", String(!off));
    toggle.hidden = false;
    say();
    toggle.addEventListener("click", () => { off = !off; setKeys(off); say(); });
  }
  for (const box of main.querySelectorAll("[data-preview]")) preview(box);
  for (const form of main.querySelectorAll("[data-together]")) together(form);
  for (const form of main.querySelectorAll("[data-filters]")) form.addEventListener("change", () => form.requestSubmit());

  main.keys = {
    a: () => press("approve"), r: () => press("return"), x: () => press("refuse"), u: () => press("undo"), s: () => press("start"),
    j: () => go("next"), k: () => go("before"), q: () => go("list"), "?": () => press("keys"),
    p: () => photos?.act?.headshot(), t: () => photos?.act?.turn(), "+": () => photos?.act?.in(), "=": () => photos?.act?.in(), "-": () => photos?.act?.out(),
  };
  main.page = number => photos?.showPhoto?.(photos.links?.[number - 1]);
  if (main.hasAttribute("data-attend")) watch(main);
  if (main.dataset.nextPhotos) preload(main);
}

// a reason that a photograph gives means the one that is looked at, as long as none is named
function meanSeen(form, slot) {
  const photos = [...form.querySelectorAll("[data-retakes]")];
  if (photos.some(photo => photo.checked)) return;
  const seen = document.querySelector("[data-place][aria-current]")?.dataset.place;
  const meant = photos.find(photo => (slot === "view" ? photo.value === seen : photo.value.split("-")[0] === slot));
  if (meant) meant.checked = true;
}

// what whoever sent the case will read, as it is being put together
function preview(box) {
  const form = box.closest("form"), list = box.querySelector("ul");
  const say = () => {
    const lines = [...form.querySelectorAll("[data-says]:checked")].map(reason => reason.dataset.says);
    const again = [...form.querySelectorAll("[data-retakes]:checked")].map(photo => photo.dataset.retakes);
    if (again.length) lines.push(box.dataset.retake + again.join(box.dataset.between));
    const text = form.querySelector("textarea").value.trim();
    if (text) lines.push(text);
    list.replaceChildren(...lines.map(line => Object.assign(document.createElement("li"), { textContent: line })));
    box.hidden = !lines.length;
  };
  form.addEventListener("input", ({ target }) => {
    if (target.dataset.again && target.checked) meanSeen(form, target.dataset.again);
    say();
  });
  say();
}

function together(form) {
  const boxes = [...form.querySelectorAll("input[name=case]")], all = form.querySelector("[data-tick-all]");
  const say = () => {
    const many = boxes.filter(box => box.checked).length;
    form.querySelector("[data-ticked]").textContent = many ? String(many) : "";
    all.setAttribute("aria-pressed", String(many === boxes.length));
  };
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = !boxes.every(box => box.checked);
    for (const box of boxes) box.checked = on;
    say();
  });
  form.addEventListener("change", say);
  say();
}

function countDown(form) {
  const said = form.querySelector("[data-undo-left]"), until = Date.now() + Number(form.dataset.undo) * 1000;
  const words = said.textContent.replace(/\d+/, "#");
  const step = () => {
    if (!form.isConnected) return;
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) { form.hidden = true; return; }
    said.textContent = words.replace("#", String(left));
    setTimeout(step, 250);
  };
  step();
}

function onKey(event) {
  const main = document.querySelector("[data-desk]");
  if (!main) return;
  if (event.key === "Escape") {
    const open = main.querySelector(".decide details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    return;
  }
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  const field = event.target.closest("input, textarea, select, [contenteditable]");
  if (field && field.type !== "checkbox") return;
  if (/^[1-9]$/.test(event.key)) {
    const reason = main.querySelectorAll(".decide details[open] input[name=reason]")[Number(event.key) - 1];
    if (reason) reason.click();
    else if (!field) main.page(Number(event.key));
  } else if (!field && main.keys[event.key.toLowerCase()]) main.keys[event.key.toLowerCase()]();
  else return;
  event.preventDefault();
}

export function attach(root) {
  const all = selector => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const section of all("[data-evidence]:not([data-bound])")) { section.dataset.bound = ""; evidence(section); }
  for (const main of all("[data-desk]:not([data-bound])")) { main.dataset.bound = ""; desk(main); }
  for (const form of all("form[data-undo]:not([data-bound])")) { form.dataset.bound = ""; countDown(form); }
}

attach(document);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:load", event => attach(event.target));
