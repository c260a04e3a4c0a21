// Photographs to try, in the public domain; the texts are in texts.js.
const names = ["astronaut", "admiral", "both"];

export const examples = names.map((name) => ({
  name,
  url: new URL(`./examples/${name}.jpg`, import.meta.url).href,
  alt: name,
}));
