/* Where the face is, while the headshot's camera runs: small frames to the server, one at a time, at most four a second. Owns no
   attribute; camera-guide.js calls it. say({words, box, ok}) after every answer; box in shares of the frame, or null.
   A slow or busy server is asked less often, and one that three times in a row did not answer only now and then: the picture can
   be taken without. A late answer is an answer. */
const EVERY_MS = 250, SLOW_MS = 700, MISSES = 3, SELDOM_MS = 8000;
const RESTS = 2, REST_MS = 1000; // after an answer, so many times as long as it took, but no longer: the server rests too
const GIVEN_UP_MS = 12000; // the first answer may have to wait until the server's decoder has started
const SIDE_PX = 320;

export function framing(video, say) {
  const canvas = document.createElement("canvas");
  const token = () => document.querySelector("input[name=csrf_token]")?.value ?? "";
  let round = 0, misses = 0;

  function frame() {
    const scale = Math.min(1, SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.7));
  }

  /* The answer, or null when there was none. */
  async function ask(body) {
    const begun = performance.now(), signal = AbortSignal.timeout(GIVEN_UP_MS);
    try {
      const headers = { "Content-Type": "image/jpeg", "X-CSRFToken": token(), "X-Poll": "1" }; // nobody pressed anything
      const reply = await fetch("/capture/frame-face", { method: "POST", body, headers, signal, redirect: "error" });
      const answer = reply.ok ? await reply.json() : {};
      const answered = "ok" in answer;
      if (!answered) misses += 1;
      else misses = performance.now() - begun <= SLOW_MS ? 0 : Math.min(misses + 1, MISSES - 1);
      return answered ? answer : null;
    } catch {
      misses += 1;
      return null;
    }
  }

  async function run(mine) {
    while (mine === round && video.isConnected) {
      const begun = performance.now();
      const body = !document.hidden && video.readyState >= 2 && video.videoWidth ? await frame() : null;
      const answer = body && mine === round ? await ask(body) : null;
      if (answer && mine === round) say(answer);
      const took = performance.now() - begun, apart = misses < MISSES ? EVERY_MS * 2 ** misses : SELDOM_MS;
      await new Promise(next => setTimeout(next, Math.max(apart - took, Math.min(RESTS * took, REST_MS))));
    }
  }

  return {
    start() { misses = 0; run(round += 1); },
    stop() { round += 1; },
  };
}
