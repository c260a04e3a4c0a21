// Transforms pictures as OpenCV's warpAffine does.

import { inverse } from "./geometry.js";
import { blank, toLevel } from "./pictures.js";

const SHARPNESS = -0.75; // of cubic interpolation, as OpenCV has it.
const STEPS = 32; // in a pixel, to which OpenCV rounds places of cubic interpolation.

/**
 * Cuts a square out, by linear interpolation; beyond a picture its border is repeated.
 * @param picture of bytes.
 * @param {number[]} transform pixels of the picture -> pixels of the result.
 * @param {number} size side of the result, in pixels.
 */
export function warpLinear(picture, transform, size) {
  const { width, height, pixels } = picture;
  const [a, b, c, d, e, f] = inverse(transform);
  const result = blank(size, size);
  let to = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [atX, atY] = [a * x + b * y + c, d * x + e * y + f];
      const [left, top] = [Math.floor(atX), Math.floor(atY)];
      const [restX, restY] = [atX - left, atY - top];
      const x0 = Math.min(Math.max(left, 0), width - 1) * 3;
      const x1 = Math.min(Math.max(left + 1, 0), width - 1) * 3;
      const y0 = Math.min(Math.max(top, 0), height - 1) * width * 3;
      const y1 = Math.min(Math.max(top + 1, 0), height - 1) * width * 3;
      for (let channel = 0; channel < 3; channel++, to++) {
        const p = pixels[y0 + x0 + channel];
        const q = pixels[y1 + x0 + channel];
        const upper = p + restX * (pixels[y0 + x1 + channel] - p);
        const lower = q + restX * (pixels[y1 + x1 + channel] - q);
        result.pixels[to] = toLevel(upper + restY * (lower - upper));
      }
    }
  }
  return result;
}

/** The same, by cubic interpolation. */
export function warpCubic(picture, transform, size) {
  const { width, height, pixels } = picture;
  const result = blank(size, size);
  const [columns, rows] = [new Int32Array(4), new Int32Array(4)];
  let to = 0;
  eachPlace(inverse(transform), size, 0, size, (left, top, across, down) => {
    for (let i = 0; i < 4; i++) {
      columns[i] = Math.min(Math.max(left + i - 1, 0), width - 1) * 3;
      rows[i] = Math.min(Math.max(top + i - 1, 0), height - 1) * width * 3;
    }
    for (let channel = 0; channel < 3; channel++, to++) {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        const row = rows[i] + channel;
        sum +=
          CUBIC[down + i] *
          (CUBIC[across] * pixels[row + columns[0]] +
            CUBIC[across + 1] * pixels[row + columns[1]] +
            CUBIC[across + 2] * pixels[row + columns[2]] +
            CUBIC[across + 3] * pixels[row + columns[3]]);
      }
      result.pixels[to] = toLevel(sum);
    }
  });
  return result;
}

/**
 * Adds a transformed picture to a part of another, by cubic interpolation.
 * @param picture of bytes, changed in place.
 * @param added of floats, in levels; beyond it there is nothing to add.
 * @param {number[]} transform pixels of the picture -> pixels of `added`.
 * @param area { left, top, right, bottom } of the picture, whole numbers.
 */
export function addCubic(picture, added, transform, { left, top, right, bottom }) {
  const { width, height, pixels } = added;
  const [a, b, c, d, e, f] = transform;
  for (let y = top; y < bottom; y++) {
    let to = (y * picture.width + left) * 3;
    // Places are counted from `left`, as rounding them depends on it.
    const row = [a, 0, c + a * left + b * y, d, 0, f + d * left + e * y];
    eachPlace(row, right - left, 0, 1, (x, top_, across, down) => {
      if (x < -2 || top_ < -2 || x > width || top_ > height) {
        to += 3;
        return;
      }
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0; i < 4; i++) {
        const from = top_ + i - 1;
        if (from < 0 || from >= height) continue;
        const share = CUBIC[down + i];
        for (let j = 0; j < 4; j++) {
          const column = x + j - 1;
          if (column < 0 || column >= width) continue;
          const at = (from * width + column) * 3;
          const weight = share * CUBIC[across + j];
          red += weight * pixels[at];
          green += weight * pixels[at + 1];
          blue += weight * pixels[at + 2];
        }
      }
      picture.pixels[to] = toLevel(picture.pixels[to] + red);
      picture.pixels[to + 1] = toLevel(picture.pixels[to + 1] + green);
      picture.pixels[to + 2] = toLevel(picture.pixels[to + 2] + blue);
      to += 3;
    });
  }
}

/** Tells of every pixel the whole place in the source, and where its weights are. */
function eachPlace([a, b, c, d, e, f], width, first, last, visit) {
  for (let y = first; y < last; y++) {
    for (let x = 0; x < width; x++) {
      const atX = Math.round((a * x + b * y + c) * STEPS);
      const atY = Math.round((d * x + e * y + f) * STEPS);
      // Of negative numbers, too, >> rounds down, and & gives what is left.
      visit(atX >> 5, atY >> 5, (atX & 31) * 4, (atY & 31) * 4);
    }
  }
}

/** Weights of four neighbours for each of STEPS places between two of them. */
const CUBIC = cubicWeights();

function cubicWeights() {
  const weights = new Float32Array(STEPS * 4);
  const A = SHARPNESS;
  for (let step = 0; step < STEPS; step++) {
    const x = step / STEPS;
    const outer = ((A * (x + 1) - 5 * A) * (x + 1) + 8 * A) * (x + 1) - 4 * A;
    const inner = ((A + 2) * x - (A + 3)) * x * x + 1;
    const next = ((A + 2) * (1 - x) - (A + 3)) * (1 - x) * (1 - x) + 1;
    weights.set([outer, inner, next, 1 - outer - inner - next], step * 4);
  }
  return weights;
}
