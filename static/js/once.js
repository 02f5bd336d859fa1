/* Nothing is sent twice, however often a button is pressed. No attribute of its own: forms that the browser itself sends, and links that
   open in a new window. htmx holds its own back. */
const AGAIN_MS = 8000; // an answer that never came, or a file that was saved: it may be sent again
const WINDOW_MS = 1500;

document.addEventListener("submit", event => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => release(form), AGAIN_MS);
});

document.addEventListener("click", event => {
  const link = event.target.closest?.("a[target=_blank]");
  if (!link) return;
  if (link.dataset.sent) { event.preventDefault(); return; }
  link.dataset.sent = "1";
  setTimeout(() => release(link), WINDOW_MS);
});

function release(one) {
  delete one.dataset.sent;
  one.removeAttribute("aria-busy");
}

addEventListener("pageshow", () => { for (const one of document.querySelectorAll("[data-sent]")) release(one); });
