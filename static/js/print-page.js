/* A button that prints the page. Owns data-print-page, which is hidden where there is no script to press it for. */
export function attach(root) {
  for (const button of root.querySelectorAll("[data-print-page][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
