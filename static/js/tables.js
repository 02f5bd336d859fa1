/* Lists on a narrow screen: each row is a card, each cell says what it is. Owns data-stacks (a table with one row of headings);
   writes data-title on its cells and data-stacked on itself. The roles keep it a table for a screen reader, since CSS that lays it
   out otherwise takes them away. Emits nothing; without it the table scrolls sideways. */
const ROLES = [["thead, tbody", "rowgroup"], ["tr", "row"], ["thead th", "columnheader"], ["tbody th", "rowheader"], ["td", "cell"]];

export function attach(root) {
  for (const table of root.querySelectorAll("table[data-stacks]:not([data-stacked])")) {
    const titles = [...table.querySelectorAll("thead th")].map(one => one.querySelector(".unseen") ? "" : one.textContent.trim());
    table.setAttribute("role", "table");
    for (const [which, role] of ROLES) for (const one of table.querySelectorAll(which)) one.setAttribute("role", role);
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, at) => {
        if (at && titles[at]) cell.dataset.title = titles[at];
        if (!cell.textContent.trim() && !cell.querySelector("img, svg")) cell.dataset.empty = "";
      });
    }
    table.dataset.stacked = "";
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
