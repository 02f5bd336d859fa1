/* A decision leads to the next case without a new page: the form is sent, the answer takes the old case's place, and the next
   case's photographs are here already. Owns data-next-photos (addresses to fetch meanwhile). Emits htmx:load on what arrived.
   Where anything goes wrong the form is sent the plain way. */
const held = new Map(); // address → blob: address

/* The photograph's address: of the copy in memory when there is one. */
export function preloaded(address) { return held.get(address) ?? address; }

export async function preload(main) {
  const wanted = JSON.parse(main.dataset.nextPhotos || "[]");
  const shown = new Set([...document.querySelectorAll("[data-full]")].map(link => link.dataset.full));
  for (const [address, blob] of held) {
    if (!wanted.includes(address) && !shown.has(address)) { URL.revokeObjectURL(blob); held.delete(address); }
  }
  for (const address of wanted) {
    if (held.has(address) || !main.isConnected) continue;
    try {
      const answer = await fetch(address);
      if (answer.ok) held.set(address, URL.createObjectURL(await answer.blob()));
    } catch { return; } // it is fetched when it is shown
  }
}

export async function send(form) {
  let answer, text;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    text = await answer.text();
  } catch {
    form.submit(); // the browser says what is wrong with the line
    return;
  }
  const arrived = new DOMParser().parseFromString(text, "text/html");
  const next = arrived.querySelector(".desk"), here = document.querySelector(".desk");
  const path = new URL(answer.url).pathname;
  if (!next || !here || !arrived.querySelector("[data-desk]") || path === "/sign-in") {
    if (answer.redirected) location.assign(answer.url);
    else form.submit();
    return;
  }
  for (const photo of next.querySelectorAll("img[src]")) photo.src = preloaded(photo.getAttribute("src"));
  here.replaceWith(document.adoptNode(next));
  document.title = arrived.title;
  if (answer.redirected) history.pushState({}, "", answer.url);
  window.htmx?.process(next);
  next.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: next } }));
  scrollTo(0, 0);
  const heading = next.querySelector("h1");
  if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
}

addEventListener("popstate", () => location.reload());
