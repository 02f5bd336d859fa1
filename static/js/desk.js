/* The review desk by keyboard. Owns data-desk (the case), data-evidence (its photographs) and data-say-keys.
   A, R, X decide; J, K go to the next and the case before; 1–9 and P choose a photograph; + - enlarge; T turns; ? lists the keys.
   Emits nothing; all it does can be done by pressing what is on the page. Keys can be turned off (remembered on this device). */
const OFF = "desk-keys-off";

function keysAreOff() {
  try { return localStorage.getItem(OFF) === "yes"; } catch { return false; }
}

function setKeys(off) {
  try { localStorage.setItem(OFF, off ? "yes" : "no"); } catch { /* private window: holds for this page only */ }
}

let off = keysAreOff();

function evidence(section) {
  const room = section.querySelector(".evidence-page");
  const photo = room?.querySelector("img");
  const title = section.querySelector("[data-evidence-title]");
  const links = [...section.querySelectorAll(".page-strip a")];
  if (!photo) return;

  const show = link => {
    if (!link) return;
    for (const other of links) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    if (photo.getAttribute("src") !== link.dataset.full) photo.src = link.dataset.full;
    photo.alt = link.dataset.title;
    title.textContent = link.dataset.title;
    room.dataset.turned = "0";
    room.dataset.enlarged = "1";
  };
  const enlarge = step => {
    const level = Math.min(4, Math.max(1, Number(room.dataset.enlarged || "1") + step));
    const x = (room.scrollLeft + room.clientWidth / 2) / room.scrollWidth;
    const y = (room.scrollTop + room.clientHeight / 2) / room.scrollHeight;
    room.dataset.enlarged = String(level);
    room.scrollTo(x * room.scrollWidth - room.clientWidth / 2, y * room.scrollHeight - room.clientHeight / 2);
  };
  const turn = () => { room.dataset.turned = String((Number(room.dataset.turned || "0") + 90) % 360); };

  section.showPhoto = show;
  section.act = { in: () => enlarge(1), out: () => enlarge(-1), turn, headshot: () => show(links.find(link => link.dataset.slot === "headshot")) };
  section.links = links;
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
}

function desk(main) {
  const photos = main.querySelector("[data-evidence]");
  const press = name => {
    const found = main.querySelector(`[data-decide="${name}"]`);
    if (!found) return;
    if (found.tagName === "SUMMARY") {
      const box = found.parentElement;
      box.open = !box.open;
      if (box.open) box.querySelector("input:not([type=hidden]), textarea")?.focus();
      else found.focus();
    } else found.click();
  };
  const go = name => document.querySelector(`[data-go="${name}"]`)?.click();

  for (const form of main.querySelectorAll(".decide form")) {
    form.addEventListener("submit", event => {
      if (main.dataset.sending) event.preventDefault(); // one press, one decision
      main.dataset.sending = "yes";
    });
  }
  for (const box of main.querySelectorAll(".decide details")) {
    box.addEventListener("toggle", () => {
      if (box.open) for (const other of main.querySelectorAll(".decide details")) if (other !== box) other.open = false;
    });
  }
  const toggle = main.querySelector("[data-keys-toggle]");
  if (toggle) {
    const say = () => toggle.setAttribute("aria-pressed", String(!off));
    toggle.hidden = false;
    say();
    toggle.addEventListener("click", () => { off = !off; setKeys(off); say(); });
  }

  main.keys = {
    a: () => press("approve"), r: () => press("return"), x: () => press("refuse"),
    j: () => go("next"), k: () => go("before"), "?": () => press("keys"),
    p: () => photos?.act?.headshot(), t: () => photos?.act?.turn(), "+": () => photos?.act?.in(), "=": () => photos?.act?.in(), "-": () => photos?.act?.out(),
  };
  main.page = number => photos?.showPhoto?.(photos.links?.[number - 1]);
}

function onKey(event) {
  const main = document.querySelector("[data-desk]");
  if (!main) return;
  if (event.key === "Escape") {
    const open = main.querySelector(".decide details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    return;
  }
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (/^[1-9]$/.test(event.key)) main.page(Number(event.key));
  else if (main.keys[event.key.toLowerCase()]) main.keys[event.key.toLowerCase()]();
  else return;
  event.preventDefault();
}

export function attach(root) {
  for (const section of root.querySelectorAll("[data-evidence]:not([data-bound])")) { section.dataset.bound = ""; evidence(section); }
  for (const main of root.querySelectorAll("[data-desk]:not([data-bound])")) { main.dataset.bound = ""; desk(main); }
}

attach(document);
document.addEventListener("keydown", onKey);
document.addEventListener("htmx:load", event => attach(event.target));
