/* The headshot's crop: the photo moves under a fixed frame by finger, two fingers, wheel, keys and buttons.
   Owns data-crop (a form with x, y, height, angle in pixels of the photo; the frame is 4:5). */
const FRAME_HEIGHT = 95, MIDDLE = [60, 55.5]; // of the drawing, in its units
const STEP = 0.03, ZOOM = 1.08, TURN = 90;

export function attach(root) {
  for (const form of root.querySelectorAll("[data-crop]:not([data-bound])")) begin(form);
}

function begin(form) {
  form.dataset.bound = "";
  const width = Number(form.dataset.width), height = Number(form.dataset.height);
  const stage = form.querySelector("[data-stage]"), svg = stage.querySelector("svg");
  const images = form.querySelectorAll("[data-crop-image]");
  const value = name => Number(form.elements[name].value);
  const crop = { height: value("height"), angle: value("angle") };
  crop.x = value("x") + crop.height * 0.4;
  crop.y = value("y") + crop.height * 0.5; // the middle from here on

  function draw() {
    crop.height = Math.min(2 * Math.max(width, height), Math.max(120, crop.height));
    crop.x = Math.min(width, Math.max(0, crop.x));
    crop.y = Math.min(height, Math.max(0, crop.y));
    form.elements.x.value = Math.round(crop.x - crop.height * 0.4);
    form.elements.y.value = Math.round(crop.y - crop.height * 0.5);
    form.elements.height.value = Math.round(crop.height);
    form.elements.angle.value = crop.angle;
    const transform = `translate(${MIDDLE.join(" ")}) rotate(${-crop.angle}) scale(${FRAME_HEIGHT / crop.height}) translate(${-crop.x} ${-crop.y})`;
    for (const image of images) image.setAttribute("transform", transform);
  }
  /* dx, dy as seen on the screen, in shares of the frame's height */
  function shift(dx, dy) {
    const turn = (crop.angle * Math.PI) / 180, cos = Math.cos(turn), sin = Math.sin(turn);
    crop.x -= (dx * cos - dy * sin) * crop.height;
    crop.y -= (dx * sin + dy * cos) * crop.height;
    draw();
  }
  const acts = {
    larger: () => { crop.height /= ZOOM; draw(); },
    smaller: () => { crop.height *= ZOOM; draw(); },
    turn: () => { crop.angle = Math.round((crop.angle + TURN) % 360); draw(); },
    left: () => shift(-STEP, 0),
    right: () => shift(STEP, 0),
    up: () => shift(0, -STEP),
    down: () => shift(0, STEP),
  };

  form.querySelector("[data-tools]").hidden = false;
  for (const button of form.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
  stage.addEventListener("keydown", event => {
    const act = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "larger", "=": "larger", "-": "smaller" }[event.key];
    if (!act) return;
    event.preventDefault();
    acts[act]();
  });
  stage.addEventListener("wheel", event => {
    event.preventDefault();
    crop.height *= Math.exp(event.deltaY * 0.001);
    draw();
  }, { passive: false });

  const fingers = new Map();
  const frame = () => (svg.getBoundingClientRect().height * FRAME_HEIGHT) / svg.viewBox.baseVal.height;
  stage.addEventListener("pointerdown", event => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    event.preventDefault();
    stage.focus();
  });
  stage.addEventListener("pointermove", event => {
    const was = fingers.get(event.pointerId);
    if (!was) return;
    const is = [event.clientX, event.clientY];
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const before = Math.hypot(was[0] - other[0], was[1] - other[1]), after = Math.hypot(is[0] - other[0], is[1] - other[1]);
      if (before > 10 && after > 10) crop.height *= before / after;
    }
    const share = other ? 0.5 : 1; // two fingers carry the photo together
    fingers.set(event.pointerId, is);
    shift((share * (is[0] - was[0])) / frame(), (share * (is[1] - was[1])) / frame());
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, event => fingers.delete(event.pointerId));
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
