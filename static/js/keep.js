/* What was typed last is kept before the page is left: by a link (language, back, put aside) the page waits for it, by a reload or a closed
   window it is sent along. htmx keeps what rests (hx-post on the form); this is for the moments in between. Owns data-keeps. */
const WAIT_MS = 3000; // a line that hangs must not hold anybody here

function begin(form) {
  form.dataset.bound = "";
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  // typed before this script came, or put back by the browser: not kept yet
  const changed = [...form.elements].some(field => "defaultValue" in field && field.value !== field.defaultValue);
  let kept = changed ? "" : typed();
  const send = () => {
    kept = typed();
    return fetch(form.getAttribute("hx-post"), {
      method: "POST", body: new URLSearchParams(kept), keepalive: true, redirect: "manual", signal: AbortSignal.timeout(WAIT_MS),
    }).catch(() => { /* it stays in the form as long as the page does */ });
  };
  document.addEventListener("click", async event => {
    const link = event.target.closest?.("a[href]");
    if (!form.isConnected || !link || link.target || link.hasAttribute("download") || event.button || event.ctrlKey || event.metaKey) return;
    if (link.getAttribute("href").startsWith("#") || typed() === kept) return;
    event.preventDefault();
    await send();
    location.assign(link.href);
  });
  form.addEventListener("submit", () => { kept = null; });
  addEventListener("pagehide", () => { if (form.isConnected && kept !== null && typed() !== kept) send(); });
}

export function attach(root) {
  for (const form of root.querySelectorAll("form[data-keeps]:not([data-bound])")) begin(form);
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target.parentNode ?? document));
