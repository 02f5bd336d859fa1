/* The camera's page: preview, guidance in words, shutter by hand or by itself, files instead. Owns data-shoot.
   With data-row the camera stays open from page to page; else one picture is taken and then looked at. With data-read frames go
   to the server until it has read a code. A picture that could not be sent stays on the screen until it is. */
import { autoshutter } from "./camera-auto.js";
import { codes } from "./camera-codes.js";
import { device } from "./camera-device.js";
import { guidance } from "./camera-guide.js";
import { fitted, still } from "./camera-still.js";
import { speaker } from "./camera-words.js";
import { queue } from "./capture-queue.js";
import { strip } from "./capture-strip.js";
import { isLock, unlockHere } from "./unlock-here.js";

export function attach(root) {
  const pages = [...root.querySelectorAll("[data-shoot]")];
  if (root.matches?.("[data-shoot]")) pages.push(root);
  for (const page of pages) if (!("bound" in page.dataset)) begin(page);
}

function begin(page) {
  page.dataset.bound = "";
  const part = name => page.querySelector(`[data-${name}]`);
  const video = part("preview"), form = page.querySelector("form.shutter-row"), row = "row" in page.dataset;
  const { say, word } = speaker(page);
  const kept = new Set(), mine = new Set(); // pages a person keeps as they are; pages taken while this page was open
  let shooting = false, making = 0, replaces = null, locked = false;
  let byHand = false; // after a refusal nothing is taken by itself
  let done = null, choosing = Promise.resolve(); // the form of "all taken" that waits; files that are being read
  const firstTask = part("task").textContent;

  function reveal(name, shown) {
    const element = part(name);
    if (element) element.hidden = !shown;
  }

  /* --- the camera --- */

  const camera = device(page.dataset.facing, {
    seeing: () => video.readyState >= 2 && video.videoWidth > 0,
    opening() { page.dataset.state = "starting"; },
    opened(stream, { torch, lit, several, mirrored }) {
      video.srcObject = stream;
      part("torch").setAttribute("aria-pressed", String(lit));
      part("viewfinder").classList.toggle("mirrored", mirrored);
      video.play().catch(() => {}); // where it does not begin by itself; another stream may have come meanwhile
      for (const [name, shown] of [["none", false], ["send", false], ["torch", torch], ["switch", several]]) reveal(name, shown);
      page.dataset.state = "ready";
      if (!frozen()) looks(); // a picture on its way stays in view; thaw() goes on
    },
    without(reason) {
      video.srcObject = null;
      guide.stop();
      for (const [name, shown] of [["preview", false], ["shutter", false], ["torch", false], ["auto", false], ["none", !frozen()], ["send", false]]) reveal(name, shown);
      reveal("reopen", reason !== "insecure"); // which no press can change
      part("why").textContent = word(reason);
      page.dataset.state = reason;
    },
  });
  const auto = autoshutter(page, shoot);
  const guide = guidance(page, video, {
    say,
    answered(good) { return auto.seen(good && !byHand && !paused()); },
  });
  const reader = codes(page, {
    camera, video, form,
    pausing: () => lines.busy || shooting,
    arrived(location) { window.location.assign(location); },
  });
  function looks() {
    for (const name of ["preview", "shutter"]) reveal(name, true);
    reveal("auto", !("read" in page.dataset));
    if ("read" in page.dataset) reader.read(); else guide.start();
  }
  const frozen = () => !part("still").hidden;
  const paused = () => shooting || locked || pile.open || document.hidden || part("finding")?.hidden === false || (!row && lines.busy);

  /* --- taking one --- */

  async function shoot() {
    if (shooting || !camera.coming || (!row && lines.busy)) return;
    shooting = true;
    auto.stop();
    page.dataset.flash = "";
    setTimeout(() => { delete page.dataset.flash; }, 150);
    try {
      await made(async () => {
        const picture = await still(camera, video, guide.live);
        if (picture) take(picture); else missed();
      });
    } catch { missed(); } finally { shooting = false; }
  }

  /* A shutter that was pressed for nothing is said; where the camera itself went, without() says so. */
  function missed() {
    done = null; // whoever wanted to go on sees it
    if (camera.coming) say("missed", { hold: true });
  }

  /* While a picture is being made the page is not left without a word either. */
  async function made(work) {
    making += 1;
    try { await work(); } finally {
      making -= 1;
      goOn();
    }
  }

  function take(picture) {
    if (!row && lines.failed) lines.clear(); // this one instead
    const label = page.dataset.label, fields = replaces ? { replaces, stay: "yes" } : row ? { stay: "yes" } : {};
    const entry = lines.add({ picture, action: page.dataset.shoot, fields, label, slot: page.dataset.slot, preview: URL.createObjectURL(picture) });
    mine.add(entry.id);
    if (!row) { freeze(entry.preview); say("saving"); return; }
    replaces = null;
    guide.taken();
    place();
  }

  /* The next place: after the cover and after every page, a further page. */
  function place() {
    const next = Number(list().dataset.next) + lines.entries.filter(entry => entry.picture && !entry.fields.replaces && entry.slot !== "cover").length;
    page.dataset.shoot = page.dataset.pageAction;
    page.dataset.slot = "page";
    page.querySelector(".camera-say form")?.remove(); // a book it is
    page.dataset.label = part("label-page").textContent.replace("{n}", next);
    part("task").textContent = part("task-page").textContent.replace("{n}", next);
    here();
  }
  /* The cover once more: the first try was no picture. */
  function cover(entry) {
    Object.assign(page.dataset, { shoot: entry.action, slot: "cover", label: entry.label });
    part("task").textContent = firstTask;
    here();
  }
  function here() {
    const note = list().querySelector("[data-state=here] [data-note]");
    if (note) note.textContent = page.dataset.label;
  }
  const list = () => page.querySelector("[data-strip]");

  /* --- on its way --- */

  const lines = queue(form, {
    changed() {
      const failed = lines?.failed;
      reveal("again", Boolean(failed));
      reveal("progress", !row && lines?.entries[0]?.state === "sending");
      if (lines?.entries[0]) part("progress").value = lines.entries[0].progress;
      pile.waiting(lines?.entries ?? [], { failed: word("not_yet") });
      if (failed) said(failed.said, "failed");
      goOn();
    },
    understood: html => row && html.includes("data-strip"),
    arrived(entry, { location, html }) {
      if (isLock(location)) { locked = true; unlocked(location); return; }
      if (location) { if (!entry.fields.stay) lines.clear(); window.location.assign(location); return; }
      if (entry.fields.replaces) renamed(entry.fields.replaces, entry.id);
      pile.renew(html);
      for (const button of document.querySelectorAll("[data-done]")) button.hidden = !("ready" in list().dataset);
      if (!replaces) place();
      finding();
    },
    refused(entry, { html, code }) {
      if (code === 404 && entry.fields.replaces) { lines.add({ ...entry, fields: { stay: "yes" }, preview: URL.createObjectURL(entry.picture) }); return; } // its page is gone: a page of its own
      said(html, "failed");
      byHand = true;
      done = null; // whoever wanted to go on sees it
      if (!row) thaw(); // the picture is not the right one
      else if (entry.slot === "cover" && !entry.fields.replaces && !lines.busy && !pile.pages().length) cover(entry);
      else if (!replaces) place();
    },
  });

  async function unlocked(location) {
    locked = true;
    try { await unlockHere(location); } catch { locked = false; return; } // it is tried again when somebody presses the button
    locked = false;
    lines.again();
  }

  /* The page that was retaken has a new id: what was pressed meanwhile means the same page. */
  function renamed(old, id) {
    if (replaces === old) replaces = id;
    for (const entry of lines.entries) {
      if (entry.fields.replaces === old) entry.fields.replaces = id;
      entry.action = entry.action.replace(`/photos/${old}/`, `/photos/${id}/`);
    }
  }

  /* The sentence that came back, or that nothing did. */
  function said(html, otherwise) {
    const came = html && new DOMParser().parseFromString(html, "text/html");
    const sentence = came && (came.querySelector("#say") ?? came.querySelector(".verdict h1"))?.textContent.trim();
    if (sentence) say(null, { text: sentence, state: "wait", hold: true }); else say(otherwise, { hold: true });
    document.getElementById("say").scrollIntoView({ block: "nearest" }); // whoever pressed something below has it out of sight
  }

  function freeze(preview) {
    guide.stop();
    part("still").src = preview;
    for (const [name, shown] of [["still", true], ["preview", false], ["none", false], ["shutter", false], ["auto", false]]) reveal(name, shown);
  }
  function thaw() {
    const open = Boolean(camera.track);
    reveal("still", false);
    reveal("none", !open);
    if (open) looks();
  }

  /* --- the pages taken so far --- */

  const pile = strip(page, (what, photo) => {
    reveal("finding", false);
    if (what === "retake") {
      replaces = photo.dataset.photo;
      page.dataset.label = photo.dataset.label;
      part("task").textContent = part("task-again").textContent.replace("{page}", photo.dataset.label);
      guide.taken(); // another page lies there now
      say("turn_back", { hold: true });
      part("shutter").focus();
      return;
    }
    if (what === "remove" && replaces === photo.dataset.photo) { replaces = null; place(); }
    lines.add({ action: `${photo.querySelector("a").getAttribute("href")}/${what}`, fields: { stay: "yes" }, label: photo.dataset.label });
  });

  /* What the server found in a page just taken, with the way out first and the way on beside it. */
  function finding() {
    const bad = pile.pages().find(one => "serious" in one.dataset && mine.has(one.dataset.photo) && !kept.has(one.dataset.photo));
    reveal("finding", Boolean(bad));
    if (!bad) return;
    reveal("edges", "loose" in bad.dataset); // no page was found in it: its corners can be set by hand
    part("edges").href = `${bad.querySelector("a").getAttribute("href")}?adjust=1`;
    part("finding-words").textContent = bad.dataset.said;
    say("look", { hold: true }); // "turn the page" would send people on
    for (const button of part("finding").querySelectorAll("button")) button.dataset.photo = bad.dataset.photo;
  }
  part("keep")?.addEventListener("click", event => {
    kept.add(event.currentTarget.dataset.photo);
    finding();
    if (part("finding").hidden) say("next", { hold: true }); // the heading is not left pointing at nothing
  });

  /* --- what is pressed --- */

  part("shutter").addEventListener("click", () => { byHand = false; shoot(); });
  part("again").addEventListener("click", () => lines.again());
  part("reopen").addEventListener("click", () => camera.open());
  for (const input of page.querySelectorAll("[data-file], [data-phone]")) input.addEventListener("change", async () => {
    const chosen = row ? [...input.files] : [...input.files].slice(0, 1);
    if (chosen.length && !row) guide.stop();
    input.value = "";
    choosing = choosing.then(() => made(async () => { for (const one of chosen) take(await fitted(one)); })); // in the order in which they were chosen
  });
  part("torch").addEventListener("click", async event => {
    const button = event.currentTarget, on = button.getAttribute("aria-pressed") !== "true", lit = await camera.light(on);
    button.setAttribute("aria-pressed", String(lit && on));
  });
  part("switch").addEventListener("click", () => { guide.stop(); camera.other(); });
  document.addEventListener("keydown", event => {
    if (!page.isConnected || event.repeat || event.altKey || event.ctrlKey || event.metaKey || pile.open || locked) return;
    const free = event.target === document.body || event.target === page || event.target === video;
    if (free && (event.key === " " || event.key === "Enter")) { event.preventDefault(); shoot(); }
  });

  /* "All taken" waits for what is still on its way. */
  for (const one of document.querySelectorAll("form[data-done]")) one.addEventListener("submit", event => {
    if (!lines.busy && !making) return;
    event.preventDefault();
    say("saving", { hold: true });
    done = one;
    lines.again();
  });
  function goOn() {
    if (!done || making || lines.busy) return;
    const form = done;
    done = null;
    form.requestSubmit();
  }
  window.addEventListener("beforeunload", event => { if (making && page.isConnected) event.preventDefault(); });

  page.dataset.state = "starting";
  reveal("send", false);
  camera.open();
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
