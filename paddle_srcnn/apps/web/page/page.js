// The page: pictures that come in, the order to enlarge them, and the list that shows what the server knows.

import * as server from "./server.js";
import * as viewer from "./viewer.js";
import { collected } from "./dropped.js";
import { duration, showLanguage, switchLanguage, text, translate } from "./words.js";

const BUSY_MILLISECONDS = 300; // between two looks at the server
const IDLE_MILLISECONDS = 3000;
const element = (id) => document.getElementById(id);
const rows = new Map(); // by the number of their picture
let known = { pictures: [], seconds: 0, largest: Infinity, suffixes: [] };
let arriving = { done: 0, all: 0 };
let timer = 0;

const isBusy = (picture) => picture.state === "waiting" || picture.state === "working";

function choices() {
  const chosen = document.querySelector("input[name=factor]:checked").value;
  return {
    scale: Number(chosen === "other" ? element("other").value : chosen),
    jpeg: element("jpeg").value,
    noise: element("noise").value,
    fast: element("fast").checked,
  };
}

/** Tell whether the order would make something of a picture that is not there yet. */
function isWanted(picture, wanted) {
  if (picture.state === "ready" || picture.state === "failed") return true;
  return picture.state === "done" && Object.keys(wanted).some((name) => picture.made[name] !== wanted[name]);
}

async function enlarge(event) {
  event.preventDefault();
  const wanted = choices();
  const numbers = known.pictures.filter((picture) => isWanted(picture, wanted)).map((picture) => picture.number);
  clearProblems();
  await asked(server.enlarge(numbers, wanted));
}

/** Wait for an answer with the state, and show it; or show the problem. */
async function asked(request) {
  try {
    show(await request);
  } catch (error) {
    report(error);
  }
  await look();
}

function report(error) {
  if (error instanceof server.Refusal) addProblem(error.message, "en");
  else hasEnded();
}

async function look() {
  clearTimeout(timer);
  try {
    show(await server.state());
  } catch {
    hasEnded();
    return;
  }
  timer = setTimeout(look, known.pictures.some(isBusy) ? BUSY_MILLISECONDS : IDLE_MILLISECONDS);
}

function hasEnded() {
  clearTimeout(timer);
  element("ended").hidden = false;
  for (const control of document.querySelectorAll("main button, main input, footer button")) control.disabled = true;
}

async function add(files) {
  arriving.all += files.length;
  for (const file of files) {
    arriving.done += 1;
    showArriving();
    if (file.size > known.largest) {
      addProblem(text("tooLarge", { name: file.name, megabytes: Math.floor(known.largest / 2 ** 20) }));
      continue;
    }
    try {
      await server.upload(file);
    } catch (error) {
      if (error instanceof server.Refusal) report(error);
      else addProblem(text("unreadable", { name: file.name })); // or the program has ended, which the next look tells
    }
    await look();
  }
  if (arriving.done === arriving.all) arriving = { done: 0, all: 0 };
  showArriving();
}

function showArriving() {
  element("adding").hidden = arriving.all === 0;
  element("adding").textContent = text("adding", arriving);
}

function addProblem(message, language = "") {
  const item = document.createElement("li");
  const words = document.createElement("span");
  const button = document.createElement("button");
  words.textContent = message;
  words.lang = language || document.documentElement.lang;
  button.type = "button";
  button.className = "plain";
  button.textContent = "✕";
  button.ariaLabel = text("dismiss", { name: message });
  button.addEventListener("click", () => {
    item.remove();
    element("problems").hidden = !element("problems").children.length;
  });
  item.append(words, button);
  element("problems").append(item);
  element("problems").hidden = false;
  tell(message);
}

function clearProblems() {
  element("problems").replaceChildren();
  element("problems").hidden = true;
}

function tell(message) {
  element("told").textContent = message;
}

function show(state) {
  known = state;
  const present = new Set(state.pictures.map((picture) => picture.number));
  for (const [number, row] of rows) {
    if (present.has(number)) continue;
    row.item.remove();
    rows.delete(number);
  }
  for (const picture of state.pictures) {
    if (!rows.has(picture.number)) rows.set(picture.number, newRow(picture));
    showRow(rows.get(picture.number), picture);
  }
  showOrder();
}

function newRow(picture) {
  const item = element("row").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(name);
  const row = { item, picture, part };
  translate(item);
  part(".name").textContent = picture.name;
  if (picture.width) part(".thumbnail").src = server.thumbnailAddress(picture);
  part(".compare").addEventListener("click", () => viewer.open(row.picture).catch(report));
  part(".stop").addEventListener("click", () => asked(server.stop([picture.number])));
  part(".remove").addEventListener("click", () => removed(row));
  element("pictures").append(item);
  return row;
}

/** Remove a picture, and leave the keyboard at its neighbour. */
async function removed(row) {
  const neighbour = row.item.nextElementSibling ?? row.item.previousElementSibling;
  await asked(server.remove(row.picture.number));
  (neighbour?.querySelector(".remove") ?? element("files")).focus();
}

