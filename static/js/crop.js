/* The headshot's crop: the photo moves under a fixed frame by one finger or the mouse, two fingers, wheel, keys and buttons; what
   is to be said about it comes from the server when it has come to rest. Owns data-crop: a form with x, y, height, angle in pixels of
   the photo (the frame is 4:5), whose value is the address that judges. */
const FRAME_HEIGHT = 95, MIDDLE = [60, 55.5]; // of the drawing, in its units
const SHIFT = 0.03, ZOOM = 1.08, LEAN = 2; // one press, as kiosk.capture.cropping has them
const LEAST_PX = 120, RESTED_MS = 400;
const KEYS = {
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "larger", "=": "larger", "-": "smaller", "_": "smaller",
  "[": "lean_left", ",": "lean_left", "]": "lean_right", ".": "lean_right", r: "turn", R: "turn", 0: "reset",
};

export function attach(root) {
  for (const form of root.querySelectorAll("[data-crop]:not([data-bound])")) begin(form);
}

function begin(form) {
  form.dataset.bound = "";
  const width = Number(form.dataset.width), height = Number(form.dataset.height);
  const stage = form.querySelector("[data-stage]"), svg = stage.querySelector("svg");
  const images = form.querySelectorAll("[data-crop-image]");
  const crop = {};
  let asked = 0, timer = 0;

  function set(x, y, tall, angle) {
    Object.assign(crop, { x: x + tall * 0.4, y: y + tall * 0.5, height: tall, angle }); // the middle from here on
  }

  function draw() {
    crop.height = Math.min(2 * Math.max(width, height), Math.max(LEAST_PX, crop.height));
    crop.x = Math.min(width, Math.max(0, crop.x));
    crop.y = Math.min(height, Math.max(0, crop.y));
    crop.angle = ((crop.angle % 360) + 360) % 360;
    const fields = { x: Math.round(crop.x - crop.height * 0.4), y: Math.round(crop.y - crop.height * 0.5), height: Math.round(crop.height), angle: Math.round(crop.angle * 10) / 10 };
    for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
    const transform = `translate(${MIDDLE.join(" ")}) rotate(${-crop.angle}) scale(${FRAME_HEIGHT / crop.height}) translate(${-crop.x} ${-crop.y})`;
    for (const image of images) image.setAttribute("transform", transform);
  }

  /* The photo's point under `was` comes to lie under `is`, larger by `zoom`, turned clockwise by `turn`. Both are seen from the
     middle of the frame, in shares of its height. */
  function carry(was, is, zoom = 1, turn = 0) {
    const [fromX, fromY] = onPhoto(was);
    crop.x += fromX;
    crop.y += fromY;
    crop.height = Math.min(2 * Math.max(width, height), Math.max(LEAST_PX, crop.height / zoom));
    crop.angle -= turn;
    const [toX, toY] = onPhoto(is);
    crop.x -= toX;
    crop.y -= toY;
    draw();
    judge();
  }
  function onPhoto([x, y]) {
    const turn = (crop.angle * Math.PI) / 180, cos = Math.cos(turn), sin = Math.sin(turn);
    return [(x * cos - y * sin) * crop.height, (x * sin + y * cos) * crop.height];
  }
  const here = [0, 0];
  const acts = {
    larger: () => carry(here, here, ZOOM),
    smaller: () => carry(here, here, 1 / ZOOM),
    lean_left: () => carry(here, here, 1, -LEAN),
    lean_right: () => carry(here, here, 1, LEAN),
    turn: () => carry(here, here, 1, 90),
    left: () => carry(here, [-SHIFT, 0]),
    right: () => carry(here, [SHIFT, 0]),
    up: () => carry(here, [0, -SHIFT]),
    down: () => carry(here, [0, SHIFT]),
    reset: () => ask("reset"),
  };

  /* --- judged by the server, once it rests --- */

  function judge() {
    form.dataset.state = "judging";
    clearTimeout(timer);
    timer = setTimeout(ask, RESTED_MS);
  }

  async function ask(act) {
    clearTimeout(timer);
    const turn = asked += 1, body = new FormData(form);
    if (act) body.set("act", act);
    try {
      const reply = await fetch(form.dataset.crop, { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
      const to = reply.headers.get("HX-Redirect");
      if (to) { location.assign(to); return; } // the tablet has locked itself
      const html = await reply.text();
      const said = reply.ok && new DOMParser().parseFromString(html, "text/html").querySelector("[data-judged]");
      if (turn !== asked || !said || !form.isConnected) return;
      form.querySelector("[data-judged]").replaceWith(document.adoptNode(said));
      if (act) {
        const { x, y, height: tall, angle } = said.dataset;
        set(Number(x), Number(y), Number(tall), Number(angle));
        draw();
      }
    } catch { /* the words stay as they were: the photo can be used all the same */ } finally {
      if (turn === asked) delete form.dataset.state;
    }
  }

  /* --- buttons, keys, wheel --- */

  form.addEventListener("click", event => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (!act) return;
    event.preventDefault();
    acts[act]();
  });
  stage.addEventListener("keydown", event => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[act]();
  });
  stage.addEventListener("wheel", event => {
    event.preventDefault();
    const by = event.deltaY || event.deltaX; // with Shift some browsers scroll sideways
    if (event.shiftKey) carry(here, here, 1, Math.sign(by));
    else { const at = seen([event.clientX, event.clientY]); carry(at, at, Math.exp(-by * 0.001)); }
  }, { passive: false });

  /* --- fingers and the mouse --- */

  const fingers = new Map();
  function seen([x, y]) {
    const box = svg.getBoundingClientRect(), unit = Math.min(box.height / 111, box.width / 120);
    return [(x - box.x - box.width / 2) / (FRAME_HEIGHT * unit), (y - box.y - box.height / 2) / (FRAME_HEIGHT * unit)];
  }
  stage.addEventListener("pointerdown", event => {
    if (event.button) return;
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    event.preventDefault();
    stage.focus({ preventScroll: true });
  });
  stage.addEventListener("pointermove", event => {
    const was = fingers.get(event.pointerId);
    if (!was) return;
    const is = [event.clientX, event.clientY];
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, is);
    if (!other) { carry(seen(was), seen(is)); return; }
    const between = ([x, y]) => [(x + other[0]) / 2, (y + other[1]) / 2];
    const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]), way = ([x, y]) => (Math.atan2(y - other[1], x - other[0]) * 180) / Math.PI;
    const near = apart(was) < 24 || apart(is) < 24; // fingers that touch say nothing about size or angle
    const turned = ((way(is) - way(was) + 540) % 360) - 180;
    carry(seen(between(was)), seen(between(is)), near ? 1 : apart(is) / apart(was), near ? 0 : turned);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, event => fingers.delete(event.pointerId));

  set(...["x", "y", "height", "angle"].map(name => Number(form.elements[name].value)));
  draw();
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
