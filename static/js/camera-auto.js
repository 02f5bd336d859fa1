/* The shutter that presses itself when the picture has been good for a moment. Owns [data-auto], the switch for it, and
   [data-ring], the countdown round the shutter. No words of its own: camera-guide.js says to hold still. */
import { recall } from "./camera-device.js";

const WAIT_MS = 250, COUNT_MS = 800;

export function autoshutter(page, press) {
  const button = page.querySelector("[data-auto]"), ring = page.querySelector("[data-ring]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let since = 0, on = recall("camera-auto") !== "off";

  function draw(share) {
    const steps = calm.matches ? Math.floor(share * 4) / 4 : share; // four jumps instead of a movement
    ring?.setAttribute("stroke-dashoffset", String(100 - 100 * steps));
    page.toggleAttribute("data-counting", share > 0);
  }
  function set(value) {
    on = value;
    button?.setAttribute("aria-pressed", String(on));
    page.dataset.autoshutter = on ? "on" : "off";
    if (!on) stop();
  }
  function stop() {
    since = 0;
    draw(0);
  }
  button?.addEventListener("click", () => { set(!on); recall("camera-auto", on ? null : "off"); });
  set(on);
  return {
    stop,
    /* After every answer: whether everything is right just now. Gives whether it counts. */
    seen(good) {
      if (!good || !on) { if (since) stop(); return false; }
      const now = performance.now();
      since ||= now;
      const share = (now - since - WAIT_MS) / COUNT_MS;
      draw(Math.max(0, Math.min(1, share)));
      if (share >= 1) { stop(); press(); }
      return true;
    },
  };
}
