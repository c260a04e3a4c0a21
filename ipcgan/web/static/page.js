// The page: what is opened, which age is asked for, and what is shown of it.
// It knows nothing of where the work is done: that is backend.js's business.
import { backend } from "./backend.js";
import { drawExamples, drawLimits, drawLoading } from "./beginning.js";
import * as compare from "./compare.js";
import { byId } from "./dom.js";
import * as faces from "./faces.js";
import { startInputs } from "./inputs.js";
import { number, onLanguage, startLanguage, text } from "./language.js";
import { drawAge, drawFamilies, drawJudged, signed } from "./panel.js";
import { hideProblem, show, showProblem } from "./problem.js";
import * as strip from "./strip.js";

const FIRST_YEARS = 65; // what a photograph is shown at first.
const WAIT_MILLISECONDS = 120; // after the slider's last move.

const years = byId("years");
const download = byId("download");

// As backend.ready returns it; until then what is usual.
let offer = { families: [], maxBytes: 3e7, maxPixels: 4e7, examples: [] };
let loading = { share: null, name: "" };
let family = null; // one of offer.families.
let picture = null; // as backend.open returns it.
let wanted = { years: FIRST_YEARS }; // or { change: +20 }.
let result = null; // as backend.age returns it, with what was asked for.
let asked = 0; // counts requests: only the last one's answer is shown.
let timer = 0;
let stripOf = ""; // which face and family the strip shows.

const whenReady = backend.ready((share, name) => {
  loading = { share, name };
  drawLoading(loading);
});

function announce(message) {
  byId("status").textContent = message;
}

function busy(isBusy) {
  byId("spinner").hidden = !isBusy;
  byId("drop").classList.toggle("busy", isBusy);
  byId("main").setAttribute("aria-busy", String(isBusy));
}

// Shows an error, unless something else was asked for meanwhile.
function fail(mine, error) {
  if (mine === asked) {
    busy(false);
    announce("");
    showProblem(error, offer);
  }
}

async function open(blob) {
  clearTimeout(timer);
  const mine = ++asked;
  hideProblem();
  announce(text("opening"));
  busy(true);
  try {
    if (blob.size > offer.maxBytes) {
      throw Object.assign(new Error("too large"), { code: "too_large" });
    }
    await whenReady;
    const opened = await backend.open(blob);
    if (mine !== asked) {
      await backend.close(opened.id);
      return;
    }
    close();
    picture = opened;
    await showOpened();
  } catch (error) {
    if (mine === asked && byId("work").hidden) {
      close(); // It was opened, perhaps, but cannot be shown.
    }
    fail(mine, error);
    return;
  }
  if (mine === asked) {
    await age();
  }
}

async function showOpened() {
  faces.showFaces(picture);
  await compare.showBefore(picture);
  showWork(true);
  const count = picture.faces.length;
  announce(count === 1 ? text("opened_one") : text("opened_many", { count }));
  byId("work-title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
  setYears(wanted.years ?? FIRST_YEARS);
  drawTexts();
}

function showWork(isShown) {
  byId("start").hidden = isShown;
  byId("work").hidden = !isShown;
  byId("another").hidden = !isShown;
  document.body.classList.toggle("working", isShown);
}

function close() {
  const closing = picture;
  picture = null;
  result = null;
  stripOf = "";
  compare.hideAfter();
  strip.clearStrip();
  download.hidden = true;
  drawJudged([]);
  if (closing) {
    backend.close(closing.id);
  }
}

function startAgain() {
  clearTimeout(timer);
  asked++;
  busy(false);
  hideProblem();
  close();
  showWork(false);
  byId("choose").focus();
}

// Asks for the age that is wanted, and shows it unless another was wanted meanwhile.
async function age() {
  if (!picture) {
    return;
  }
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
    await compare.showAfter(made.url);
    result = { ...made, request };
    made.later?.then((judged) => showLater(mine, judged));
  } catch (error) {
    fail(mine, error);
    return;
  }
  if (mine === asked) {
    showResult();
    showStrip(request.faces[0]);
  }
}

