/* The one instruction above the preview. Words stand in the page, [data-word] with [data-state] and their icon, and change at
   most every 700 ms, so that a voice can read them out. No attribute of its own: camera.js calls it. */
const LEAST_MS = 700;
const HELD_MS = 4000, READ_MS = 10_000; // a few words; a sentence that has to be read and followed

export function speaker(page) {
  let shown = "", since = 0, held = 0, timer = 0, wanted = null;
  const found = name => page.querySelector(`[data-word="${name}"]`);
  const line = () => document.getElementById("say");

  function show({ key, state, nodes }) {
    shown = key;
    since = performance.now();
    line().dataset.state = state;
    line().replaceChildren(...nodes);
  }

  /* name: of a [data-word]; or text and state. hold: nothing less takes its place for some seconds. */
  function say(name, { text, state = "", hold = false } = {}) {
    const key = name ?? text, now = performance.now(), until = now + (name ? HELD_MS : READ_MS);
    if (key === shown) { if (hold) held = until; wanted = null; return; }
    if (!hold && now < held) return;
    const source = name && found(name);
    const nodes = source ? [...source.cloneNode(true).childNodes] : [...icon(state), Object.assign(document.createElement("span"), { textContent: text })];
    const next = { key, state: source?.dataset.state ?? state, nodes };
    clearTimeout(timer);
    if (hold) { held = until; show(next); return; }
    wanted = next;
    const rest = LEAST_MS - (now - since);
    if (rest <= 0) show(next); else timer = setTimeout(() => { if (wanted && performance.now() >= held) show(wanted); }, rest);
  }
  const icon = state => [...page.querySelectorAll(`[data-icon="${state}"] svg`)].map(svg => svg.cloneNode(true));
  return { say, word: name => found(name)?.textContent.trim() ?? "" };
}
