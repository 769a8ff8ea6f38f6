// The dialog that shows a picture before and after, with a border between both, zoom and movement.

import * as server from "./server.js";
import { Tiles } from "./tiles.js";

const element = (id) => document.getElementById(id);
const dialog = element("viewer");
const stage = element("stage");
const split = element("split");
const canvas = stage.querySelector("canvas");
const context = canvas.getContext("2d", { alpha: false });
const LARGEST_ZOOM = 32; // pixels of the screen for a pixel of the picture
const STEP = 60; // pixels of the screen that an arrow key moves
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

let tiles = null;
let zoom = 1; // pixels of the canvas for a pixel of the picture
let centre = [0, 0]; // of the window, in pixels of the picture
let border = 50; // per cent of the stage that show the picture before
let isFitted = true;
let frame = 0;
const pointers = new Map();

/** Show a picture that is enlarged. */
export async function open(picture) {
  const size = await server.view(picture.number);
  tiles = new Tiles(picture, size, redraw);
  element("viewer-name").textContent = picture.result;
  element("viewer-save").href = server.resultAddress(picture);
  element("viewer-save").download = picture.result;
  dialog.showModal();
  moveBorder(50);
  fit();
  stage.focus();
}

function fitting() {
  const { width, height } = tiles.size;
  const whole = Math.min(canvas.width / width, canvas.height / height);
  return whole < 1 ? whole : clamp(Math.floor(whole), 1, LARGEST_ZOOM); // whole pixels, if it is small
}

function fit() {
  measure();
  centre = [tiles.size.width / 2, tiles.size.height / 2];
  zoom = fitting();
  isFitted = true;
  redraw();
}

function measure() {
  const box = stage.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(box.height * devicePixelRatio));
}

/** Change the zoom so that a point of the canvas keeps its place. */
function zoomTo(wanted, x = canvas.width / 2, y = canvas.height / 2) {
  const after = clamp(wanted, Math.min(fitting(), 1), LARGEST_ZOOM);
  centre[0] += (x - canvas.width / 2) * (1 / zoom - 1 / after);
  centre[1] += (y - canvas.height / 2) * (1 / zoom - 1 / after);
  zoom = after;
  isFitted = false;
  redraw();
}

const zoomIn = () => zoomTo(2 ** (Math.floor(Math.log2(zoom) + 1e-6) + 1));
const zoomOut = () => zoomTo(2 ** (Math.ceil(Math.log2(zoom) - 1e-6) - 1));

function move(x, y) {
  centre = [centre[0] - x / zoom, centre[1] - y / zoom];
  isFitted = false;
  redraw();
}

function moveBorder(percent) {
  border = clamp(percent, 0, 100);
  split.style.left = `${border}%`;
  split.ariaValueNow = String(Math.round(border));
  split.ariaValueText = `${Math.round(border)} %`;
  stage.style.setProperty("--split", `${border}%`);
  redraw();
}

function redraw() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  if (!tiles || !dialog.open) return;
  const { width, height } = tiles.size;
  // A part of the picture always stays in sight.
  centre = [clamp(centre[0], 0, width), clamp(centre[1], 0, height)];
  const left = Math.round(canvas.width / 2 - centre[0] * zoom);
  const top = Math.round(canvas.height / 2 - centre[1] * zoom);
  const middle = Math.round((canvas.width * border) / 100);
  context.fillStyle = getComputedStyle(stage).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  tiles.draw(context, "before", { zoom, left, top }, 0, middle);
  tiles.draw(context, "after", { zoom, left, top }, middle, canvas.width);
  element("zoom").textContent = `${Math.round(100 * zoom)} %`;
  element("zoom-fit").setAttribute("aria-pressed", String(isFitted));
}

function place(event) {
  const box = stage.getBoundingClientRect();
  return [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
}

stage.addEventListener("pointerdown", (event) => {
  if (event.target === split || event.button !== 0) return;
  stage.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, place(event));
});

stage.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const now = place(event);
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  pointers.set(event.pointerId, now);
  if (!other) {
    move(now[0] - before[0], now[1] - before[1]);
    return;
  }
  const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
  move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  zoomTo((zoom * distance(now)) / distance(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
});

for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, (event) => pointers.delete(event.pointerId));
}

stage.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    zoomTo(zoom * 2 ** (clamp(-event.deltaY, -200, 200) / 200), ...place(event));
  },
  { passive: false },
);

split.addEventListener("pointerdown", (event) => {
  split.setPointerCapture(event.pointerId);
  split.focus();
});
split.addEventListener("pointermove", (event) => {
  if (!split.hasPointerCapture(event.pointerId)) return;
  moveBorder((100 * place(event)[0]) / canvas.width);
});
split.addEventListener("keydown", (event) => {
  const step = event.shiftKey ? 10 : 1;
  const moves = { ArrowLeft: border - step, ArrowDown: border - step, ArrowRight: border + step, ArrowUp: border + step };
  const wanted = { ...moves, PageDown: border - 10, PageUp: border + 10, Home: 0, End: 100 }[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  moveBorder(wanted);
});

dialog.addEventListener("keydown", (event) => {
  const far = STEP * devicePixelRatio;
  const actions = {
    ArrowLeft: () => move(far, 0),
    ArrowRight: () => move(-far, 0),
    ArrowUp: () => move(0, far),
    ArrowDown: () => move(0, -far),
    "+": zoomIn,
    "=": zoomIn,
    "-": zoomOut,
    0: fit,
    1: () => zoomTo(1),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
});

element("zoom-in").addEventListener("click", zoomIn);
element("zoom-out").addEventListener("click", zoomOut);
element("zoom-fit").addEventListener("click", fit);
element("zoom-one").addEventListener("click", () => zoomTo(1));
element("viewer-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  tiles = null;
  pointers.clear();
  server.closeView().catch(() => {}); // the program has ended, and the view with it
});
new ResizeObserver(() => {
  if (!tiles || !dialog.open) return;
  if (isFitted) fit();
  else measure(), redraw();
}).observe(stage);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
