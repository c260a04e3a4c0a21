// Transforms pictures as OpenCV's warpAffine does.

import { inverse } from "./geometry.js";
import { blank, toLevel } from "./pictures.js";

const SHARPNESS = -0.75; // of cubic interpolation, as OpenCV has it.
const PADDING = 3; // pixels that cubic interpolation looks at beyond a picture.

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
      const atX = a * x + b * y + c;
      const atY = d * x + e * y + f;
      const left = Math.floor(atX);
      const top = Math.floor(atY);
      const x0 = within(left, width) * 3;
      const x1 = within(left + 1, width) * 3;
      const y0 = within(top, height) * width * 3;
      const y1 = within(top + 1, height) * width * 3;
      for (let channel = 0; channel < 3; channel++, to++) {
        const p = pixels[y0 + x0 + channel];
        const q = pixels[y1 + x0 + channel];
        const upper = p + (atX - left) * (pixels[y0 + x1 + channel] - p);
        const lower = q + (atX - left) * (pixels[y1 + x1 + channel] - q);
        result.pixels[to] = toLevel(upper + (atY - top) * (lower - upper));
      }
    }
  }
  return result;
}

/** The same, by cubic interpolation. */
export function warpCubic(picture, transform, size) {
  const { width, height, pixels } = picture;
  const [a, b, c, d, e, f] = inverse(transform);
  const result = blank(size, size);
  const across = new Float64Array(4);
  const down = new Float64Array(4);
  let to = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const left = weigh(a * x + b * y + c, across);
      const top = weigh(d * x + e * y + f, down);
      for (let channel = 0; channel < 3; channel++, to++) {
        let sum = 0;
        for (let i = 0; i < 4; i++) {
          const row = within(top + i, height) * width * 3 + channel;
          for (let j = 0; j < 4; j++) {
            const share = down[i] * across[j];
            sum += share * pixels[row + within(left + j, width) * 3];
          }
        }
        result.pixels[to] = toLevel(sum);
      }
    }
  }
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
  const [a, b, c, d, e, f] = transform;
  const padded = withZeros(added);
  const { pixels } = padded;
  const row = padded.width * 3;
  const across = new Float64Array(4);
  const down = new Float64Array(4);
  for (let y = top; y < bottom; y++) {
    let to = (y * picture.width + left) * 3;
    for (let x = left; x < right; x++, to += 3) {
      const atX = a * x + b * y + c;
      const atY = d * x + e * y + f;
      if (atX < -1 || atY < -1 || atX >= added.width || atY >= added.height) continue;
      const column = weigh(atX, across) + PADDING;
      let at = ((weigh(atY, down) + PADDING) * padded.width + column) * 3;
      const p = across[0];
      const q = across[1];
      const r = across[2];
      const s = across[3];
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let i = 0; i < 4; i++, at += row) {
        const share = down[i];
        red +=
          share *
          (p * pixels[at] + q * pixels[at + 3] + r * pixels[at + 6] + s * pixels[at + 9]);
        green +=
          share *
          (p * pixels[at + 1] +
            q * pixels[at + 4] +
            r * pixels[at + 7] +
            s * pixels[at + 10]);
        blue +=
          share *
          (p * pixels[at + 2] +
            q * pixels[at + 5] +
            r * pixels[at + 8] +
            s * pixels[at + 11]);
      }
      picture.pixels[to] = toLevel(picture.pixels[to] + red);
      picture.pixels[to + 1] = toLevel(picture.pixels[to + 1] + green);
      picture.pixels[to + 2] = toLevel(picture.pixels[to + 2] + blue);
    }
  }
}

/** Returns a pixel's number, or that of the border's pixel next to it. */
function within(place, length) {
  if (place < 0) return 0;
  return place < length ? place : length - 1;
}

/** Writes the weights of a place's four neighbours; returns where the first stands. */
function weigh(place, weights) {
  const whole = Math.floor(place);
  const x = place - whole;
  const A = SHARPNESS;
  weights[0] = ((A * (x + 1) - 5 * A) * (x + 1) + 8 * A) * (x + 1) - 4 * A;
  weights[1] = ((A + 2) * x - (A + 3)) * x * x + 1;
  weights[2] = ((A + 2) * (1 - x) - (A + 3)) * (1 - x) * (1 - x) + 1;
  weights[3] = 1 - weights[0] - weights[1] - weights[2];
  return whole - 1;
}

function withZeros({ width, height, pixels }) {
  const result = blank(width + 2 * PADDING, height + 2 * PADDING, Float32Array);
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width * 3, (y + 1) * width * 3);
    result.pixels.set(row, ((y + PADDING) * result.width + PADDING) * 3);
  }
  return result;
}
