// A small picture of a face with what is around it, as the strip shows it.

import { blank } from "./pictures.js";
import { reduce } from "./resize.js";
import { warpCubic } from "./warp.js";

const SIDE = 256; // pixels
const AROUND = 1.7; // sides of the face's box.

/**
 * Returns a small square of a photograph around a face, and the face in it.
 * @param photo a picture of bytes.
 * @param face { box, points }, in pixels of the photograph.
 * @returns {{photo, face}}
 */
export function around(photo, { box, points }) {
  const [left, top, right, bottom] = box;
  const side = Math.round(AROUND * (right - left));
  const corner = [
    Math.round((left + right - side) / 2),
    Math.round((top + bottom - side) / 2),
  ];
  const scale = SIDE / side;
  const square = cutOut(photo, corner, side);
  const small = (value, axis) => (value - corner[axis] + 0.5) * scale - 0.5;
  return {
    photo: side > SIDE ? reduce(square, SIDE, SIDE) : enlarged(square, scale),
    face: {
      box: box.map((value, i) => small(value, i % 2)),
      points: points.map((point) => point.map(small)),
    },
  };
}

/** Returns a square whose first pixel is `corner`; beyond the photograph its border. */
function cutOut({ width, height, pixels }, [left, top], side) {
  const result = blank(side, side);
  const within = (value, length) => Math.min(Math.max(value, 0), length - 1);
  for (let y = 0; y < side; y++) {
    const row = within(top + y, height) * width;
    for (let x = 0; x < side; x++) {
      const from = (row + within(left + x, width)) * 3;
      const to = (y * side + x) * 3;
      for (let c = 0; c < 3; c++) result.pixels[to + c] = pixels[from + c];
    }
  }
  return result;
}

function enlarged(square, scale) {
  const shift = (scale - 1) / 2;
  return warpCubic(square, [scale, 0, shift, 0, scale, shift], SIDE);
}
