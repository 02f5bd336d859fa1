/* Service rows with few keys: Enter goes from the date to the hours and on to the next row, which takes over item, unit, kind and page of
   the one above and proposes its next month; an empty date takes the proposal. Owns data-rows (the list) and data-add-row (its button). */
const COPIED = ["item", "unit", "category", "page"];

const field = (list, name, at) => list.querySelector(`#${name}-${at}`);

function nextMonth(text) {
  const parts = text.trim().match(/^(\d{2,4})[./](\d{1,2})$/);
  if (!parts) return "";
  const month = Number(parts[2]) % 12 + 1;
  return `${Number(parts[1]) + (month === 1 ? 1 : 0)}.${String(month).padStart(2, "0")}`;
}

function enter(list, at) {
  const start = field(list, "start", at);
  if (!start || at === 0 || start.value) return;
  for (const name of COPIED) {
    const here = field(list, name, at), above = field(list, name, at - 1);
    if (here && above && (here.tagName === "SELECT" ? here.selectedIndex === 0 : !here.value)) here.value = above.value;
  }
  start.placeholder = nextMonth(field(list, "start", at - 1).value);
}

function bind(list) {
  list.dataset.bound = "";
  const place = element => Number(element.id.split("-")[1]);
  list.addEventListener("focusin", event => { if (event.target.id?.startsWith("start-")) enter(list, place(event.target)); });
  list.addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    const at = place(event.target), name = event.target.id.split("-")[0];
    const start = field(list, "start", at), hours = field(list, "hours", at);
    if (name === "start" && !start.value && !hours.value && !start.placeholder) return; // an empty row: Enter goes on, as in every form
    event.preventDefault();
    if (name === "start" && !start.value) { start.value = start.placeholder; start.dispatchEvent(new Event("input", { bubbles: true })); }
    if (name === "start" || name === "end") { hours.focus(); return; }
    const next = field(list, "start", at + 1);
    if (next) next.focus(); else list.parentNode.querySelector("[data-add-row]").click();
  });
}

export function attach(root) {
  for (const list of root.querySelectorAll("[data-rows]:not([data-bound])")) bind(list);
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target.parentNode ?? document));
// a row that was added is the one to type in
if (/^#start-\d+$/.test(location.hash)) document.querySelector(location.hash)?.focus();
