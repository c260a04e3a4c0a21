// The page's language: of the texts in the document, and of those that come later.
import { press } from "./dom.js";
import { texts } from "./texts.js";

const listeners = [];
let current = "en";

// Returns a text in the page's language; {name} in it becomes values.name. Where there
// is no such text it returns `otherwise`.
export function text(key, values = {}, otherwise = key) {
  const found = texts[current][key] ?? texts.en[key] ?? otherwise;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const number = (value, digits = 0) =>
  value.toLocaleString(current, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

// Calls a function whenever the language changes.
export const onLanguage = (listener) => listeners.push(listener);

export function setLanguage(language) {
  current = language;
  document.documentElement.lang = language;
  document.title = text("page_title");
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = text(node.dataset.text);
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    press(button, button.dataset.language === language);
  }
  listeners.forEach((listener) => listener());
}

// Begins with the browser's language, or that of ?lang=de in the address.
export function startLanguage() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => setLanguage(button.dataset.language));
  }
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].map((name) => name?.slice(0, 2));
  setLanguage(wanted.find((name) => name in texts) ?? "en");
}
