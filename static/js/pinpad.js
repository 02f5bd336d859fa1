/* The keys of a PIN. Owns data-pinpad="<input id>" and the data-key buttons in it; typing on a keyboard works as well. */
export function attach(root) {
  for (const pad of root.querySelectorAll("[data-pinpad]:not([data-bound])")) {
    pad.dataset.bound = "";
    const box = document.getElementById(pad.dataset.pinpad);
    pad.addEventListener("click", event => {
      const key = event.target.closest("[data-key]")?.dataset.key;
      if (!key) return;
      if (key === "clear") box.value = "";
      else if (key === "erase") box.value = box.value.slice(0, -1);
      else box.value = (box.value + key).slice(0, Number(box.maxLength) || 12);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
