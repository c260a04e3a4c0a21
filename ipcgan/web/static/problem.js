// What went wrong, as a sentence with hints.
import { backend } from "./backend.js";
import { byId, element } from "./dom.js";
import { number, text } from "./language.js";

const MILLION = 1e6;
const place = byId("problem");

export const megas = ({ maxBytes, maxPixels }) => ({
  megabytes: number(Math.round(maxBytes / MILLION)),
  megapixels: number(Math.round(maxPixels / MILLION)),
});

// Shows an error of the backend; its code says which sentence.
export function showProblem(error, limits) {
  const code = error.code ?? "failed";
  const values = { ...megas(limits), detail: error.detail ?? "" };
  const usual = text(`hints_${code}`, values);
  const hints = text(`hints_${code}_${backend.kind}`, values, usual).split("|");
  show(text(`error_${code}`), hints);
}

export function show(title, hints = []) {
  const close = element("button", {
    type: "button",
    className: "quiet close",
    textContent: "×",
    attributes: { "aria-label": text("dismiss") },
  });
  close.addEventListener("click", hideProblem);
  const shown = hints.map((hint) => hint.trim()).filter(Boolean);
  const items = shown.map((hint) => element("li", { textContent: hint }));
  place.replaceChildren(
    element("div", {}, element("strong", { textContent: title }), element("ul", {}, ...items)),
    close,
  );
  place.scrollIntoView({ block: "nearest" });
}

export function hideProblem() {
  place.replaceChildren();
}
