/* The verifier for venues: opened once with a line, it judges cards without one. This module wires the parts; what each does stands in
   its own. Owns data-gate on <body> (data-language, data-words, data-built) and data-do on its buttons. No text of a card is kept or sent. */
import { hex, sha256 } from "./bytes.js";
import * as clock from "./clock.js";
import { reader } from "../codes-in-frame.js";
import { DAY_MS, dayOf, said } from "./days.js";
import { finder, lately } from "./finder.js";
import { scannerKeys } from "../scan-keys.js";
import { asPrinted, meant } from "./keys.js";
import { Pack } from "./pack.js";
import { places } from "./places.js";
import * as screen from "./screen.js";
import { selftest } from "./selftest.js";
import { jump, noted } from "./signed.js";
import * as sound from "./sound.js";
import { openStore } from "./store.js";
import { today } from "./today.js";
import { bringPhotos, hearTime, kept, update } from "./update.js";
import { decide } from "./verdict.js";
import * as versions from "./versions.js";

const HOLD_MS = 15_000; // a verdict goes by itself, so that the next card finds the camera
const RENEW_MS = 60_000, WHOLE = 10; // every minute one small question; every tenth time keys and clock too
const FIRST_MS = 15_000;
const KEEP_MS = 5 * 60_000;
const LEARNS = { newer_than_list: "lookup", date_unknown: "clock", list_stale: "update", list_damaged: "update", photo_missing: "update" }; // a line may tell more
const { find, say } = screen;
const { language, words: wordsAt, built } = document.body.dataset;

let store = null, words = {}, trust = null, pack = null, time = null, venue = null, counts = null, test = null, eye = null, read = null;
let testing = false, judging = false, renewing = null, hold = 0, repair = false, notice = "", day = "";
const recent = lately();

const interval = () => clock.believe(time, clock.reading());
const wallNow = () => { const { lo, hi } = interval(); return hi === null ? Math.max(lo, Date.now()) : hi; };
const tell = text => { notice = text; find("[data-said]").textContent = text; };

async function start() {
  if (elsewhere()) return;
  tick();
  setInterval(tick, 500);
  if (!window.isSecureContext) { tell(say("not_https")); return; } // there is no WebCrypto, no camera and no service worker
  if (!window.indexedDB || !window.crypto?.subtle || typeof WebAssembly !== "object") { tell(say("too_old")); return; }
  try { store = await openStore(); } catch { tell(say("no_store")); return; }
  words = await (await fetch(wordsAt)).json();
  time = clock.begin(await store.get("time"), Number(built), clock.reading());
  venue = await places(store);
  counts = today(store, wallNow);
  test = selftest(store, words, wallNow);
  await take(await kept(store));
  await counts.draw();
  await test.last();
  day = dayOf(wallNow());
  bind();
  screen.show("waiting");
  read = reader();
  read.ready.then(able => { if (!able) tell(say("too_old")); });
  eye = finder(read, { wanted: () => screen.shows() === "waiting" && !judging && (pack || testing), found: several => code(likeliest(several)) });
  eye.open();
  scannerKeys({ wanted: () => screen.shows() !== "settings", heard: said => code(meant(said), { again: true }) });
  versions.keep(() => { find("[data-fresh]").hidden = false; });
  navigator.storage?.persist?.().catch(() => {});
  await renew();
  let turn = 0;
  setInterval(() => {
    turn += 1;
    if (!document.hidden) renew({ quick: turn % WHOLE !== 0 });
  }, RENEW_MS);
  setInterval(keepTime, KEEP_MS);
  window.addEventListener("online", () => renew());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { eye.resume(); renew(); } else keepTime(); });
  document.body.dataset.ready = "";
}

/* ---- the list ---- */

async function take({ trust: found, manifest }) {
  trust = found;
  pack = manifest ? new Pack(manifest, store.bucket) : null;
  if (manifest) time = clock.heardOf(time, manifest.asOf, clock.reading());
  await keepTime();
  await signatures();
  listWords();
}

/* A day on which the center signed far more cards than usual, as the lists used here told it. */
async function signatures() {
  let seen = await store.get("signed") || [];
  if (pack && pack.manifest.signed) seen = await store.change("signed", before => noted(before || [], pack.manifest.asOf, pack.manifest.signed));
  const found = jump(seen), place = find("[data-jump]");
  place.hidden = !found;
  place.lastElementChild.textContent = found ? say("jump", { day: said(found.day, language), n: found.signed, usual: found.usual }) : "";
}

