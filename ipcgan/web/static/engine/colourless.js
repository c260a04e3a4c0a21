// Faces of black-and-white photographs, which networks give colour, stay without: as
// data/colourless.py does.

import { blank, toLevel } from "./pictures.js";

const COLOURLESS = 4; // levels between a pixel's colours, in the mean, of a grey face.
export const LUMA = [0.299, 0.587, 0.114]; // of red, green and blue.

/**
 * Returns what was made of a face, as grey as it is if the face has no colour.
 * @param face a picture of bytes.
 * @param made another, of its size.
 */
export function kept(face, made) {
  if (hasColour(face)) return made;
  const result = blank(face.width, face.height);
  for (let i = 0; i < face.pixels.length; i += 3) {
    let change = 0;
    for (let c = 0; c < 3; c++) {
      change += LUMA[c] * (made.pixels[i + c] - face.pixels[i + c]);
    }
    for (let c = 0; c < 3; c++) {
      result.pixels[i + c] = toLevel(face.pixels[i + c] + change);
    }
  }
  return result;
}

function hasColour({ pixels }) {
  let total = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i], pixels[i + 1], pixels[i + 2]];
    total += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return total >= (COLOURLESS * pixels.length) / 3;
}
