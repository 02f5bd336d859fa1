/* From the answers about frames to what a person sees: one instruction, and the page's outline over the preview. Owns
   [data-outline]; for a headshot the server's face framing speaks instead (framing.js). No other attribute: camera.js calls it.
   What judges is fetched and started once the camera shows its first picture: before, it would only keep that back. */

const SLOW_MS = 5000; // without an answer for so long the first instruction stands again

/* answered(good) after every answer; good: the shutter may press itself. It gives whether it is about to. */
export function guidance(page, video, { say, answered }) {
  const drawing = page.querySelector("[data-outline]");
  const looker = page.dataset.slot === "headshot" ? faces : frames;
  let turned = true, changes = 0, guide = null, framing = null, timer = 0, running = false, waiting = false;

  async function frames() {
    try {
      const [{ live }, { CHANGED }] = await Promise.all([import("./live.js"), import("./live-judge.js")]);
      if (!guide) {
        guide = live(video, answer => heard(answer, CHANGED));
        if (!turned) guide.mark();
      }
      if (running) guide.start();
    } catch { /* no guidance here: the first instruction stands, and the shutter works */ }
  }

  function heard(answer, changed) {
    if (!turned) {
      changes = answer.changed > changed ? changes + 1 : 0;
      if (changes > 2) turned = true;
    }
    page.dataset.seen = answer.code; // for tests and for style
    outline(answer);
    const good = answer.code === "good" && turned;
    const counts = answered(good);
    if (!turned) say("turn"); else say(good && !counts ? "good_press" : answer.code);
    alive();
  }

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

  /* Now, where a picture is to be seen already, else with the first one; a camera that shows none is camera-device.js' affair. */
  function begin() {
    waiting = video.readyState < 2;
    if (!waiting) looker();
  }
  for (const event of ["loadeddata", "playing"]) video.addEventListener(event, () => { if (waiting && running) begin(); });

  return {
    get live() { return guide; },
    start() { running = true; begin(); },
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