// What a judge says that was not here yet: how old the faces looked before, too.
function showLater(mine, judged) {
  if (judged && mine === asked) {
    result.faces = judged;
    showJudged();
  }
}

function showJudged() {
  for (const { number: face, judgedBefore } of result.faces) {
    faces.faceOf(face).age ??= judgedBefore;
  }
  drawJudged(result.faces);
  drawTexts();
  drawAge(wanted, family, picture);
}

function showResult() {
  busy(false);
  download.href = result.url;
  download.download = result.name;
  download.hidden = false;
  showJudged();
  announce(text("aged", about(result.request)));
}

// Shows one of the chosen faces at all ages.
async function showStrip(face) {
  const key = `${picture.id} ${face} ${family.name}`;
  if (stripOf !== key) {
    stripOf = key;
    const request = { face, years: strip.yearsOf(family), family: family.name };
    try {
      const made = await backend.strip(picture.id, request);
      if (stripOf !== key) {
        return;
      }
      await strip.showStrip(made, face);
    } catch (error) {
      if (stripOf === key) {
        stripOf = "";
        strip.clearStrip();
        showProblem(error, offer);
      }
      return;
    }
  }
  strip.markYears(wanted.years);
}

// What was asked for, as parts of a sentence.
function about(request) {
  const age =
    request.years === undefined
      ? text("by_years", { change: signed(request.change) })
      : text("at_years", { years: number(request.years) });
  return { faces: faces.namesOf(request.faces), age };
}

function setYears(value) {
  const within = Math.min(Math.max(value, family.youngest), family.oldest);
  years.value = String(within);
  wanted = { years: within };
  strip.markYears(within);
  drawAge(wanted, family, picture);
}

function setChange(change) {
  wanted = { change };
  const [first, ...others] = faces.chosenFaces();
  if (!others.length) {
    years.value = String(Math.round(faces.faceOf(first).age + change));
  }
  strip.markYears(null);
  drawAge(wanted, family, picture);
  askSoon();
}

function setFamily(chosen) {
  family = chosen;
  years.min = String(family.youngest);
  years.max = String(family.oldest);
  if (wanted.years === undefined) {
    drawAge(wanted, family, picture);
  } else {
    setYears(wanted.years);
  }
}

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(age, WAIT_MILLISECONDS);
}

async function openExample({ name, url }) {
  const mine = ++asked;
  try {
    const blob = await (await fetch(url)).blob();
    if (mine === asked) {
      await open(new File([blob], `${name}.jpg`, { type: blob.type }));
    }
  } catch {
    fail(mine, { code: "network" });
  }
}

// Everything that is written by code and not in the document.
function drawTexts() {
  drawLimits(backend.kind, offer);
  if (picture) {
    faces.draw();
    const after = result ? text("after_alt", about(result.request)) : "";
    compare.describe(text("before_alt"), after);
  }
}

function drawOffer() {
  drawTexts();
  drawLoading(loading);
  drawExamples(offer.examples, openExample);
  drawFamilies(offer.families, family, (chosen) => {
    setFamily(chosen);
    askSoon();
  });
  drawJudged(result?.faces ?? []);
  if (family) {
    drawAge(wanted, family, picture);
  }
}

function listen() {
  startInputs(open, show);
  strip.onYears((value) => {
    setYears(value);
    askSoon();
  });
  faces.onChoice(() => {
    // Without the faces' own ages there is nothing to count from.
    const known = faces.chosenFaces().every((face) => faces.faceOf(face).age !== null);
    if (!known && wanted.years === undefined) {
      setYears(Number(years.value));
    }
    drawAge(wanted, family, picture);
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
  addEventListener("pageshow", (event) => event.persisted && startAgain());
}

async function start() {
  compare.startCompare();
  strip.startStrip();
  onLanguage(drawOffer);
  startLanguage();
  listen();
  try {
    offer = await whenReady;
  } catch (error) {
    showProblem(error, offer);
    return;
  }
  loading = { share: 1, name: "" };
  setFamily(offer.families[0]);
  drawOffer();
}

start();
