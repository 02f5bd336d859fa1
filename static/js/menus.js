/* Menus that open: at most one at a time, closed by Escape (the focus goes back to its word), by a press elsewhere and when the focus
   leaves. Owns data-menu (a details element). Emits nothing; without it each opens and closes by its word. */
export function attach(root) {
  for (const menu of root.querySelectorAll("[data-menu]:not([data-menu-ready])")) {
    menu.dataset.menuReady = "";
    menu.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", event => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
}

document.addEventListener("click", event => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});
attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
