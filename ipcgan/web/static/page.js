// The page: what is opened, which age is asked for, and who is told of it.
// It knows nothing of where the work is done: that is backend.js's business.
import { backend } from "./backend.js";
import { describe, hideAfter, showAfter, showBefore, startCompare } from "./compare.js";
import { byId, element } from "./dom.js";
import * as faces from "./faces.js";
import { startInputs } from "./inputs.js";
import { number, onLanguage, startLanguage, text } from "./language.js";
import { hideProblem, megas, show, showProblem } from "./problem.js";
import {
  clearStrip,
  markYears,
  onYears,
  showStrip,
  startStrip,
  yearsOf,
} from "./strip.js";

const FIRST_YEARS = 65; // what a photograph is shown at first.
const WAIT_MILLISECONDS = 120; // after the slider's last move.

const years = byId("years");
const download = byId("download");

let state = { families: [], maxBytes: 3e7, maxPixels: 4e7, examples: [] };
let family = null;
let picture = null; // as backend.open returns it.
let wanted = { years: FIRST_YEARS }; // or { change: +20 }.
let result = null; // as backend.age returns it, and what was asked for.
let asked = 0; // counts requests: only the last one's answer is shown.
let timer = 0;
let stripOf = ""; // which face and family the strip shows.
let loading = { share: 0, name: "" };

const ready = () =>
  backend.ready((share, name) => {
    loading = { share, name };
    drawLoading();
  });
const whenReady = ready();

const announce = (message) => {
  byId("status").textContent = message;
};

async function open(blob) {
  const mine = ++asked;
  hideProblem();
  announce(text("opening"));
  busy(true);
  try {
    if (blob.size > state.maxBytes) {
      throw Object.assign(new Error("too large"), { code: "too_large" });
    }
    await whenReady;
    const opened = await backend.open(blob);
    if (mine !== asked) {
      await backend.close(opened.id);
      return;
    }
    await close();
    picture = opened;
    await showOpened();
  } catch (error) {
    fail(mine, error);
    return;
  }
  await age();
}

async function showOpened() {
  await showBefore(picture.url, picture.width, picture.height);
  describe(text("before_alt"), "");
  faces.showFaces(picture);
  byId("start").hidden = true;
  byId("work").hidden = false;
  byId("another").hidden = false;
  const count = picture.faces.length;
  announce(count === 1 ? text("opened_one") : text("opened_many", { count }));
  byId("work-title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
  setYears(wanted.years ?? FIRST_YEARS);
}

async function close() {
  const closing = picture;
  picture = result = null;
  stripOf = "";
  hideAfter();
  clearStrip();
  download.hidden = true;
  drawJudged();
  if (closing) {
    await backend.close(closing.id);
  }
}

function startAgain() {
  asked++;
  busy(false);
  close();
  byId("start").hidden = false;
  byId("work").hidden = true;
  byId("another").hidden = true;
  byId("choose").focus();
}

// Asks for the age that is wanted, and shows it unless another was wanted meanwhile.
async function age() {
  const mine = ++asked;
  const request = { faces: faces.chosenFaces(), ...wanted, family: family.name };
  hideProblem();
  busy(true);
  announce(text("ageing"));
  try {
    const made = await backend.age(picture.id, request);
    if (mine !== asked) {
      return;
    }
    result = { ...made, request };
    await showAfter(made.url, "");
  } catch (error) {
    fail(mine, error);
    return;
  }
  if (mine !== asked) {
    return;
  }
  busy(false);
  download.href = result.url;
  download.download = result.name;
  download.hidden = false;
  drawJudged();
  drawTexts();
  announce(text("aged", about(request)));
  strip(request.faces[0]);
}

// Shows the first of the chosen faces at all ages.
async function strip(face) {
  const key = `${picture.id} ${face} ${family.name}`;
  if (stripOf === key) {
    markYears(wanted.years);
    return;
  }
  stripOf = key;
  const asking = { face, years: yearsOf(family), family: family.name };
  try {
    const made = await backend.strip(picture.id, asking);
    if (stripOf === key) {
      await showStrip(made, face);
      markYears(wanted.years);
    }
  } catch (error) {
    if (stripOf === key) {
      stripOf = "";
      clearStrip();
      showProblem(error, state);
    }
  }
}

function fail(mine, error) {
  if (mine === asked) {
    busy(false);
    announce("");
    showProblem(error, state);
  }
}

function busy(isBusy) {
  byId("spinner").hidden = !isBusy;
  byId("drop").classList.toggle("busy", isBusy);
  byId("main").setAttribute("aria-busy", String(isBusy));
}

// What was asked for, as parts of a sentence.
function about({ faces: numbers, years: year, change }) {
  const age_ =
    year === undefined
      ? text("by_years", { change: signed(change) })
      : text("at_years", { years: number(year) });
  return { faces: faces.namesOf(numbers), age: age_ };
}

const signed = (value) => `${value < 0 ? "−" : "+"}${number(Math.abs(value))}`;

function setYears(value) {
  const within = Math.min(Math.max(value, family.youngest), family.oldest);
  years.value = String(within);
  wanted = { years: within };
  drawAge();
}

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(age, WAIT_MILLISECONDS);
}

