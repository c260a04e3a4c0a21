// The faces of the photograph: framed and numbered on it, and as buttons beside it.
import { byId, element, press } from "./dom.js";
import { number, text } from "./language.js";

const frames = byId("frames");
const chips = byId("faces");
const part = byId("faces-part");

let picture = null;
let chosen = new Set();
let whenChosen = () => {};

// Calls a function with the numbers of the chosen faces whenever these change.
export const onChoice = (listener) => {
  whenChosen = listener;
};

export const chosenFaces = () => [...chosen].sort((a, b) => a - b);

export const faceOf = (wanted) => picture.faces.find((f) => f.number === wanted);

export const nameOf = ({ number: face, age }) =>
  age === null
    ? text("face_number", { number: face })
    : text("face_judged", { number: face, years: number(Math.round(age)) });

// Names faces within a sentence.
export function namesOf(numbers) {
  const key = numbers.length === 1 ? "one_face_of" : "several_faces";
  return text(key, { number: numbers[0], numbers: numbers.join(", ") });
}

function choose(numbers) {
  chosen = new Set(numbers);
  draw();
  whenChosen(chosenFaces());
}

function toggle(face) {
  const others = new Set(chosen);
  if (!others.delete(face)) {
    others.add(face);
  }
  choose(others.size ? others : [face]);
}

const everyFace = () => picture.faces.map((face) => face.number);

// Shows the faces of a picture; the first, the largest, is chosen.
export function showFaces(opened) {
  picture = opened;
  chosen = new Set([picture.faces[0].number]);
  frames.replaceChildren(...picture.faces.map(frame));
  part.hidden = picture.faces.length === 1;
  chips.replaceChildren(
    ...picture.faces.map(({ number: face }) => chip(face, () => toggle(face))),
    chip("all", () => choose(everyFace())),
  );
  draw();
}

function frame(face) {
  const badge = element("span", { textContent: String(face.number) });
  const button = element("button", { type: "button", className: "frame" }, badge);
  const { left, top, right, bottom } = face.box;
  const shares = {
    left: left / picture.width,
    top: top / picture.height,
    width: (right - left) / picture.width,
    height: (bottom - top) / picture.height,
  };
  for (const [name, share] of Object.entries(shares)) {
    button.style[name] = `${100 * share}%`;
  }
  button.dataset.face = String(face.number);
  button.addEventListener("click", () => choose([face.number]));
  return button;
}

function chip(face, action) {
  const button = element("button", { type: "button", className: "chip" });
  button.dataset.face = String(face);
  button.addEventListener("click", action);
  return button;
}

// Brings pressed states and names up to date, such as after a change of language.
export function draw() {
  if (!picture) {
    return;
  }
  for (const button of [...frames.children, ...chips.children]) {
    const { face } = button.dataset;
    if (face === "all") {
      button.textContent = text("all_faces");
      press(button, chosen.size === picture.faces.length);
      continue;
    }
    press(button, chosen.has(Number(face)));
    button.setAttribute("aria-label", nameOf(faceOf(Number(face))));
    if (button.parentNode === chips) {
      button.textContent = face;
    }
  }
}
