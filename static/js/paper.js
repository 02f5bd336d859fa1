/* A paper that would open in a window of its own opens over the page instead: a kiosk's screen has no window frame and no way back, and
   without a keyboard whoever opened a PDF there stayed in it. Owns data-paper, a <dialog> with [data-paper-frame] for the paper and
   [data-paper-close]; links to what ends in .pdf with target=_blank. A browser that shows no PDF in a page follows them itself. */
const dialog = document.querySelector("[data-paper]");

function show(link) {
  const frame = document.createElement("iframe");
  frame.src = link.href;
  frame.title = link.textContent.trim();
  dialog.querySelector("[data-paper-frame]").replaceChildren(frame);
  dialog.showModal();
  dialog.querySelector("[data-paper-close]").focus();
}

if (dialog && navigator.pdfViewerEnabled) {
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[target=_blank]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.origin !== location.origin || !link.pathname.endsWith(".pdf")) return;
    event.preventDefault();
    event.stopPropagation();
    show(link);
  }, true);
  dialog.addEventListener("close", () => dialog.querySelector("[data-paper-frame]").replaceChildren());
  dialog.querySelector("[data-paper-close]").addEventListener("click", () => dialog.close());
}
