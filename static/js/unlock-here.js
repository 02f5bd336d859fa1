/* The PIN asked for over a page that must not be left, because it holds pictures that are not saved yet. Owns the dialog
   [data-unlock-here], which it makes; it covers everything, as a locked tablet does. camera.js calls it. */
import { attach } from "./pinpad.js";

export const isLock = location => Boolean(location) && new URL(location, document.baseURI).pathname === "/unlock";

let asking = null;

/* Settles when the tablet is unlocked, or rejects when it cannot be asked here. location: the unlock page that the server sent to. */
export function unlockHere(location) {
  asking ??= ask(location).finally(() => { asking = null; });
  return asking;
}

async function ask(location) {
  const dialog = document.createElement("dialog");
  dialog.className = "unlock-here";
  dialog.dataset.unlockHere = "";
  dialog.addEventListener("cancel", event => event.preventDefault()); // Escape opens nothing
  document.body.append(dialog);
  dialog.showModal();
  try {
    for (let reply = await fetched(location); ; reply = await sent(dialog)) {
      if (reply?.unlocked) return;
      if (reply) show(dialog, reply.html);
    }
  } finally { dialog.close(); dialog.remove(); }
}

function show(dialog, html) {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!main) return;
  main.removeAttribute("id");
  dialog.replaceChildren(document.importNode(main, true));
  dialog.setAttribute("aria-label", dialog.querySelector("h1")?.textContent ?? "");
  attach(dialog);
  dialog.querySelector("input[type=password]")?.focus();
}

/* What came of the next try; null when the kiosk did not answer. */
async function sent(dialog) {
  const form = dialog.querySelector("form");
  if (!form) { await new Promise(next => setTimeout(next, 5000)); return fetched("/unlock"); } // locked for good: until somebody opened it elsewhere
  await new Promise(pressed => form.addEventListener("submit", event => { event.preventDefault(); pressed(); }, { once: true }));
  return fetched(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
}

async function fetched(address, options) {
  try {
    const reply = await fetch(address, options);
    return { unlocked: reply.ok && !isLock(reply.url), html: await reply.text() };
  } catch { await new Promise(next => setTimeout(next, 1000)); return null; }
}
