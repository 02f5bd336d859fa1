/* The way in for staff on a screen without a button for it: the mark at the top left held for three seconds, or Ctrl+Alt+S. Then the PIN is
   asked for. Owns data-staff-door="<address>" on the mark; nothing on the screen tells of it. A press that was held does not
   follow the mark's own link. */
const HOLD_MS = 3000;
let timer = 0, held = false;

const door = target => target?.closest?.("[data-staff-door]");
const open = mark => location.assign(mark.dataset.staffDoor);

document.addEventListener("pointerdown", event => {
  const mark = door(event.target);
  clearTimeout(timer);
  held = false;
  if (mark) timer = setTimeout(() => { held = true; open(mark); }, HOLD_MS);
});
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => clearTimeout(timer));
document.addEventListener("pointermove", event => { if (!door(event.target)) clearTimeout(timer); });
// the system's own long press would ask what to do with the link, or drag it away
for (const kind of ["contextmenu", "dragstart"]) document.addEventListener(kind, event => { if (door(event.target)) event.preventDefault(); });
document.addEventListener("click", event => { if (held && door(event.target)) event.preventDefault(); }, true);
document.addEventListener("keydown", event => {
  const mark = document.querySelector("[data-staff-door]");
  if (mark && event.ctrlKey && event.altKey && event.code === "KeyS") { event.preventDefault(); open(mark); }
});
