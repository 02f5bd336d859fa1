/* The morning's self-test: every sheet of the samples read by this device's own camera and judged by the samples' own trust and list, as of
   the day they were made. Each text is known by its SHA-256, so that each sheet has its own tick. A true card means nothing here.
   Owns data-test and what begins with it. What is kept is the day and whether all was right. */
import { hex, sha256 } from "./bytes.js";
import { dayOf, said } from "./days.js";
import { Pack } from "./pack.js";
import { find, say } from "./screen.js";
import { play } from "./sound.js";
import { keptTest, updateTest } from "./update.js";
import { decide } from "./verdict.js";

const language = document.body.dataset.language;

export function selftest(store, words, now) {
  let kept = null, pack = null, at = null, done = new Map(), ended = "";
  const tell = text => { find("[data-test-said]").textContent = text; };
  const named = code => words[code][code === "valid" ? 0 : 1].replace(/[。.]$/, "");

  /* Makes ready; throws when there is neither a line nor what was fetched before. */
  async function begin() {
    try { await updateTest(store); } catch (error) { if (!await keptTest(store)) throw error; }
    kept = await keptTest(store);
    if (!kept) throw new TypeError("no self-test");
    pack = new Pack(kept.manifest, store.bucket);
    at = { lo: kept.manifest.asOf, hi: kept.manifest.asOf };
    done = new Map();
    ended = "";
    tell("");
    draw();
  }

  /* One text that was read. */
  async function read(text) {
    const mark = hex(await sha256(new TextEncoder().encode(text)));
    const sheet = kept.sheets.find(one => one.sha256 === mark);
    if (!sheet) { play("amber"); tell(say("test_other")); return; }
    if (done.get(mark)) { tell(ended || say("test_again")); return; }
    const found = await decide(text, kept.trust, pack, at), right = found.code === sheet.code && found.verdict === sheet.verdict;
    done.set(mark, right);
    play(right ? "green" : "red");
    if (!right) ended = say("test_wrong", { want: named(sheet.code), got: named(found.code) });
    const all = kept.sheets.every(one => done.get(one.sha256));
    if (all) ended = say("test_passed");
    if (all || !right) { await store.put("tested", { day: dayOf(now()), good: all }); await last(); }
    tell(ended || say("test_right", { what: named(sheet.code) }));
    draw();
  }

  function draw() {
    const right = [...done.values()].filter(Boolean).length;
    find("[data-test-count]").textContent = say("test_count", { n: right, all: kept.sheets.length });
    find("[data-test-rows]").replaceChildren(...kept.sheets.map(sheet => {
      const state = !done.has(sheet.sha256) ? "" : done.get(sheet.sha256) ? "yes" : "no";
      const row = document.getElementById("test-row").content.cloneNode(true);
      row.firstElementChild.dataset.state = state;
      for (const one of row.querySelectorAll("[data-sign]")) if (one.dataset.sign !== state) one.remove();
      row.querySelector("strong").textContent = sheet.holder;
      row.querySelector("small").textContent = named(sheet.code);
      row.querySelector("[data-standing]").textContent = say(state === "yes" ? "test_yes" : state === "no" ? "test_no" : "test_todo");
      return row;
    }));
  }

  /* When the last one was, in the settings and, once there was one, above every card. */
  async function last() {
    const tested = await store.get("tested"), mark = find("[data-tested]");
    if (!tested) return;
    find("[data-test-last]").textContent = say(tested.good ? "test_last_good" : "test_last_bad", { day: said(tested.day, language) });
    mark.hidden = false;
    mark.lastElementChild.textContent = say(tested.good && tested.day === dayOf(now()) ? "test_today" : "test_not_today");
  }

  return { begin, read, last };
}
