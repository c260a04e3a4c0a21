// One face at several ages: a row of small pictures, and an animation of them.
import { byId, element, press, showPicture } from "./dom.js";
import { number, onLanguage, text } from "./language.js";

const STEP_MILLISECONDS = 700; // from one age to the next.
const LAST_MILLISECONDS = 1200; // on the youngest and the oldest.
const TEN = 10;

const list = byId("strip");
const play = byId("play");
const canvas = byId("film");
const caption = byId("film-years");
const context = canvas.getContext("2d");
const still = matchMedia("(prefers-reduced-motion: reduce)");

let pictures = []; // [{ years, image, button }]
let face = 1;
let begun = null; // when the animation began; null: it stands still.
let whenAsked = () => {};

// Calls a function with the years whose picture was pressed.
export const onYears = (listener) => {
  whenAsked = listener;
};

// The ages that a strip shows: every ten years, and the youngest.
export function yearsOf({ youngest, oldest }) {
  const years = [youngest];
  for (let year = TEN * Math.floor(youngest / TEN + 1); year <= oldest; year += TEN) {
    if (year - youngest >= TEN / 2) {
      years.push(year);
    }
  }
  return years;
}

export async function showStrip(made, faceNumber) {
  const images = await Promise.all(
    made.map(async ({ years, url }) => {
      const image = new Image();
      await showPicture(image, url);
      return { years, image };
    }),
  );
  stop();
  face = faceNumber;
  pictures = images.map(({ years, image }) => {
    const label = element("span", { textContent: number(years) });
    const button = element("button", { type: "button" }, image, label);
    button.dataset.years = String(years);
    button.addEventListener("click", () => whenAsked(years));
    return { years, image, button };
  });
  list.replaceChildren(...pictures.map(({ button }) => element("li", {}, button)));
  play.disabled = false;
  paint(0);
  name();
}

export function clearStrip() {
  stop();
  pictures = [];
  play.disabled = true;
  list.replaceChildren();
  context.clearRect(0, 0, canvas.width, canvas.height);
  caption.textContent = "";
}

// Marks the picture of the years that are shown above, if there is one.
export function markYears(years) {
  for (const picture of pictures) {
    press(picture.button, picture.years === years);
  }
}

function name() {
  play.textContent = text(begun === null ? "play" : "pause");
  press(play, begun !== null);
  for (const { years, image } of pictures) {
    image.alt = text("ages_alt", { number: face, years: number(years) });
  }
  if (pictures.length) {
    const [youngest, oldest] = [pictures[0].years, pictures.at(-1).years];
    canvas.setAttribute(
      "aria-label",
      text("film_alt", {
        number: face,
        youngest: number(youngest),
        oldest: number(oldest),
      }),
    );
  }
}

function stop() {
  begun = null;
  name();
}

// Where the animation is after some time: there and back again, as a picture's number.
function positionAt(milliseconds) {
  const steps = pictures.length - 1;
  const way = steps * STEP_MILLISECONDS;
  const time = milliseconds % (2 * (way + LAST_MILLISECONDS));
  const back = time > way + LAST_MILLISECONDS;
  const gone = Math.min(back ? time - way - LAST_MILLISECONDS : time, way);
  const position = gone / STEP_MILLISECONDS;
  return back ? steps - position : position;
}

// Paints the picture at a position, mixed of its neighbours.
function paint(position) {
  const whole = still.matches ? Math.round(position) : Math.floor(position);
  const share = still.matches ? 0 : position - whole;
  const { width, height } = canvas;
  context.globalAlpha = 1;
  context.drawImage(pictures[whole].image, 0, 0, width, height);
  if (share > 0) {
    context.globalAlpha = share;
    context.drawImage(pictures[whole + 1].image, 0, 0, width, height);
  }
  const next = pictures[Math.min(whole + 1, pictures.length - 1)].years;
  const years = pictures[whole].years + share * (next - pictures[whole].years);
  caption.textContent = number(Math.round(years));
}

function onFrame(now) {
  if (begun !== null) {
    // A frame's time may lie before the click that it shows.
    paint(positionAt(Math.max(now - begun, 0)));
    requestAnimationFrame(onFrame);
  }
}

export function startStrip() {
  play.addEventListener("click", () => {
    begun = begun === null ? performance.now() : null;
    name();
    requestAnimationFrame(onFrame);
  });
  onLanguage(() => {
    pictures.forEach(({ years, button }) => {
      button.querySelector("span").textContent = number(years);
    });
    name();
  });
}
