// Reduces pictures as OpenCV's INTER_AREA does: a pixel is the mean of what it covers.

import { blank, toLevel } from "./pictures.js";

/**
 * Reduces a picture.
 * @param picture of bytes.
 * @param {number} width at most the picture's, in pixels; so height.
 */
export function reduce(picture, width, height) {
  if (width === picture.width && height === picture.height) return picture;
  if (picture.width === 2 * width && picture.height === 2 * height) {
    return halve(picture);
  }
  const columns = coverage(picture.width, width);
  const rows = coverage(picture.height, height);
  const result = blank(width, height);
  const sum = new Float32Array(width * 3);
  const row = new Float32Array(width * 3);
  let done = -1; // Which row of the picture `row` is, reduced in width.
  for (let y = 0; y < height; y++) {
    sum.fill(0);
    for (let i = rows.start[y]; i < rows.start[y + 1]; i++) {
      if (done !== rows.index[i]) {
        done = rows.index[i];
        reduceRow(picture, done, columns, row);
      }
      const share = rows.share[i];
      for (let x = 0; x < sum.length; x++) sum[x] += share * row[x];
    }
    for (let x = 0; x < sum.length; x++) {
      result.pixels[y * sum.length + x] = toLevel(sum[x]);
    }
  }
  return result;
}

function reduceRow({ width, pixels }, y, { start, index, share }, row) {
  const base = y * width * 3;
  for (let x = 0; x * 3 < row.length; x++) {
    let [red, green, blue] = [0, 0, 0];
    for (let i = start[x]; i < start[x + 1]; i++) {
      const at = base + index[i] * 3;
      red += share[i] * pixels[at];
      green += share[i] * pixels[at + 1];
      blue += share[i] * pixels[at + 2];
    }
    row[x * 3] = red;
    row[x * 3 + 1] = green;
    row[x * 3 + 2] = blue;
  }
}

function halve({ width, pixels }) {
  const size = pixels.length / 4;
  const result = blank(width / 2, size / 3 / (width / 2));
  const half = (width / 2) * 3;
  for (let y = 0; y < result.height; y++) {
    const top = 2 * y * width * 3;
    for (let x = 0; x < half; x++) {
      const at = top + x + 3 * Math.floor(x / 3);
      const below = at + width * 3;
      const sum = pixels[at] + pixels[at + 3] + pixels[below] + pixels[below + 3];
      result.pixels[y * half + x] = (sum + 2) >> 2;
    }
  }
  return result;
}

/** Returns which of `from` pixels each of `to` covers, and by which shares of it. */
function coverage(from, to) {
  const scale = from / to;
  const [index, share, start] = [[], [], [0]];
  const add = (pixel, value) => {
    index.push(pixel);
    share.push(value);
  };
  for (let x = 0; x < to; x++) {
    const [first, last] = [x * scale, (x + 1) * scale];
    const width = Math.min(scale, from - first);
    const end = Math.min(Math.floor(last), from - 1);
    const begin = Math.min(Math.ceil(first), end);
    if (begin - first > 1e-3) add(begin - 1, (begin - first) / width);
    for (let pixel = begin; pixel < end; pixel++) add(pixel, 1 / width);
    if (last - end > 1e-3) add(end, Math.min(last - end, 1, width) / width);
    start.push(index.length);
  }
  return {
    index: Int32Array.from(index),
    share: Float32Array.from(share),
    start: Int32Array.from(start),
  };
}
