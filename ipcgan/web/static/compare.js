// Two pictures of one size on top of each other, and a divider between them.
import { byId, showPicture } from "./dom.js";
import { number, onLanguage, text } from "./language.js";

const area = byId("compare");
const split = byId("split");
const before = byId("before");
const after = byId("after");

// Shows where the divider is: left of it the picture as it was.
function draw() {
  area.style.setProperty("--split", `${split.value}%`);
  split.setAttribute(
    "aria-valuetext",
    text("split_value", { percent: number(Number(split.value)) }),
  );
}

function moveTo(event) {
  const { left, width } = area.getBoundingClientRect();
  const share = (event.clientX - left) / width;
  split.value = String(Math.round(100 * Math.min(Math.max(share, 0), 1)));
  draw();
}

function onPointerDown(event) {
  if (after.hidden || event.button !== 0 || event.target.closest("button")) {
    return;
  }
  area.setPointerCapture(event.pointerId);
  area.classList.add("moving");
  moveTo(event);
}

function stop() {
  area.classList.remove("moving");
}

export function startCompare() {
  split.addEventListener("input", draw);
  area.addEventListener("pointerdown", onPointerDown);
  area.addEventListener("pointermove", (event) => {
    if (area.hasPointerCapture(event.pointerId)) {
      moveTo(event);
    }
  });
  area.addEventListener("pointerup", stop);
  area.addEventListener("pointercancel", stop);
  area.addEventListener("dragstart", (event) => event.preventDefault());
  onLanguage(draw);
}

// Shows a photograph alone; the divider will go through its first face.
export async function showBefore({ url, width, height, faces }) {
  area.style.setProperty("--ratio", String(width / height));
  area.classList.toggle("alone", faces.length === 1);
  hideAfter();
  const { left, right } = faces[0].box;
  split.value = String(Math.round((50 * (left + right)) / width));
  draw();
  await showPicture(before, url);
}

// Shows the aged photograph beside it, once it can be painted.
export async function showAfter(url) {
  await showPicture(new Image(), url); // So that the one before stays until then.
  await showPicture(after, url);
  after.hidden = false;
  split.disabled = false;
  area.classList.add("both");
}

export function hideAfter() {
  after.hidden = true;
  after.removeAttribute("src");
  split.disabled = true;
  area.classList.remove("both");
}

export function describe(beforeText, afterText) {
  before.alt = beforeText;
  after.alt = afterText;
}
