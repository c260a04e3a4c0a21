// Blurs pictures of floats as OpenCV's GaussianBlur does.

import { blank, round } from "./pictures.js";

/**
 * Returns a blurred picture; beyond its border it is mirrored.
 * @param picture of floats.
 * @param {number} deviation standard deviation of the Gaussian, in pixels.
 */
export function blur({ width, height, pixels }, deviation) {
  const kernel = gaussian(deviation);
  const margin = kernel.length >> 1;
  const row = width * 3;
  const across = blank(width, height, Float32Array);
  const sums = new Float64Array(row);
  const columns = mirrored(width, margin);
  const wide = new Float32Array(columns.length * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns.length; x++) {
      const from = y * row + columns[x] * 3;
      for (let c = 0; c < 3; c++) wide[x * 3 + c] = pixels[from + c];
    }
    sums.fill(0);
    for (let i = 0; i < kernel.length; i++) add(sums, kernel[i], wide, i * 3);
    across.pixels.set(sums, y * row);
  }
  const result = blank(width, height, Float32Array);
  const rows = mirrored(height, margin);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let i = 0; i < kernel.length; i++) {
      add(sums, kernel[i], across.pixels, rows[y + i] * row);
    }
    result.pixels.set(sums, y * row);
  }
  return result;
}

function add(sums, weight, values, from) {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * values[from + i];
}

/** Returns weights that add up to 1, of as many pixels as OpenCV takes for floats. */
function gaussian(deviation) {
  const half = round(deviation * 8 + 1) >> 1;
  const length = 2 * half + 1;
  const weights = Array.from({ length }, (_, i) =>
    Math.exp(-((i - half) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** Returns which pixels stand at -margin to length + margin - 1, the border once. */
function mirrored(length, margin) {
  return Int32Array.from({ length: length + 2 * margin }, (_, i) => {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const place = (((i - margin) % period) + period) % period;
    return Math.min(place, period - place);
  });
}
