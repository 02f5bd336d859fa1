/* The strip of pages under the camera: what the server has, what is on its way, and what can be done with one page.
   Owns data-strip (its list, replaced by the server's answers) and dialog[data-page-tools]; camera.js says what to do. */

/* act(what, photo): "retake", "up", "down", "remove" of the <li> that is a page. */
export function strip(page, act) {
  const tools = page.querySelector("[data-page-tools]");
  const list = () => page.querySelector("[data-strip]");
  const pages = () => [...list()?.querySelectorAll("li[data-photo]") ?? []];
  let open = null;

  function renew(html) {
    const old = list(), fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-strip]");
    if (!old || !fresh) return false;
    const at = document.activeElement; // on nothing: what had it went with a list before; elsewhere: it stays there
    const focused = !at || at === document.body ? open : at.closest("li[data-photo]")?.dataset.photo;
    for (const img of old.querySelectorAll("li[data-photo] img")) { // what was fetched once is not fetched again
      const same = [...fresh.querySelectorAll("li[data-photo] img")].find(one => one.getAttribute("src") === img.getAttribute("src"));
      same?.replaceWith(img);
    }
    old.replaceWith(fresh);
    pages().find(one => one.dataset.photo === focused)?.querySelector("a").focus({ preventScroll: true });
    return true;
  }

  /* Those that are not there yet, each with what was photographed. */
  function waiting(entries, words) {
    for (const one of list()?.querySelectorAll("[data-waiting]") ?? []) if (!entries.some(entry => entry.id === one.dataset.waiting)) one.remove();
    const here = list()?.querySelector("[data-state=here]");
    for (const entry of entries) {
      if (!here || !entry.picture) continue;
      let item = list().querySelector(`[data-waiting="${entry.id}"]`);
      if (!item) {
        item = page.querySelector("[data-waiting-page]").content.firstElementChild.cloneNode(true);
        item.dataset.waiting = entry.id;
        item.querySelector("img").src = entry.preview;
        here.before(item);
        here.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
      item.dataset.state = entry.state === "failed" ? "wait" : "sending";
      item.querySelector("[data-note]").textContent = entry.state === "failed" ? words.failed : entry.label;
    }
  }

  page.addEventListener("click", event => {
    const link = event.target.closest("[data-strip] li[data-photo] > a");
    if (link && tools?.showModal) {
      event.preventDefault();
      show(link.closest("li"));
    }
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const photo = button.dataset.photo ? pages().find(one => one.dataset.photo === button.dataset.photo) : pages().find(one => one.dataset.photo === open);
    if (tools?.open) tools.close("acted");
    if (photo) act(button.dataset.act, photo);
  });
  page.addEventListener("keydown", event => {
    const photo = event.target.closest?.("[data-strip] li[data-photo]");
    if (!photo || !event.altKey) return;
    const what = { ArrowLeft: "up", ArrowRight: "down", Delete: "remove" }[event.key];
    if (!what || (what !== "remove" && !("order" in photo.dataset))) return;
    event.preventDefault();
    open = photo.dataset.photo;
    act(what, photo);
  });
  tools?.addEventListener("close", () => {
    if (tools.returnValue === "acted") return; // what was pressed says where the focus goes; an earlier close may be told only now
    pages().find(one => one.dataset.photo === open)?.querySelector("a").focus({ preventScroll: true });
  });

  function show(photo) {
    open = photo.dataset.photo;
    const place = tools.querySelector("[data-tools]");
    place.replaceChildren(photo.querySelector("template").content.cloneNode(true));
    tools.returnValue = "";
    tools.showModal();
  }

  return { renew, waiting, pages, get open() { return Boolean(tools?.open); } };
}
