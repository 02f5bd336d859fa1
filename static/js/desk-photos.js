/* A case's photographs: which one is large; enlarged and turned by button, key, wheel, double click, drag and two fingers.
   Owns data-evidence. Emits nothing. Without it every photograph is a link. */
import { preloaded } from "./desk-swap.js";

const MOST = 6, STEP = 1.5, TWICE = 2.5;

export function evidence(section) {
  const room = section.querySelector(".evidence-page");
  const photo = room?.querySelector("img");
  const title = section.querySelector("[data-evidence-title]");
  const links = [...section.querySelectorAll(".page-strip a")];
  if (!photo) return;
  const away = section.querySelector("[data-evidence-away]");
  const tell = () => { away.hidden = !(photo.complete && !photo.naturalWidth); };
  if (away) {
    photo.addEventListener("error", tell);
    photo.addEventListener("load", tell);
    tell();
  }
  let zoom = 1;

  // the point (in pixels of the room) stays where it is while everything around it grows
  const zoomTo = (level, x = room.clientWidth / 2, y = room.clientHeight / 2) => {
    const next = Math.min(MOST, Math.max(1, level));
    if (next === zoom) return;
    const left = (room.scrollLeft + x) / room.scrollWidth, top = (room.scrollTop + y) / room.scrollHeight;
    zoom = next;
    room.style.setProperty("--enlarged", String(zoom));
    room.toggleAttribute("data-zoomed", zoom > 1);
    room.scrollTo(left * room.scrollWidth - x, top * room.scrollHeight - y);
  };
  // the rows that stand on the page which is shown
  const mark = (link, follow) => {
    for (const rows of section.parentNode.querySelectorAll("tbody[data-page]")) {
      const shown = rows.dataset.page === link.dataset.place;
      rows.toggleAttribute("data-shown", shown);
      if (shown && follow && matchMedia("(min-width: 60rem)").matches) rows.scrollIntoView({ block: "nearest" });
    }
  };
  const show = link => {
    if (!link) return;
    mark(link, true);
    for (const other of links) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    photo.src = preloaded(link.dataset.full);
    photo.alt = link.dataset.title;
    title.textContent = link.dataset.title;
    room.dataset.turned = "0";
    zoomTo(1);
  };
  const turn = () => { room.dataset.turned = String((Number(room.dataset.turned || "0") + 90) % 360); };

  const first = links.find(link => link.hasAttribute("aria-current"));
  if (first) mark(first, false);
  section.showPhoto = show;
  section.links = links;
  section.act = {
    in: () => zoomTo(zoom * STEP), out: () => zoomTo(zoom / STEP), turn,
    headshot: () => show(links.find(link => link.dataset.slot === "headshot")),
  };
  for (const link of links) link.addEventListener("click", event => { event.preventDefault(); show(link); });
  // a page named beside the rows shows its photograph
  for (const page of section.parentNode.querySelectorAll("a[data-show]")) {
    const link = links.find(other => other.dataset.place === page.dataset.show);
    if (link) page.addEventListener("click", event => { event.preventDefault(); show(link); });
  }
  for (const button of section.querySelectorAll("[data-act]")) {
    button.hidden = false;
    button.addEventListener("click", () => section.act[button.dataset.act]?.());
  }
  byHand(room, () => zoom, zoomTo);
}

function byHand(room, zoomNow, zoomTo) {
  const at = event => { const box = room.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  room.addEventListener("wheel", event => {
    const page = document.scrollingElement;
    if (!event.ctrlKey && page.scrollHeight > innerHeight + 1) return; // the wheel is the page's where the page scrolls
    event.preventDefault();
    zoomTo(zoomNow() * Math.exp(-event.deltaY / 400), ...at(event));
  }, { passive: false });
  room.addEventListener("dblclick", event => zoomTo(zoomNow() > 1 ? 1 : TWICE, ...at(event)));

  const down = new Map(); // pointers that touch the photograph
  let apart = 0;
  const distance = () => { const [one, two] = [...down.values()]; return Math.hypot(one.x - two.x, one.y - two.y); };
  room.addEventListener("pointerdown", event => {
    if (event.button) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 2) apart = distance();
    if (zoomNow() > 1 || down.size === 2) { room.setPointerCapture(event.pointerId); event.preventDefault(); }
  });
  room.addEventListener("pointermove", event => {
    const was = down.get(event.pointerId);
    if (!was) return;
    const moved = [event.clientX - was.x, event.clientY - was.y];
    was.x = event.clientX;
    was.y = event.clientY;
    if (down.size === 1) room.scrollBy(-moved[0], -moved[1]);
    else if (down.size === 2 && apart) {
      const now = distance(), [one, two] = [...down.values()], box = room.getBoundingClientRect();
      zoomTo(zoomNow() * now / apart, (one.x + two.x) / 2 - box.left, (one.y + two.y) / 2 - box.top);
      apart = now;
    }
  });
  const up = event => { down.delete(event.pointerId); apart = 0; };
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) room.addEventListener(name, up);
  room.addEventListener("dragstart", event => event.preventDefault());
}
