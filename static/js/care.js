/* What only the browser knows of the machine: its camera, tried when somebody asks, and the battery where the system said nothing.
   Owns data-care-camera (sentences in its data-good, data-denied, data-none, data-busy, data-insecure, each with -remedy) and
   data-care-battery; within them [data-care-try], [data-care-seen], [data-care-remedy]. Nothing is kept of the picture. */
const say = (box, state, seen, remedy = "") => {
  box.dataset.state = state;
  box.querySelector("[data-care-seen]").textContent = seen;
  const place = box.querySelector("[data-care-remedy]");
  if (place) place.textContent = remedy;
};

const WHY = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };

async function tryCamera(box) {
  const told = why => say(box, "stop", box.dataset[why], box.dataset[`${why}Remedy`]);
  if (!navigator.mediaDevices?.getUserMedia) { told("insecure"); return; }
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false });
    const { width = 0, height = 0 } = stream.getVideoTracks()[0].getSettings();
    say(box, "good", box.dataset.good.replace("{size}", `${width} × ${height}`));
  } catch (error) {
    told(WHY[error.name] ?? "busy");
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
}

async function showBattery(box) {
  const held = await navigator.getBattery?.().catch(() => null);
  if (!held || !box.isConnected) return;
  if (held.charging && held.level === 1 && held.chargingTime === 0) return; // what a browser says where there is none
  const percent = Math.round(held.level * 100);
  say(box, held.charging || percent >= 20 ? "good" : "stop", (held.charging ? box.dataset.charging : box.dataset.level).replace("{n}", percent));
}

export function attach(root) {
  for (const box of root.querySelectorAll("[data-care-camera]:not([data-bound])")) {
    box.dataset.bound = "";
    box.querySelector("[data-care-try]").addEventListener("click", () => tryCamera(box));
  }
  for (const box of root.querySelectorAll("[data-care-battery]:not([data-bound])")) {
    box.dataset.bound = "";
    showBattery(box);
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target.parentNode ?? document));
