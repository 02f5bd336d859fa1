/* Text size and contrast. Owns data-display="zoom|theme"; writes data-zoom and data-theme on <html> and remembers both on the device. */
const ladders = { zoom: ["100", "125", "150", "200"], theme: ["light", "dark", "contrast"] };
const page = document.documentElement.dataset;

function recall(kind) {
  try { return localStorage.getItem(`display-${kind}`); } catch { return null; }
}

function remember(kind, value) {
  try { localStorage.setItem(`display-${kind}`, value); } catch { /* private window: holds for this page only */ }
}

for (const kind of Object.keys(ladders)) {
  const kept = recall(kind);
  if (ladders[kind].includes(kept)) page[kind] = kept;
}

export function attach(root) {
  for (const button of root.querySelectorAll("[data-display]:not([data-bound])")) {
    button.dataset.bound = "";
    button.addEventListener("click", () => {
      const kind = button.dataset.display;
      const ladder = ladders[kind];
      page[kind] = ladder[(ladder.indexOf(page[kind] || ladder[0]) + 1) % ladder.length];
      remember(kind, page[kind]);
    });
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
