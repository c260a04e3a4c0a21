// Blurs pictures of floats as OpenCV's GaussianBlur does.

import { blank, round } from "./pictures.js";

/**
 * Returns a blurred picture; beyond its border it is mirrored.
 * @param picture of floats.
 * @param {number} deviation standard deviation of the Gaussian, in pixels.
 */
export function blur(picture, deviation) {
  const { width, height, pixels } = picture;
  const kernel = gaussian(deviation);
  const across = blank(width, height, Float32Array);
  const result = blank(width, height, Float32Array);
  const columns = mirrored(width, kernel.length >> 1);
  const rows = mirrored(height, kernel.length >> 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0; i < kernel.length; i++) {
          sum += kernel[i] * pixels[(y * width + columns[x + i]) * 3 + c];
        }
        across.pixels[to + c] = sum;
      }
    }
  }
  const row = width * 3;
  const total = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    total.fill(0);
    for (let i = 0; i < kernel.length; i++) {
      const from = rows[y + i] * row;
      for (let x = 0; x < row; x++) total[x] += kernel[i] * across.pixels[from + x];
    }
    result.pixels.set(total, y * row);
  }
  return result;
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
