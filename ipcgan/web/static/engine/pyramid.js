// A photograph at full size, half, a quarter and so on, to cut squares out of; as
// photos/pyramid.py.

import { round } from "./pictures.js";
import { reduce } from "./resize.js";
import { warpLinear } from "./warp.js";

const SMALLEST = 64; // pixels; the longer side of the last level, or less.
const longer = ({ width, height }) => Math.max(width, height);

export class Pyramid {
  /** @param photo a picture of bytes. */
  constructor(photo) {
    this.photo = photo;
    this.levels = [photo];
    for (let last = photo; longer(last) > SMALLEST; this.levels.push(last)) {
      last = reduce(last, Math.ceil(last.width / 2), Math.ceil(last.height / 2));
    }
  }

  /** Returns a copy whose longer side has so many pixels, or the photograph. */
  reduced(longest) {
    const { width, height } = this.photo;
    const scale = longest / longer(this.photo);
    if (scale >= 1) return this.photo;
    const level = this.levels.findLast((picture) => longer(picture) >= longest);
    const [toWidth, toHeight] = [width, height].map((length) =>
      Math.max(1, round(length * scale)),
    );
    return reduce(level, toWidth, toHeight);
  }

  /**
   * Cuts a square out.
   * @param {number[]} middle [x, y] of the square in the photograph, in pixels.
   * @param {number} side of the square there, in pixels.
   * @param {number} angle by which it is turned to lie upright, degrees clockwise.
   * @param {number} size side of the result, in pixels.
   * @returns {{square, transform}} the border repeated beyond the photograph; and
   *   pixels of the photograph -> pixels of the result.
   */
  square([x, y], side, angle, size) {
    let level = 0;
    while (level + 1 < this.levels.length && side >= 2 ** (level + 1) * size) level++;
    const picture = this.levels[level];
    const radians = (angle * Math.PI) / 180;
    const [a, d] = [Math.cos(radians), Math.sin(radians)].map((v) => (v * size) / side);
    const middle = (size - 1) / 2;
    const transform = [a, -d, middle - a * x + d * y, d, a, middle - d * x - a * y];
    const [ratioX, ratioY] = [
      this.photo.width / picture.width,
      this.photo.height / picture.height,
    ];
    const [halfX, halfY] = [(ratioX - 1) / 2, (ratioY - 1) / 2];
    const here = [
      a * ratioX,
      -d * ratioY,
      transform[2] + a * halfX - d * halfY,
      d * ratioX,
      a * ratioY,
      transform[5] + d * halfX + a * halfY,
    ];
    return { square: warpLinear(picture, here, size), transform };
  }
}
