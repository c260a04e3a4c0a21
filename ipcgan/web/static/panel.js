// What stands beside the photograph: the age that is asked for, the networks to choose
// from, and what the judge said.
import { byId, element, press } from "./dom.js";
import * as faces from "./faces.js";
import { number, text } from "./language.js";

const years = byId("years");
const changes = byId("changes");

export const signed = (value) =>
  `${value < 0 ? "−" : "+"}${number(Math.abs(value))}`;

// Shows the age that is wanted: { years } or { change }, of the chosen faces if any.
export function drawAge(wanted, { youngest, oldest }, hasPicture) {
  byId("youngest").textContent = number(youngest);
  byId("oldest").textContent = number(oldest);
  const { change } = wanted;
  const isChange = change !== undefined;
  byId("shown").textContent = isChange ? signed(change) : number(wanted.years);
  const share = (years.value - youngest) / (oldest - youngest);
  years.style.setProperty("--share", `${100 * share}%`);
  const said = isChange ? "by_years" : "at_years";
  const values = isChange ? { change: signed(change) } : { years: wanted.years };
  years.setAttribute("aria-valuetext", text(said, values));
  for (const button of changes.children) {
    press(button, Number(button.dataset.change) === change);
  }
  if (hasPicture) {
    drawChanges();
  }
}

// Years from a face's own age can be asked for where that is known.
function drawChanges() {
  const ages = faces.chosenFaces().map((face) => faces.faceOf(face).age);
  const known = ages.every((age) => age !== null);
  for (const button of changes.children) {
    button.disabled = !known;
  }
  const key = ages.length > 1 ? "changes_many" : "changes_hint";
  const values = { years: known ? number(Math.round(ages[0])) : "" };
  byId("changes-hint").textContent = text(known ? key : "changes_none", values);
}

// Shows what the judge says of each face that was aged.
export function drawJudged(judged) {
  byId("judged-part").hidden = !judged.length;
  const rows = judged.map((face) => {
    const cells =
      face.judgedBefore === null
        ? [text("not_judged"), text("not_judged"), text("not_judged")]
        : [
            number(Math.round(face.judgedBefore)),
            number(Math.round(face.judgedAfter)),
            text(`same_${face.samePerson}`),
          ];
    const head = { textContent: number(face.number), attributes: { scope: "row" } };
    const others = cells.map((cell) => element("td", { textContent: cell }));
    return element("tr", {}, element("th", head), ...others);
  });
  byId("judged").tBodies[0].replaceChildren(...rows);
}

// Offers the networks; calls whenChosen with the one that is picked.
export function drawFamilies(families, current, whenChosen) {
  const isChoice = families.length > 1;
  byId("family-part").hidden = !isChoice;
  const options = (isChoice ? families : []).map((family) => {
    const { name } = family;
    const radio = element("input", { type: "radio", name: "family", value: name });
    radio.checked = family === current;
    radio.addEventListener("change", () => whenChosen(family));
    const title = element("strong", { textContent: text(`family_${name}`, {}, name) });
    const about = text(`family_${name}_about`, {}, "");
    return element("label", {}, radio, element("span", {}, title, about));
  });
  byId("families").replaceChildren(...options);
}
