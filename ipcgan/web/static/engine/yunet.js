// Finds faces of any size that lie at any angle, by YuNet, as photos/yunet.py does.
//
// Source: Wu et al., "YuNet: a tiny millisecond-level face detector", Machine
// Intelligence Research 2023; what its output means: OpenCV's face_detect.cpp.

import { apply, inverse } from "./geometry.js";
import { part, round, turned } from "./pictures.js";

// Small faces are searched for in a copy in which those of 40 pixels have 20.
const FINE = 0.5; // share of the photograph's size,
const FINE_SIDES = [640, 3000]; // but its longer side has at least, and at most, so many.
const FINE_SCORE = 0.3; // of what is looked at again.
const [TILE, TILE_OVERLAP] = [1088, 96]; // pixels
// Upright and turned copies, [quarters, longer side, least score].
const COARSE = [[0, 640, 0.35], [1, 480, 0.5], [2, 480, 0.5], [3, 480, 0.5]];
const MOST_CANDIDATES = 500;
// What is looked at again: 96 pixels, the face 40 of them.
const [SQUARE, SHARE] = [96, 40 / 96];
const ANGLES = [0, 45, 90, 135, 180, 225, 270, 315];
const SURE = 0.89; // score with which no other angle is tried.
const LEAST = 0.75; // score of a face.
const NEAR = 0.5; // share of a face's side within which another detection is the same.
const ALIKE = 1.6; // ratio of two sides up to which they may be one face.
const OVERLAP = 0.3; // of two boxes of one search, above which the better one stays.
const STRIDES = [8, 16, 32]; // pixels from one place of an output to the next.

const longer = ({ width, height }) => Math.max(width, height);
const best = (a, b) => b.score - a.score;
const differ = (a, b) => ((((a - b) % 360) + 360) % 360 === 0 ? 0 : 1);

/** Whether two detections, { middle, side }, are of one face. */
function isNear(one, other) {
  const [small, large] = [one.side, other.side].sort((a, b) => a - b);
  const [x, y] = [0, 1].map((i) => one.middle[i] - other.middle[i]);
  return large <= ALIKE * small && Math.hypot(x, y) <= NEAR * large;
}

export class YuNet {
  /**
   * @param run the network: ([1, 3, height, width] float32 BGR from 0 to 255, its
   *   height, its width) -> promise of { cls_8, obj_8, bbox_8, cls_16, ... }.
   */
  constructor(run) {
    this.network = run;
  }

  /**
   * Finds the faces of a photograph, each once, the surest first.
   * @param pyramid of the photograph.
   * @returns a promise of detections: middle [x, y] in the photograph and side, in
   *   pixels; the angle by which it must be turned to lie upright, in degrees
   *   clockwise; and its score from 0 to 1.
   */
  async find(pyramid) {
    const candidates = await this.candidates(pyramid);
    const [lookedAt, found] = [[], []];
    for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
      if ([...lookedAt, ...found].some((other) => isNear(candidate, other))) continue;
      lookedAt.push(candidate);
      const seen = await this.lookAgain(pyramid, candidate);
      if (seen && !found.some((other) => isNear(seen, other))) found.push(seen);
    }
    return found.sort(best);
  }

  async candidates(pyramid) {
    const longest = longer(pyramid.photo);
    const fine = round(Math.min(Math.max(FINE * longest, FINE_SIDES[0]), FINE_SIDES[1]));
    const searches = [...COARSE];
    if (Math.min(fine, longest) > COARSE[0][1]) searches.push([0, fine, FINE_SCORE]);
    const copies = {};
    const found = [];
    for (const [quarters, longest, least] of searches) {
      copies[longest] ??= pyramid.reduced(longest);
      found.push(...(await this.search(pyramid, copies[longest], quarters, least)));
    }
    return found.sort(best);
  }

  /** Searches a reduced copy, turned counter-clockwise by quarters. */
  async search(pyramid, copy, quarters, least) {
    const scale = longer(pyramid.photo) / longer(copy);
    const found = await this.runInTiles(turned(copy, quarters));
    return found
      .filter(({ score }) => score >= least)
      .map(({ x, y, side, score }) => ({
        middle: turnedBack(x, y, quarters, copy).map((v) => (v + 0.5) * scale - 0.5),
        side: side * scale,
        angle: -90 * quarters,
        score,
      }));
  }

  /** Returns a candidate as the face that it is, or null. */
  async lookAgain(pyramid, candidate) {
    // First as it was found: mostly that is right.
    const { angle: own } = candidate;
    const angles = [...ANGLES].sort((a, b) => differ(a, own) - differ(b, own));
    let result = null;
    for (const angle of angles) {
      const seen = await this.atAngle(pyramid, candidate, angle);
      if (seen && (!result || seen.score > result.score)) result = seen;
      if (result && result.score >= SURE) break;
    }
    return result && result.score >= LEAST ? result : null;
  }

  async atAngle(pyramid, candidate, angle) {
    const { square, transform } = pyramid.square(
      candidate.middle,
      candidate.side / SHARE,
      angle,
      SQUARE,
    );
    const scale = (SQUARE * SHARE) / candidate.side;
    const back = inverse(transform);
    const seen = (await this.run(square))
      .map(({ x, y, side, score }) => ({
        middle: apply(back, [x, y]),
        side: side / scale,
        angle,
        score,
      }))
      .filter((found) => isNear(found, candidate));
    return seen.sort(best)[0];
  }

  /** Returns what run does, of a picture of any size. */
  async runInTiles(picture) {
    const found = [];
    for (const [top, bottom] of tiles(picture.height)) {
      for (const [left, right] of tiles(picture.width)) {
        for (const seen of await this.run(part(picture, left, top, right, bottom))) {
          found.push({ ...seen, x: seen.x + left, y: seen.y + top });
        }
      }
    }
    return found;
  }

  /** Returns { x, y, side, score } of what the network finds, x and y of the middle. */
  async run(picture) {
    const size = STRIDES.at(-1);
    const width = Math.ceil(picture.width / size) * size;
    const height = Math.ceil(picture.height / size) * size;
    const outputs = await this.network(bluePlanes(picture, width, height), height, width);
    return withoutOverlaps(boxesOf(outputs, width))
      .filter(({ w, h }) => w > 0 && h > 0)
      .map(({ x, y, w, h, score }) => ({
        x: x + (w - 1) / 2,
        y: y + (h - 1) / 2,
        side: (w + h) / 2,
        score,
      }));
  }
}

