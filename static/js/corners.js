/* Four corners of a page to drag, or to move with the arrow keys. Owns data-corners (a form with x0,y0 … x3,y3).
   A magnifier shows what lies under the finger. data-corners-whole takes the whole picture, data-corners-reset goes back
   to the corners the page came with. */
const STEP = 0.002, LEAP = 0.02; // of the long side, for an arrow key without and with Shift
const VIEW = 0.06; // of the long side, what the magnifier shows

export function attach(root) {
  for (const form of root.querySelectorAll("[data-corners]:not([data-bound])")) begin(form);
}

function begin(form) {
  form.dataset.bound = "";
  const width = Number(form.dataset.width), height = Number(form.dataset.height), long = Math.max(width, height);
  const stage = form.querySelector("[data-stage]"), magnifier = form.querySelector("[data-magnifier]");
  const grips = [...form.querySelectorAll("[data-corner]")];
  const outlines = form.querySelectorAll("[data-outline]");
  const field = (axis, at) => form.elements[`${axis}${at}`];
  const place = at => [Number(field("x", at).value), Number(field("y", at).value)];

  function move(at, x, y) {
    field("x", at).value = Math.round(Math.min(width - 1, Math.max(0, x)) * 10) / 10;
    field("y", at).value = Math.round(Math.min(height - 1, Math.max(0, y)) * 10) / 10;
    draw(at);
  }
  function draw(at) {
    const [x, y] = place(at);
    grips[at].setAttribute("transform", `translate(${x} ${y})`);
    const points = grips.map((_, n) => place(n).join(",")).join(" ");
    for (const outline of outlines) outline.setAttribute("points", points);
    const side = long * VIEW;
    magnifier.setAttribute("viewBox", `${x - side} ${y - side} ${2 * side} ${2 * side}`);
    magnifier.querySelector("[data-cross]").setAttribute("d", `M${x - side} ${y}h${2 * side}M${x} ${y - side}v${2 * side}`);
    // on the far side of the picture, so that the hand does not lie on it
    magnifier.toggleAttribute("data-right", x < width / 2);
  }
  const begun = grips.map((_, at) => place(at));
  function all(points) {
    points.forEach(([x, y], at) => move(at, x, y));
    magnifier.setAttribute("hidden", "");
  }
  const whole = form.querySelector("[data-corners-whole]"), reset = form.querySelector("[data-corners-reset]");
  whole?.addEventListener("click", () => all([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]));
  reset?.addEventListener("click", () => all(begun));
  for (const button of [whole, reset]) button?.removeAttribute("hidden");

  function under(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(stage.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  for (const grip of grips) {
    const at = Number(grip.dataset.corner);
    let offset = null;
    grip.addEventListener("pointerdown", event => {
      grip.setPointerCapture(event.pointerId);
      const [x, y] = under(event), [was_x, was_y] = place(at);
      offset = [was_x - x, was_y - y];
      magnifier.removeAttribute("hidden");
      draw(at);
      event.preventDefault();
      grip.focus();
    });
    grip.addEventListener("pointermove", event => {
      if (!offset) return;
      const [x, y] = under(event);
      move(at, x + offset[0], y + offset[1]);
    });
    for (const end of ["pointerup", "pointercancel"]) grip.addEventListener(end, () => { offset = null; magnifier.setAttribute("hidden", ""); });
    grip.addEventListener("keydown", event => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const step = long * (event.shiftKey ? LEAP : STEP), [x, y] = place(at);
      magnifier.removeAttribute("hidden");
      move(at, x + way[0] * step, y + way[1] * step);
    });
    grip.addEventListener("blur", () => magnifier.setAttribute("hidden", ""));
  }
}

attach(document);
document.addEventListener("htmx:load", event => attach(event.target));
