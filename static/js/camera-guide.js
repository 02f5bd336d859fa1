/* From the answers about frames to what a person sees: one instruction, and the page's outline over the preview. Owns
   [data-outline]; for a headshot the server's face framing speaks instead (framing.js). No other attribute: camera.js calls it. */
import { CHANGED } from "./live-judge.js";
import { live } from "./live.js";

const SLOW_MS = 3000; // without an answer for so long the first instruction stands again

/* answered(good) after every answer; good: the shutter may press itself. It gives whether it is about to. */
export function guidance(page, video, { say, answered }) {
  const drawing = page.querySelector("[data-outline]");
  let turned = true, changes = 0, framing = null, timer = 0, running = false;

  const guide = page.dataset.slot === "headshot" ? null : live(video, answer => {
    if (!turned) {
      changes = answer.changed > CHANGED ? changes + 1 : 0;
      if (changes > 2) turned = true;
    }
    page.dataset.seen = answer.code; // for tests and for style
    outline(answer);
    const good = answer.code === "good" && turned;
    const counts = answered(good);
    if (!turned) say("turn"); else say(good && !counts ? "good_press" : answer.code);
    alive();
  });

  function outline({ corners, code }) {
    if (!drawing) return;
    const shown = Boolean(corners && video.videoWidth);
    drawing.toggleAttribute("hidden", !shown);
    if (!shown) return;
    const w = video.videoWidth, h = video.videoHeight, points = corners.map(([x, y]) => [x * w, y * h]);
    drawing.setAttribute("viewBox", `0 0 ${w} ${h}`);
    drawing.dataset.state = code === "good" || code === "moving" ? code : "wait";
    for (const polygon of drawing.querySelectorAll("polygon")) polygon.setAttribute("points", points.map(point => point.join(",")).join(" "));
    drawing.querySelectorAll("circle").forEach((circle, i) => {
      circle.setAttribute("cx", points[i][0]); circle.setAttribute("cy", points[i][1]); circle.setAttribute("r", 0.014 * Math.max(w, h));
    });
  }

  function alive() {
    clearTimeout(timer);
    timer = setTimeout(() => { if (running) { drawing?.setAttribute("hidden", ""); answered(false); say("begin"); } }, SLOW_MS);
  }

  async function faces() {
    try {
      framing ??= (await import("./framing.js")).framing(video, ({ words, ok }) => {
        if (!running) return;
        say(null, { text: words, state: ok ? "good" : "wait" });
        page.dataset.seen = ok ? "good" : "wait";
        alive();
        answered(ok);
      });
      if (running) framing.start();
    } catch { /* no framing here: the first instruction stands */ }
  }

  return {
    live: guide,
    start() { running = true; if (guide) guide.start(); else faces(); },
    stop() {
      running = false;
      clearTimeout(timer);
      guide?.stop();
      framing?.stop();
      drawing?.setAttribute("hidden", "");
      answered(false);
    },
    /* This page is taken: nothing is taken by itself until another one lies there. */
    taken() {
      turned = false;
      changes = 0;
      guide?.mark();
    },
  };
}
