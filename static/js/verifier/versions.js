/* The page kept on the device, and its next version. A new one is fetched whole beside this one and waits: it begins when the page is asked
   to, or at midnight, never in the middle of a card. No attribute of its own. */
let registration = null, asked = false, prompt = null;

window.addEventListener("beforeinstallprompt", event => { event.preventDefault(); prompt = event; });

/* waiting() when another version is ready. */
export async function keep(waiting) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (asked) location.reload(); });
  try {
    registration = await navigator.serviceWorker.register("/gate/sw.js", { scope: "/gate/", updateViaCache: "none" });
  } catch { /* no line at the first opening, or a window that keeps nothing */ }
  if (!registration) return;
  const look = () => { if (registration.waiting && navigator.serviceWorker.controller) waiting(); };
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", look);
  });
  look();
  setInterval(() => registration.update().catch(() => {}), 3_600_000);
}

export function fresh() {
  asked = true;
  registration?.waiting?.postMessage("now");
}

export const freshIfThere = () => { if (registration?.waiting) fresh(); };

export const version = () => (import.meta.url.match(/\/v\/([0-9a-f]{16})\//) || ["", "-"])[1];

/* Whether all of this page's files are on the device. */
export async function isKept() {
  try { return await caches.has(`gate-${version()}`) && Boolean(navigator.serviceWorker?.controller); } catch { return false; }
}

export const canInstall = () => prompt !== null;

export async function install() {
  const shown = prompt;
  prompt = null;
  await shown?.prompt();
}
