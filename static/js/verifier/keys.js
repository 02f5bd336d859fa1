/* A USB or Bluetooth scanner types like a keyboard, only faster: wherever no field has the focus, a burst of keys is a code. It ends with
   Enter or Tab, or with a pause when it looks like a card. Full width (an input method was on) and the wrong case (Caps Lock was on)
   are the keyboard's doing and are undone here; the card itself is read strictly. No attribute of its own. */
const PAUSE_MS = 120;
const SHORTEST = 8;

export function typed(found) {
  let text = "", at = 0, timer = 0;

  function end() {
    clearTimeout(timer);
    const code = text;
    text = "";
    if (code.length >= SHORTEST) found(asPrinted(code));
    return code.length >= SHORTEST;
  }

  document.addEventListener("keydown", event => {
    if (event.target.closest?.("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = performance.now();
    if (now - at > PAUSE_MS) text = "";
    at = now;
    if (event.key.length === 1) {
      text += event.key;
      if (text.length > 1 && (event.key === " " || event.key === "/" || event.key === "'")) event.preventDefault(); // no scrolling, no quick find
      clearTimeout(timer);
      timer = setTimeout(end, PAUSE_MS * 2);
    } else if ((event.key === "Enter" || event.key === "Tab") && text.length >= SHORTEST) {
      event.preventDefault();
      event.stopPropagation();
      end();
    }
  }, true);
}

/* What the scanner read, from what the keyboard made of it. */
export function asPrinted(text) {
  const narrow = text.trim().replace(/[\uff01-\uff5e]/g, one => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  return /^https:\/\/[^A-Z]+#[0-9]+$/.test(narrow) ? narrow.toUpperCase() : narrow;
}
