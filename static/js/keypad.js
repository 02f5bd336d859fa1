/* Keys on the screen for a field. Owns data-keypad="<input id>", data-key, data-keys="digits|letters".
   Emits `input` on the field, so that whatever checks typing checks this too. Where it works, the system's own keyboard stays away. */
export function attach(root) {
  for (const pad of root.querySelectorAll("[data-keypad]:not([data-bound])")) begin(pad);
}

function begin(pad) {
  pad.dataset.bound = "";
  const box = document.getElementById(pad.dataset.keypad);
  const sides = Object.fromEntries([...pad.querySelectorAll("[data-keys]")].map(side => [side.dataset.keys, side]));
  pad.hidden = false;
  box.setAttribute("inputmode", "none");
  box.setSelectionRange(box.value.length, box.value.length); // a fresh field's caret stands before its text

  function turn(to) {
    if (!sides[to]) return;
    for (const [name, side] of Object.entries(sides)) side.hidden = name !== to;
  }
  function type(key) {
    const from = box.selectionStart ?? box.value.length, to = box.selectionEnd ?? from;
    if (key === "erase") box.setRangeText("", from === to ? Math.max(0, from - 1) : from, to, "end");
    else if (box.value.length - (to - from) < box.maxLength) box.setRangeText(key, from, to, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    // a number begins with one letter: show digits after it, letters when it is empty again
    if (box.value.length === 1 && /[a-z]/i.test(key)) turn("digits");
    if (box.value === "") turn("letters");
  }
  pad.addEventListener("click", event => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (sides[key]) turn(key); else type(key);
  });
  turn(box.value ? "digits" : "letters");
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