function showRow(row, picture) {
  const before = row.picture.state;
  const { part } = row;
  const isDone = picture.state === "done";
  const hasProblem = picture.state === "failed" || picture.state === "refused";
  row.picture = picture;
  row.item.dataset.state = picture.state;
  part(".size").textContent = sizes(picture);
  part(".outcome").textContent = outcome(picture);
  part(".outcome").lang = hasProblem ? "en" : document.documentElement.lang;
  part("progress").hidden = picture.state !== "working";
  part("progress").value = picture.total ? picture.done / picture.total : 0;
  part("progress").ariaLabel = picture.name;
  part(".notes").hidden = !picture.notes.length;
  part(".notes").replaceChildren(...picture.notes.map(noteItem));
  part(".compare").hidden = part(".save").hidden = !isDone;
  part(".compare").ariaLabel = text("compareLabel", { name: picture.name });
  if (isDone) {
    part(".save").href = server.resultAddress(picture);
    part(".save").download = picture.result;
    part(".save").ariaLabel = text("saveLabel", { name: picture.result });
  }
  part(".stop").hidden = !isBusy(picture);
  part(".stop").ariaLabel = text("stopLabel", { name: picture.name });
  part(".remove").ariaLabel = text("removeLabel", { name: picture.name });
  if (before !== picture.state && (isDone || hasProblem)) tell(outcome(picture));
}

function noteItem(note) {
  const item = document.createElement("li");
  item.textContent = note;
  return item;
}

function sizes(picture) {
  if (!picture.width) return "";
  const given = `${picture.width} × ${picture.height}`;
  const options = isBusy(picture) ? picture.wanted : picture.state === "done" ? picture.made : null;
  if (!options) return given;
  const result = [picture.width, picture.height].map((length) => Math.floor(length * options.scale + 0.5));
  return `${given} → ${result.join(" × ")}`;
}

function outcome(picture) {
  const percent = picture.total ? Math.floor((100 * picture.done) / picture.total) : 0;
  const words = { failed: picture.error, refused: picture.error };
  return words[picture.state] ?? text(picture.state, { percent, name: picture.result }) + choice(picture);
}

/** Tell the network that enlarged a picture, and the quality of JPEG that led to it. */
function choice(picture) {
  if (picture.state !== "done" || !picture.network) return "";
  const parts = [picture.network.replaceAll("-", "\u2011")]; // hyphens at which no line breaks
  if (picture.quality !== null) parts.push(text("quality", { quality: picture.quality }));
  return text("choice", { parts });
}

function showOrder() {
  const wanted = choices();
  const { pictures, seconds } = known;
  const count = pictures.filter((picture) => isWanted(picture, wanted)).length;
  const busy = pictures.filter(isBusy);
  const made = pictures.filter((picture) => picture.state === "done");
  document.body.classList.toggle("filled", pictures.length > 0);
  element("order").hidden = !pictures.some((picture) => picture.state !== "refused");
  element("other").hidden = document.querySelector("input[name=factor]:checked").value !== "other";
  element("enlarge").disabled = count === 0;
  element("enlarge").textContent = count || busy.length ? text("enlarge", { count }) : text("nothing");
  element("enlarge").hidden = busy.length > 0 && count === 0;
  element("stop").hidden = busy.length === 0;
  element("save-all").hidden = made.length < 2;
  element("overall").hidden = busy.length === 0;
  const working = busy.reduce((sum, picture) => sum + (picture.total ? picture.done / picture.total : 0), 0);
  element("overall-bar").value = (made.length + working) / Math.max(made.length + busy.length, 1);
  const left = seconds === null ? text("estimating") : text("left", { time: duration(seconds) });
  element("overall-text").textContent = text("overall", { done: made.length, all: made.length + busy.length, left });
}

element("language").addEventListener("click", () => {
  switchLanguage();
  show(known);
});
element("files").addEventListener("change", (event) => {
  add([...event.target.files]);
  event.target.value = ""; // the same file can be chosen again
});
element("order").addEventListener("submit", enlarge);
element("order").addEventListener("input", showOrder);
element("stop").addEventListener("click", () =>
  asked(server.stop(known.pictures.filter(isBusy).map((picture) => picture.number))),
);
element("end").addEventListener("click", async () => {
  if (!confirm(text("endQuestion"))) return;
  await server.end().catch(() => {});
  hasEnded();
});

let depth = 0; // of elements that a dragged file is over
addEventListener("dragenter", (event) => {
  event.preventDefault();
  depth += 1;
  document.body.classList.add("over");
});
addEventListener("dragleave", () => {
  depth -= 1;
  document.body.classList.toggle("over", depth > 0);
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", async (event) => {
  event.preventDefault();
  depth = 0;
  document.body.classList.remove("over");
  add(await collected(event.dataTransfer, known.suffixes));
});

showLanguage();
look();
