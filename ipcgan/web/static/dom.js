// A few words for what the page does to its document.

export const byId = (id) => document.getElementById(id);

// Makes an element: properties as of the object, attributes under `attributes`.
export function element(tag, properties = {}, ...children) {
  const { attributes = {}, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Resolves when an image can be painted; rejects when it is none.
export async function showPicture(image, url) {
  image.src = url;
  await image.decode();
}

export const press = (button, isPressed) =>
  button.setAttribute("aria-pressed", String(isPressed));
