/* Whether this phone trusts the host: asks its https door every few seconds, while the page is in sight, and says so. Owns
   data-trust="<address that answers by https>" with data-state asking, no or yes; within it [data-trust-when] shown by state. The link
   [data-trust-go] leads on, once it is trusted: before, it would lead into the browser's own warning. */
const EVERY_MS = 3000;
const PATIENCE_MS = 8000;

async function trusted(address) {
  try {
    await fetch(address, { mode: "no-cors", cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    return true; // whatever it said: the browser let it through
  } catch { return false; }
}

function show(place, state) {
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  for (const part of place.querySelectorAll("[data-trust-when]")) part.hidden = part.dataset.trustWhen !== state;
  document.querySelector("[data-trust-go]").hidden = state !== "yes";
}

async function look(place) {
  if (!document.hidden) show(place, await trusted(place.dataset.trust) ? "yes" : "no");
  if (place.dataset.state !== "yes") setTimeout(() => look(place), EVERY_MS);
}

for (const place of document.querySelectorAll("[data-trust]")) {
  show(place, "asking");
  look(place);
}
document.addEventListener("visibilitychange", () => {
  const place = document.querySelector("[data-trust]:not([data-state=yes])");
  if (place && !document.hidden) trusted(place.dataset.trust).then(yes => { if (yes) show(place, "yes"); });
});
