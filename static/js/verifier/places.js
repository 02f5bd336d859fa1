/* Which venue this device stands in: chosen once from the center's list, or named by the address that the venue was given (#its-code);
   kept here with what the card gives there and the form of card it accepts (R48). Owns #venue, data-venue-name, data-venue-said,
   data-venue-hint. */
import { find, say } from "./screen.js";

const language = document.body.dataset.language;

export async function places(store) {
  const select = find("#venue"), said = find("[data-venue-said]"), title = find("[data-venue-name]").textContent;
  let venue = await store.get("venue") || null;

  const benefit = () => venue ? `${venue[`benefit_${language}`] || say("venue_benefit")} · ${venue[language]}` : "";

  function draw() {
    find("[data-venue-name]").textContent = venue ? venue.name : title;
    said.hidden = !venue;
    said.textContent = venue ? [benefit(), venue.note].filter(Boolean).join(" · ") : "";
  }

  /* The center's list into the choice; without a line what is kept stays. */
  async function list() {
    let every = null;
    try {
      const answer = await fetch("/gate/venues.json", { cache: "no-store", credentials: "omit" });
      if (answer.ok) every = await answer.json();
    } catch { /* no line: the kept one stays */ }
    find("[data-venue-hint]").hidden = false;
    if (!every) {
      if (!venue) find("[data-venue-hint]").textContent = say("venues_no_line");
      every = venue ? [venue] : [];
    }
    const meant = location.hash.slice(1);
    if (!venue && meant) {
      venue = every.find(one => one.code === meant) || null;
      if (venue) await store.put("venue", venue);
    }
    const fresh = venue && every.find(one => one.code === venue.code);
    if (fresh) { venue = fresh; await store.put("venue", venue); }
    const first = select.options[0], groups = new Map();
    for (const one of every) {
      const where = `${one.city}${one.district ? ` ${one.district}` : ""}`;
      if (!groups.has(where)) groups.set(where, Object.assign(document.createElement("optgroup"), { label: where }));
      groups.get(where).append(new Option(one.name, one.code, false, venue !== null && one.code === venue.code));
    }
    select.replaceChildren(first, ...groups.values());
    select.onchange = async () => {
      venue = every.find(one => one.code === select.value) || null;
      await store.put("venue", venue);
      draw();
    };
    draw();
  }

  draw();
  return { list, benefit, chosen: () => venue !== null };
}
