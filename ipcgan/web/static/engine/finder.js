// Where the faces in a photograph are, with five landmarks each, as
// photos/detection.py finds them.

import { angleOf, apply, DLIB_TEMPLATE, inverse, scaleOf, toCrop } from "./geometry.js";
import { round } from "./pictures.js";
import { Pyramid } from "./pyramid.js";

const SMALLEST = 40; // pixels; smaller faces are not looked for,
const SMALLEST_BOX = 36; // but boxes of faces are up to a tenth too narrow.
// Where dlib's boxes lie on YuNet's: the side, and how far the middle is lower, as
// shares of YuNet's side; and on the template of the landmarks, as shares of its side.
const [DLIB_SIDE, DLIB_DOWN] = [0.9, 0.07];
const [BOX_MIDDLE, BOX_SIDE] = [[0.465, 0.481], 0.93];
const SQUARE = 300; // pixels; what landmarks are looked for in, twice as wide as a box.

export class FaceFinder {
  /** @param yunet of type YuNet. @param landmarks of type Landmarks. */
  constructor(yunet, landmarks) {
    this.yunet = yunet;
    this.landmarks = landmarks;
  }

  /**
   * Finds all faces, the largest first.
   * @param photo a picture of bytes.
   * @returns a promise of { box: [left, top, right, bottom], points: [5][2] }, pixels.
   */
  async find(photo) {
    const { width, height } = photo;
    if (Math.min(width, height) < SMALLEST) return [];
    const pyramid = new Pyramid(photo);
    const squares = (await this.yunet.find(pyramid)).map(dlibSquare);
    return squares
      .filter(({ side }) => side >= SMALLEST_BOX)
      .map((square) => this.face(pyramid, square))
      .filter(({ points }) =>
        // Of half a face, some landmarks lie beyond the photograph.
        points.every(([x, y]) => x >= 0 && y >= 0 && x < width && y < height),
      )
      .sort((a, b) => b.box[2] - b.box[0] - (a.box[2] - a.box[0]));
  }

  face(pyramid, square) {
    const { middle: [x, y], side } = square;
    const half = side / 2;
    const points = this.points(pyramid, square);
    return {
      box: [x - half, y - half, x + half, y + half],
      // Once more, upright, and where dlib's box would be: they depend on it.
      points: this.points(pyramid, boxOf(points)),
    };
  }

  points(pyramid, { middle, side, angle }) {
    const { square, transform } = pyramid.square(middle, 2 * side, angle, SQUARE);
    const [near, far] = [round(SQUARE / 4), round((3 * SQUARE) / 4)];
    const box = { left: near, top: near, right: far, bottom: far };
    const back = inverse(transform);
    return this.landmarks.find(square, box).map((point) => apply(back, point));
  }
}

/** Returns { middle, side, angle } of dlib's box for its landmarks [5][2]. */
function boxOf(points) {
  const transform = toCrop(points, DLIB_TEMPLATE, 1);
  const middle = apply(inverse(transform), BOX_MIDDLE.map((share) => share - 0.5));
  return { middle, side: BOX_SIDE / scaleOf(transform), angle: angleOf(transform) };
}

/** Returns { middle, side, angle } of dlib's box for what YuNet saw. */
function dlibSquare({ middle: [x, y], side, angle }) {
  const radians = (angle * Math.PI) / 180;
  const down = DLIB_DOWN * side;
  const middle = [x + down * Math.sin(radians), y + down * Math.cos(radians)];
  return { middle, side: DLIB_SIDE * side, angle };
}
