// Similarity transforms between a photograph and a face's crop, as photos/alignment.py
// has them: [a, b, c, d, e, f] brings (x, y) to (a x + b y + c, d x + e y + f).

// Where dlib's faces have their landmarks, as shares of the side: outer and inner
// corner of the eye on the right of the picture, then on the left, base of the nose.
export const DLIB_TEMPLATE = [
  [0.758, 0.295],
  [0.605, 0.306],
  [0.228, 0.295],
  [0.381, 0.306],
  [0.493, 0.592],
];

/**
 * Returns the similarity transform that brings landmarks nearest to a template.
 * @param {number[][]} points [5][2] landmarks in the photograph, in pixels.
 * @param {number[][]} template [5][2] where they should lie, as shares of the side.
 * @param {number} size side of the crop, in pixels.
 * @throws {Error} if all points are one.
 */
export function toCrop(points, template, size) {
  const target = template.map(([x, y]) => [x * size - 0.5, y * size - 0.5]);
  const from = mean(points);
  const to = mean(target);
  let spread = 0;
  let real = 0;
  let imaginary = 0;
  points.forEach(([x, y], i) => {
    const [ax, ay] = [x - from[0], y - from[1]];
    const [bx, by] = [target[i][0] - to[0], target[i][1] - to[1]];
    spread += ax * ax + ay * ay;
    real += ax * bx + ay * by;
    imaginary += ax * by - ay * bx;
  });
  if (spread === 0) throw new Error("The landmarks are all at one point.");
  const [p, q] = [real / spread, imaginary / spread];
  const x = to[0] - p * from[0] + q * from[1];
  const y = to[1] - q * from[0] - p * from[1];
  return [p, -q, x, q, p, y];
}

function mean(points) {
  const sum = points.reduce(([x, y], p) => [x + p[0], y + p[1]], [0, 0]);
  return sum.map((value) => value / points.length);
}

/** Returns how many pixels of the crop one pixel of the photograph becomes. */
export const scaleOf = (transform) => Math.hypot(transform[0], transform[3]);

/** Returns how far a transform turns clockwise, in degrees from -180 to 180. */
export const angleOf = (transform) =>
  (Math.atan2(transform[3], transform[0]) * 180) / Math.PI;

/** Returns a point [x, y], transformed. */
export const apply = ([a, b, c, d, e, f], [x, y]) => [
  a * x + b * y + c,
  d * x + e * y + f,
];

/** Returns the transform that leads back. */
export function inverse([a, b, c, d, e, f]) {
  const factor = 1 / (a * e - b * d);
  const [ia, ib, id, ie] = [e * factor, -b * factor, -d * factor, a * factor];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}

/** Returns a transform of a part of the photograph whose first pixel is [x, y]. */
export function ofPart([a, b, c, d, e, f], [x, y]) {
  return [a, b, c + a * x + b * y, d, e, f + d * x + e * y];
}

/** Returns { left, top, right, bottom } around a crop's corners in the photograph. */
export function boundsInPhoto(transform, size) {
  const back = inverse(transform);
  const far = size - 0.5;
  const corners = [[-0.5, -0.5], [far, -0.5], [far, far], [-0.5, far]];
  const [xs, ys] = [0, 1].map((axis) => corners.map((p) => apply(back, p)[axis]));
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}
