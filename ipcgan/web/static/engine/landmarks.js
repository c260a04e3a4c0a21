// dlib's five landmarks by an ensemble of regression trees, from the file that
// tools/build_site.py makes of dlib's own (see ipcgan/runs/site/landmarks.py).
//
// Source: Kazemi and Sullivan, "One millisecond face alignment with an ensemble of
// regression trees", CVPR 2014; and dlib's shape_predictor.h, whose rounding is kept.

import { toCrop } from "./geometry.js";

const HEAD = 5; // numbers that say how large the tables are.

export class Landmarks {
  /** @param {ArrayBuffer} file */
  constructor(file) {
    const [cascades, trees, splits, points, pixels] = new Uint32Array(file, 0, HEAD);
    Object.assign(this, { cascades, trees, splits, points, pixels });
    let at = HEAD * 4;
    const table = (Type, length) => {
      const values = new Type(file, at, length);
      at += values.byteLength;
      return values;
    };
    const leaves = cascades * trees * (splits + 1) * 2 * points;
    this.start = table(Float32Array, 2 * points);
    this.scales = table(Float32Array, cascades);
    this.offsets = table(Float32Array, cascades * pixels * 2);
    this.firsts = table(Uint16Array, cascades * trees * splits);
    this.seconds = table(Uint16Array, cascades * trees * splits);
    this.thresholds = table(Int16Array, cascades * trees * splits);
    this.anchors = table(Uint8Array, cascades * pixels);
    // In three planes of bytes, the lowest first.
    const [low, middle] = [table(Uint8Array, leaves), table(Uint8Array, leaves)];
    const high = table(Int8Array, leaves);
    this.leaves = Int32Array.from(low, (v, i) => v | (middle[i] << 8) | (high[i] << 16));
    this.template = this.pointsOf(this.start);
  }

  /**
   * Returns landmarks [points][2], whole pixels of the picture.
   * @param picture of bytes.
   * @param {{left, top, right, bottom}} box of a face; right and bottom are within.
   */
  find(picture, box) {
    const shape = Float32Array.from(this.start);
    const [wide, high] = [box.right - box.left, box.bottom - box.top];
    const toPicture = ([x, y]) => [
      Math.floor(box.left + x * wide + 0.5),
      Math.floor(box.top + y * high + 0.5),
    ];
    for (let cascade = 0; cascade < this.cascades; cascade++) {
      const values = this.brightness(picture, shape, cascade, toPicture);
      const scale = this.scales[cascade];
      for (let tree = 0; tree < this.trees; tree++) {
        const number = cascade * this.trees + tree;
        const leaf = number * (this.splits + 1) + this.leafOf(number, values);
        for (let i = 0; i < shape.length; i++) {
          shape[i] += scale * this.leaves[leaf * shape.length + i];
        }
      }
    }
    return this.pointsOf(shape).map(toPicture);
  }

  pointsOf(shape) {
    return Array.from({ length: this.points }, (_, i) => [
      shape[2 * i],
      shape[2 * i + 1],
    ]);
  }

  /** Returns how bright the picture is where a cascade looks, 0 to 255. */
  brightness({ width, height, pixels }, shape, cascade, toPicture) {
    const values = new Int16Array(this.pixels);
    const current = this.pointsOf(shape);
    // Its linear part alone: offsets are turned and scaled as the shape is.
    const [a, b, , d, e] = toCrop(this.template, current, 1);
    for (let i = 0; i < this.pixels; i++) {
      const at = cascade * this.pixels + i;
      const [dx, dy] = [this.offsets[2 * at], this.offsets[2 * at + 1]];
      const [anchorX, anchorY] = current[this.anchors[at]];
      const place = [anchorX + a * dx + b * dy, anchorY + d * dx + e * dy];
      const [x, y] = toPicture(place);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const pixel = (y * width + x) * 3;
      const sum = pixels[pixel] + pixels[pixel + 1] + pixels[pixel + 2];
      values[i] = Math.floor(sum / 3);
    }
    return values;
  }

  /** Returns the number of a tree's leaf, from 0. */
  leafOf(tree, values) {
    const base = tree * this.splits;
    let node = 0;
    while (node < this.splits) {
      const at = base + node;
      const difference = values[this.firsts[at]] - values[this.seconds[at]];
      node = 2 * node + (difference > this.thresholds[at] ? 1 : 2);
    }
    return node - this.splits;
  }
}
