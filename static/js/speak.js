/* Reads the page aloud with the browser's own voice, where it has one for the page's language. Owns the buttons data-speak, which stay
   hidden otherwise; aria-pressed says whether it reads. Stops when it is pressed again and when the page is left. */
const speech = window.speechSynthesis;
const PAUSED = "h1, h2, h3, p, li, dt, dd, summary, legend, label, .button, .verb-name, .verb-note";
let reading = 0;

function voice() {
  const language = document.documentElement.lang.slice(0, 2);
  const all = speech?.getVoices().filter(one => one.lang.replace("_", "-").toLowerCase().startsWith(language)) ?? [];
  // Mandarin of Taiwan before any other; a Cantonese voice would read other words
  return all.find(one => /tw|hant/i.test(one.lang)) ?? all.find(one => !/hk|yue/i.test(one.lang)) ?? null;
}

/* The sentences of the page, in the order of reading, each once. */
function sentences(main) {
  return [...main.querySelectorAll(PAUSED)]
    .filter(one => one.checkVisibility() && !one.closest("[aria-hidden=true], .unseen, [hidden]") && !one.querySelector(PAUSED))
    .map(one => one.textContent.replace(/\s+/g, " ").trim())
    .filter(Boolean);
}

function show(on) {
  for (const button of document.querySelectorAll("[data-speak]")) button.setAttribute("aria-pressed", String(on));
}

function stop() {
  reading += 1;
  speech?.cancel();
  show(false);
}

function read() {
  const main = document.querySelector("dialog[open]") ?? document.querySelector("main"), said = voice();
  if (!main || !said) return;
  stop();
  const turn = reading, words = sentences(main);
  show(true);
  words.forEach((text, at) => {
    const one = new SpeechSynthesisUtterance(text);
    one.voice = said;
    one.lang = said.lang;
    one.rate = .9;
    if (at === words.length - 1) one.onend = () => { if (turn === reading) show(false); };
    speech.speak(one);
  });
  if (!words.length) show(false);
}

function offer() {
  const has = Boolean(speech && voice());
  for (const button of document.querySelectorAll("[data-speak]")) button.hidden = !has;
}

export function attach(root) {
  for (const button of root.querySelectorAll("[data-speak]:not([data-bound])")) {
    button.dataset.bound = "";
    button.addEventListener("click", () => { if (button.getAttribute("aria-pressed") === "true") stop(); else read(); });
  }
  offer();
}

speech?.addEventListener?.("voiceschanged", offer);
addEventListener("pagehide", stop);
attach(document);
document.addEventListener("htmx:load", event => attach(event.target.parentNode ?? document));
