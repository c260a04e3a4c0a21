// What stands on the page before there is a photograph.
import { byId, element } from "./dom.js";
import { text } from "./language.js";
import { megas } from "./problem.js";

export function drawLimits(kind, limits) {
  byId("limits").textContent = text("limits", megas(limits));
  byId("privacy").textContent = text(`privacy_${kind}`, { host: location.host });
}

// Shows what is being loaded, and how much of everything is.
export function drawLoading({ share, name }) {
  byId("loading").hidden = share === 1;
  const progress = byId("progress");
  if (share === null) {
    progress.removeAttribute("value");
  } else {
    progress.value = share;
  }
  const part = text(`part_${name}`, {}, name);
  byId("progress-name").textContent = text(name ? "loading" : "loading_plain", {
    name: part,
  });
}

// Offers examples; calls whenChosen with the one that is picked.
export function drawExamples(examples, whenChosen) {
  const items = examples.map((example) => {
    const { name, url, alt } = example;
    const image = element("img", { src: url, alt: text(`example_${name}`, {}, alt) });
    const button = element("button", { type: "button" }, image);
    button.dataset.example = name;
    button.addEventListener("click", () => whenChosen(example));
    return element("li", {}, button);
  });
  byId("examples").replaceChildren(...items);
}