const keepTime = async () => {
  time = clock.tick(time, clock.reading());
  await store.put("time", { floor: time.floor, slow: time.slow });
};

/* Brings the newest list; what it says for whoever pressed a button. */
function renew({ quick = false } = {}) {
  renewing = renewing || (async () => {
    const shy = quick && pack && !repair;
    try {
      const told = (done, all) => { if (!pack) tell(say("loading", { n: done, all })); };
      const got = await update(store, { told, repair, quick: shy });
      repair = false;
      if (!shy || got.changed) time = await hearTime(time, got.trust);
      await take(got);
      if (got.manifest) await bringPhotos(store, got.manifest);
      if (!shy) { tell(say(testing ? "test_hint" : "ready")); venue.list(); }
      return got.changed ? "updated" : "newest";
    } catch (error) {
      const why = error.name === "QuotaExceededError" ? "full" : typeof error.code === "string" && say(error.code) ? error.code : "not_now";
      if (why !== "not_now") tell(say(why));
      else if (shy) return why;
      else tell(say(pack ? "ready" : trust ? "no_list" : "first"));
      if (!pack) setTimeout(renew, FIRST_MS);
      return why;
    } finally { renewing = null; }
  })();
  return renewing;
}

function listWords() {
  const place = find("[data-list]");
  if (!pack) { place.textContent = say("empty"); return; }
  const { lo, hi } = interval(), minutes = Math.max(0, Math.floor(((hi === null ? lo : hi) - pack.manifest.asOf) / 60_000));
  place.textContent = minutes < 2 ? say("now") : minutes < 120 ? say("minutes", { n: minutes })
    : minutes < 2880 ? say("hours", { n: Math.floor(minutes / 60) }) : say("days", { n: Math.floor(minutes * 60_000 / DAY_MS) });
}

/* ---- a card ---- */

const likeliest = texts => texts.find(one => trust && one.startsWith(trust.prefix)) || texts[0];

/* again: somebody did it on purpose, so the same card may come twice. */
async function code(text, { again = false } = {}) {
  if (judging) return;
  judging = true;
  try {
    if (!again && await recent.isAgain(text)) return;
    await recent.shown(text);
    if (testing) { await test.read(text); recent.over(); return; }
    if (!trust) { tell(say("no_list")); recent.forget(); return; }
    const found = await decide(text, trust, pack, interval());
    if (found.code === "list_damaged" || found.code === "photo_missing" && pack.manifest.layers.size) repair = true;
    await counts.add(found.verdict);
    const note = found.note ? say("age", { n: found.age }) : "";
    const dock = LEARNS[found.code] || (found.code === "practice" ? "red" : found.verdict);
    shown(found, words[found.code], { note, venue: venue.benefit(), dock });
  } finally { judging = false; }
}

function shown(found, said, extra) {
  screen.verdict(found, said, extra);
  sound.play(found.verdict);
  clearTimeout(hold);
  hold = setTimeout(back, HOLD_MS);
}

function back() {
  clearTimeout(hold);
  recent.over();
  screen.show("waiting");
  tell(notice);
  eye.resume();
}

/* A number alone proves nothing: what can be looked at instead. */
async function number(text) {
  const digits = asPrinted(text).replace(/[\s-]/g, ""), error = find("[data-number-error]");
  const year = Number(digits.slice(0, 3)), now = Number(dayOf(wallNow()).slice(0, 4)) - 1911;
  const possible = /^[0-9]{8}$/.test(digits) && year > 0 && year <= now && Number(digits.slice(3)) > 0;
  error.hidden = possible;
  error.querySelector("span").textContent = possible ? "" : say("number_wrong");
  find("#card-number").setAttribute("aria-invalid", String(!possible));
  if (!possible) { find("#card-number").focus(); return; }
  find("[data-number-form]").reset();
  await counts.add("number");
  shown({ verdict: "amber", code: "number" }, [words.date_unknown[0], say("number_sentence"), say("number_next")], { dock: "amber" });
}

/* ---- the self-test ---- */

