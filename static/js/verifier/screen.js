/* What the page shows: one view at a time, sentences from its own <template id="sentences">, verdicts from their templates. Owns
   data-view, data-slot, data-sign, data-say. The photograph of a verdict is an object address that ends with the verdict. */
import { said as saidDay } from "./days.js";

const page = document.body, language = page.dataset.language;
const gate = document.getElementById("gate");
const sentences = document.getElementById("sentences").content;
let photo = "";

export const find = selector => document.querySelector(selector);

/* One of the page's sentences, its {holes} filled. */
export function say(name, holes = {}) {
  const text = sentences.querySelector(`[data-say="${name}"]`)?.textContent || "";
  return fill(text, holes);
}

export const fill = (text, holes) => text.replace(/\{(\w+)\}/g, (hole, name) => name in holes ? holes[name] : hole);

export function show(view) {
  for (const one of document.querySelectorAll("[data-view]")) one.hidden = one.dataset.view !== view;
  if (view !== "verdict") {
    delete gate.dataset.verdict;
    delete gate.dataset.code;
    find('[data-view="verdict"]').replaceChildren();
    forgetPhoto();
  }
  gate.dataset.shows = view;
  if (view === "number" || view === "settings") find(`[data-view="${view}"]`).focus();
  window.scrollTo(0, 0);
}

function forgetPhoto() {
  if (photo) URL.revokeObjectURL(photo);
  photo = "";
}

export const shows = () => gate.dataset.shows;

/* A verdict over the whole screen. words: [word, sentence, next]; extra: {venue, note, dock}. */
export function verdict(found, words, { venue = "", note = "", dock = "red" } = {}) {
  show("verdict");
  forgetPhoto();
  const green = found.verdict === "green", place = find('[data-view="verdict"]');
  const fresh = document.getElementById(green ? "verdict-green" : "verdict-other").content.cloneNode(true);
  const slot = (name, text, fillIn) => {
    const node = fresh.querySelector(`[data-slot="${name}"]`);
    if (!node) return;
    if (text) fillIn(node, text); else node.remove();
  };
  const inner = (node, text) => { node.lastElementChild.textContent = text; };
  const whole = (node, text) => { node.textContent = text; };
  const [word, sentence, next] = words;
  slot("aloud", [word, found.name || "", sentence].filter(Boolean).join(" "), whole);
  slot("word", word, whole);
  slot("name", found.name, whole);
  slot("sentence", sentence, whole);
  slot("next", next, inner);
  slot("venue", venue, inner);
  slot("note", note, inner);
  const dated = green || found.code === "expired" || (found.verdict === "amber" && found.code !== "practice");
  slot("until", found.until && dated ? saidDay(found.until, language) : "", (node, text) => { node.querySelector(".whole").textContent = text; });
  slot("photo", found.photo, (node, bytes) => {
    photo = URL.createObjectURL(new Blob([bytes], { type: bytes[0] === 0x52 ? "image/webp" : "image/jpeg" }));
    node.src = photo;
    node.alt = fill(node.alt, { name: found.name || "" });
    if (green) return;
    fresh.querySelector(".gate-body").dataset.face = ""; // room for it
    fresh.querySelector(".gate-word").removeAttribute("data-tall");
  });
  for (const one of fresh.querySelectorAll("[data-sign]")) if (one.dataset.sign !== found.verdict) one.remove();
  for (const one of fresh.querySelectorAll("[data-dock]")) if (one.dataset.dock !== dock) one.remove();
  gate.dataset.verdict = found.verdict;
  gate.dataset.code = found.code;
  place.replaceChildren(fresh);
  // a face is looked at before anything is pressed: there Enter does nothing by itself
  (green ? place : place.querySelector('[data-kind="yes"]')).focus({ preventScroll: true });
}
