/* A scanner that types: USB or Bluetooth, which the machine takes for a keyboard. Read anywhere on the page, in a field too, with the
   input method on, in full width, with Enter or Tab behind the text or with nothing. No attribute of its own: scan.js calls it.
   What is typed by hand is left alone. A burst is told by its speed; its text is taken twice, as the characters that arrived and
   as the keys that were pressed on a US keyboard (an input method or another layout changes the former, never the latter). */
const GAP_MS = 100; // between two keys of a scanner; a person is slower, but for two or three keys
const HICCUP_MS = 400; // a Bluetooth scanner may pause so long once it is plainly typing
const AFTER_MS = 250; // without Enter: so long after the last key the text is whole
const LEAST = 8; // characters; fewer in a row a person may type as fast
const MEAN_MS = 60;

const SHIFTED = { 1: "!", 2: "@", 3: "#", 4: "$", 5: "%", 6: "^", 7: "&", 8: "*", 9: "(", 0: ")" };
const OTHERS = {
  Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:", Quote: "'\"", BracketLeft: "[{", BracketRight: "]}",
  Backslash: "\\|", Backquote: "`~", Space: "  ",
};

/* The character that a US keyboard has on this key; "" for a key without one. */
function pressed({ code, shiftKey }) {
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^(Digit|Numpad)[0-9]$/.test(code)) return shiftKey && code.startsWith("Digit") ? SHIFTED[code.slice(-1)] : code.slice(-1);
  return OTHERS[code]?.[shiftKey ? 1 : 0] ?? "";
}

/* heard({text, keys}) for each burst; wanted() says whether anybody listens now. */
export function scannerKeys({ wanted, heard }) {
  let text = "", keys = "", count = 0, began = 0, last = 0, timer = 0, field = null, before = "";

  function forget() {
    clearTimeout(timer);
    text = keys = "";
    count = 0;
    field = null;
  }

  const scanning = () => count >= LEAST && (last - began) / count <= MEAN_MS;

  function whole() {
    const said = { text, keys };
    if (field) { field.value = before; field.blur(); } // what the scanner typed there was not meant for the field
    forget();
    heard(said);
  }

  document.addEventListener("keydown", event => {
    if (!wanted() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat) { forget(); return; } // a finger that stays on a key
    const now = event.timeStamp; // when the key was pressed, however late a busy page comes to hear of it
    if (count && now - last > (scanning() ? HICCUP_MS : GAP_MS)) forget();
    if (event.key === "Enter" || event.key === "Tab") {
      if (!scanning()) { forget(); return; }
      event.preventDefault();
      event.stopImmediatePropagation();
      whole();
      return;
    }
    const sign = pressed(event);
    const said = event.key.length === 1 ? event.key : ""; // "Process" under an input method, "Unidentified" on some tablets
    if (!sign && !said) return; // Shift and the like
    if (!count) {
      began = now;
      const box = event.target.closest?.("input, textarea");
      field = box && box.type !== "file" ? box : null;
      before = field?.value ?? "";
    }
    text += said || sign;
    keys += sign || said;
    count += 1;
    last = now;
    if (event.target.closest?.("button, a, summary") && count > 1) event.preventDefault(); // a space would press it
    clearTimeout(timer);
    timer = setTimeout(() => { if (scanning()) whole(); else forget(); }, AFTER_MS);
  }, true);
}