async function beginTest() {
  try { await test.begin(); } catch { find("[data-test-last]").textContent = say("test_none"); return; }
  mode(true);
}

function mode(on) {
  testing = on;
  document.getElementById("gate").toggleAttribute("data-testing", on);
  for (const one of document.querySelectorAll('[data-test-banner], [data-test], [data-do="leave-test"]')) one.hidden = !on;
  for (const one of document.querySelectorAll('[data-do="settings"], [data-do="number"]')) one.hidden = on;
  find("[data-title]").textContent = say(on ? "test_title" : "title");
  tell(say(on ? "test_hint" : "ready"));
  recent.forget();
  back();
}

/* The language chosen on this device, whichever address the page was opened at. */
function elsewhere() {
  const link = find("a[hreflang]");
  try {
    link.addEventListener("click", () => localStorage.setItem("gate-language", language === "en" ? "zh" : "en"));
    if ((localStorage.getItem("gate-language") || language) === language) return false;
  } catch { return false; }
  location.replace(link.href);
  return true;
}

/* ---- what can be pressed ---- */

const actions = {
  next: back,
  seen: back,
  match: back,
  async mismatch() { await counts.add("mismatch"); back(); },
  async renew() {
    const how = await renew();
    recent.forget();
    back();
    tell(say(how === "updated" || how === "newest" ? "updated" : how === "not_now" ? "no_line" : how));
  },
  number() { screen.show("number"); },
  settings() { screen.show("settings"); settings(); },
  test: beginTest,
  "leave-test": () => mode(false),
  async update() {
    find("[data-update-said]").textContent = say(await renew());
    settings();
  },
  quiet(button) {
    sound.hush(!sound.isQuiet());
    button.setAttribute("aria-pressed", String(sound.isQuiet()));
    if (!sound.isQuiet()) sound.play("green");
  },
  install: () => versions.install(),
  fresh: () => versions.fresh(),
  wipe(button) { button.hidden = true; find('[data-do="wipe-now"]').hidden = false; find('[data-do="wipe-now"]').focus(); },
  async "wipe-now"() {
    trust = pack = null;
    await store.wipe();
    location.reload();
  },
};

function bind() {
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-do]");
    if (button && actions[button.dataset.do]) actions[button.dataset.do](button);
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && screen.shows() !== "waiting") back();
  });
  find("#picture").addEventListener("change", async event => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      const texts = await read.picture(file);
      if (texts.length) await code(likeliest(texts), { again: true }); else tell(say("no_code"));
    } catch { tell(say("no_picture")); }
  });
  find("[data-number-form]").addEventListener("submit", event => {
    event.preventDefault();
    const scanned = find("#typed-code").value.trim();
    find("#typed-code").value = "";
    if (scanned) code(asPrinted(scanned), { again: true }); else number(find("#card-number").value);
  });
}

async function settings() {
  find('[data-do="quiet"]').setAttribute("aria-pressed", String(sound.isQuiet()));
  find('[data-do="install"]').hidden = !versions.canInstall();
  await test.last();
  const facts = [[say("fact_app"), versions.version()], [say("fact_line"), say(pack && await versions.isKept() ? "line_ready" : "line_unready")]];
  if (pack) {
    const made = new Date(pack.manifest.asOf).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Taipei" });
    facts.unshift([say("fact_version"), String(pack.manifest.version)], [say("fact_made"), `${said(dayOf(pack.manifest.asOf), language)} ${made}`]);
  }
  if (trust) facts.push([say("fact_root"), hex(await sha256(trust.root)).slice(0, 16).match(/.{4}/g).join(" ")]);
  find("[data-facts]").replaceChildren(...facts.map(([name, value]) => {
    const row = document.createElement("div");
    row.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: value }));
    return row;
  }));
  venue.list();
}

/* The clock runs, so that nothing but this page looks like this page; at midnight the counts begin anew. */
function tick() {
  const now = new Date().toLocaleTimeString("en-GB", { hour12: false, timeZone: "Asia/Taipei" });
  for (const one of document.querySelectorAll("[data-clock]")) one.textContent = now;
  if (!counts || !day) return;
  listWords();
  const here = dayOf(wallNow());
  if (here === day) return;
  day = here;
  counts.draw();
  test.last();
  if (screen.shows() === "waiting" && !testing) versions.freshIfThere();
}

start();