function setChange(change) {
  wanted = { change };
  const [first, ...others] = faces.chosenFaces();
  if (!others.length) {
    years.value = String(Math.round(faces.faceOf(first).age + change));
  }
  drawAge();
  askSoon();
}

function setFamily(chosen) {
  family = chosen;
  years.min = String(family.youngest);
  years.max = String(family.oldest);
  byId("youngest").textContent = number(family.youngest);
  byId("oldest").textContent = number(family.oldest);
  if (wanted.years !== undefined) {
    setYears(wanted.years);
  }
}

function drawAge() {
  const { years: year, change } = wanted;
  byId("shown").textContent = year === undefined ? signed(change) : number(year);
  const share = (years.value - years.min) / (years.max - years.min);
  years.style.setProperty("--share", `${100 * share}%`);
  for (const button of byId("changes").children) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.change) === change));
  }
  if (picture) {
    drawChanges();
  }
}

function drawChanges() {
  const ages = faces.chosenFaces().map((face) => faces.faceOf(face).age);
  const known = ages.every((value) => value !== null);
  for (const button of byId("changes").children) {
    button.disabled = !known;
  }
  const one = { years: known ? number(Math.round(ages[0])) : "" };
  const key = ages.length > 1 ? "changes_many" : "changes_hint";
  byId("changes-hint").textContent = text(known ? key : "changes_none", one);
}

function drawJudged() {
  const rows = (result?.faces ?? []).map((face) => {
    const judged = face.judgedBefore !== null;
    const cells = judged
      ? [
          number(Math.round(face.judgedBefore)),
          number(Math.round(face.judgedAfter)),
          text(`same_${face.samePerson}`),
        ]
      : [text("not_judged"), "", ""];
    return element(
      "tr",
      {},
      element("th", { textContent: number(face.number), attributes: { scope: "row" } }),
      ...cells.map((cell) => element("td", { textContent: cell })),
    );
  });
  byId("judged").tBodies[0].replaceChildren(...rows);
}

function drawLoading() {
  const { share, name } = loading;
  byId("loading").hidden = share === 1;
  byId("progress").value = share ?? 0;
  byId("progress-name").textContent = name
    ? text("loading", { name })
    : text("loading_plain");
}

function drawExamples() {
  const items = state.examples.map(({ name, url }) => {
    const alt = text(`example_${name}`);
    const image = element("img", { src: url, alt, loading: "lazy" });
    const button = element("button", { type: "button" }, image);
    button.dataset.example = name;
    button.addEventListener("click", () => openExample(name, url));
    return element("li", {}, button);
  });
  byId("examples").replaceChildren(...items);
}

async function openExample(name, url) {
  try {
    const response = await fetch(url);
    const blob = await response.blob();
    await open(new File([blob], `${name}.jpg`, { type: blob.type }));
  } catch {
    showProblem({ code: "network" }, state);
  }
}

function drawFamilies() {
  byId("family-part").hidden = state.families.length < 2;
  const options = state.families.map((one) => {
    const radio = element("input", { type: "radio", name: "family", value: one.name });
    radio.checked = one === family;
    radio.addEventListener("change", () => {
      setFamily(one);
      drawAge();
      if (picture) {
        askSoon();
      }
    });
    const named = text(`family_${one.name}`);
    const title = named.startsWith("family_") ? one.name : named;
    const hint = text(`family_${one.name}_about`);
    const details = hint.startsWith("family_") ? "" : hint;
    return element(
      "label",
      {},
      radio,
      element("span", {}, element("strong", { textContent: title }), details),
    );
  });
  byId("families").replaceChildren(...options);
}

// Everything that is written by code and not in the document.
function drawTexts() {
  byId("limits").textContent = text("limits", megas(state));
  byId("privacy").textContent = text(`privacy_${backend.kind}`, { host: location.host });
  drawLoading();
  if (picture) {
    faces.draw();
    const { faces: named, age: at } = result ? about(result.request) : {};
    describe(text("before_alt"), result ? text("after_alt", { faces: named, age: at }) : "");
  }
}

function start() {
  onLanguage(() => {
    drawTexts();
    drawExamples();
    drawFamilies();
    drawJudged();
    if (family) {
      drawAge();
    }
  });
  startCompare();
  startStrip();
  startLanguage();
  startInputs(open, show);
  onYears((value) => {
    setYears(value);
    askSoon();
  });
  faces.onChoice(() => {
    drawAge();
    askSoon();
  });
  years.addEventListener("input", () => {
    setYears(Number(years.value));
    askSoon();
  });
  for (const button of byId("changes").children) {
    button.addEventListener("click", () => setChange(Number(button.dataset.change)));
  }
  byId("another").addEventListener("click", startAgain);
  addEventListener("pagehide", () => picture && backend.close(picture.id));
}

async function load() {
  try {
    state = await whenReady;
  } catch (error) {
    showProblem(error, state);
    return;
  }
  loading = { share: 1, name: "" };
  setFamily(state.families[0]);
  drawTexts();
  drawExamples();
  drawFamilies();
}

start();
load();