/** Returns a picture as planes of blue, green and red, with zeros up to the size. */
function bluePlanes(picture, width, height) {
  const plane = width * height;
  const values = new Float32Array(3 * plane);
  let from = 0;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++, from += 3) {
      const to = y * width + x;
      values[to] = picture.pixels[from + 2];
      values[to + plane] = picture.pixels[from + 1];
      values[to + 2 * plane] = picture.pixels[from];
    }
  }
  return values;
}

/** Returns the boxes with a score that is looked at, { x, y, w, h, score }. */
function boxesOf(outputs, width) {
  const limited = (value) => Math.min(Math.max(value, 0), 1);
  const found = [];
  for (const stride of STRIDES) {
    const [faces, objects, boxes] = ["cls", "obj", "bbox"].map(
      (name) => outputs[`${name}_${stride}`],
    );
    const columns = width / stride;
    for (let i = 0; i < faces.length; i++) {
      const score = Math.sqrt(limited(faces[i]) * limited(objects[i]));
      if (score < FINE_SCORE) continue;
      const [dx, dy, dw, dh] = boxes.subarray(4 * i, 4 * i + 4);
      const [w, h] = [Math.exp(dw) * stride, Math.exp(dh) * stride];
      const x = ((i % columns) + dx) * stride - w / 2;
      const y = (Math.floor(i / columns) + dy) * stride - h / 2;
      if ([x, y, w, h].every(Number.isFinite)) found.push({ x, y, w, h, score });
    }
  }
  return found;
}

/** Returns boxes of which none overlaps a better one much. */
function withoutOverlaps(boxes) {
  const kept = [];
  for (const box of boxes.sort(best)) {
    if (kept.every((other) => overlap(box, other) <= OVERLAP)) kept.push(box);
  }
  return kept;
}

/** Returns the share of two boxes' union that is common, in whole pixels. */
function overlap(one, other) {
  const [a, b] = [one, other].map(({ x, y, w, h }) => [x, y, w, h].map(Math.trunc));
  const common = [0, 1].map((i) =>
    Math.max(0, Math.min(a[i] + a[i + 2], b[i] + b[i + 2]) - Math.max(a[i], b[i])),
  );
  const both = common[0] * common[1];
  const union = a[2] * a[3] + b[2] * b[3] - both;
  return union > 0 ? both / union : 1;
}

/** Returns [start, end] of equal tiles, which overlap, along a side. */
function tiles(length) {
  const count = Math.max(1, Math.ceil((length - TILE_OVERLAP) / (TILE - TILE_OVERLAP)));
  const step = Math.ceil(Math.max(0, length - TILE_OVERLAP) / count);
  return Array.from({ length: count }, (_, i) => [
    i * step,
    Math.min(length, (i + 1) * step + TILE_OVERLAP),
  ]);
}

/** Returns [x, y] of a picture turned by quarters as it lies in the picture. */
function turnedBack(x, y, quarters, { width, height }) {
  if (quarters === 1) return [width - 1 - y, x];
  if (quarters === 2) return [width - 1 - x, height - 1 - y];
  if (quarters === 3) return [y, height - 1 - x];
  return [x, y];
}
