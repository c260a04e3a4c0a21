// Pastes an aged face back into its photograph, as photos/pasting.py does: what is
// added is the change, enlarged, within an oval and without an overall tint.

import { blur } from "./blur.js";
import { LUMA } from "./colourless.js";
import { boundsInPhoto, scaleOf } from "./geometry.js";
import { blank, round } from "./pictures.js";
import { addCubic } from "./warp.js";

const MARGIN = 5 / 16; // share of the crop's side by which the change goes on beyond.
// The mask's oval in distances between the eyes' outer corners, and how it fades out.
const [ACROSS, ABOVE, BELOW] = [0.98, 1.5, 1.0];
const [FADE, FADE_ABOVE] = [0.25, 0.4];
const [SKIN_ACROSS, SKIN_ALONG] = [0.78, 0.86]; // of the oval that is mostly skin.
// Where hair may be, as shares of that oval's radius; how much darker than skin it is,
// as shares of it; how much of what lightens dark hair is left, beside and above a face.
const [HAIR_FROM, HAIR_TO] = [0.7, 0.95];
const [DARK_FROM, DARK_TO] = [0.3, 0.55];
const [GREYING, GREYING_ABOVE] = [0.15, 0.6];
const HAIRS = 1 / 128; // share of the side: standard deviation of what is no single hair.
const BORDER = 0.04; // share of the side at which any mask has faded out.
const DETAIL = 0.1; // share of the side over which detail ends, along the border.
const BLUR = 1 / 16; // share of the side: standard deviation of what has no detail.

const clip = (value) => Math.min(Math.max(value, 0), 1);

/** Returns 0 up to a start, 1 from an end on, with no edge at either. */
function rising(value, start, end) {
  const t = clip((value - start) / (end - start));
  return t * t * (3 - 2 * t);
}

/**
 * Returns where a crop's change goes: { margin, share, skin, hair }.
 *
 * margin: M, pixels more at each side than the crop has; share: [S + 2M, S + 2M] from 0
 * to 1, how much of the change is added; skin: [S, S] of 0 and 1, what is mostly skin;
 * hair: [S, S] from 0 to 1, how much is left out of what lightens dark hair.
 * @param {number[][]} template [5][2] the crop's landmarks, as shares of its side.
 * @param {number} size S, side of the crop, in pixels.
 */
export function faceMask(template, size) {
  const margin = round(MARGIN * size);
  const length = size + 2 * margin;
  const place = placesOf(template, size);
  const share = new Float32Array(length * length);
  const skin = new Uint8Array(size * size);
  const hair = new Float32Array(size * size);
  const edge = (i) => (Math.min(i, length - 1 - i) + 0.5) / (BORDER * size) - 0.5;
  for (let y = 0; y < length; y++) {
    for (let x = 0; x < length; x++) {
      const [along, across] = place(x - margin, y - margin);
      const oval = along / (along < 0 ? ABOVE : BELOW);
      const [radius, up] = radiusOf(oval, across / ACROSS);
      const fade = FADE + (FADE_ABOVE - FADE) * up;
      const inside = Math.min((1 - radius) / fade, edge(x), edge(y));
      share[y * length + x] = rising(inside, 0, 1);
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [along, across] = place(x, y);
      const [radius, up] = radiusOf(along / SKIN_ALONG, across / SKIN_ACROSS);
      const greying = GREYING + (GREYING_ABOVE - GREYING) * up;
      skin[y * size + x] = radius < 1 ? 1 : 0;
      hair[y * size + x] = rising(radius, HAIR_FROM, HAIR_TO) * (1 - greying);
    }
  }
  return { margin, share, skin, hair };
}

/** Returns (x, y) -> a pixel's place down and to the right of the face's middle. */
function placesOf(template, size) {
  const eyes = [0, 1].map((i) => template.slice(0, 4).reduce((s, p) => s + p[i], 0) / 4);
  const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);
  const unit = distance(template[0], template[2]);
  const long = distance(template[4], eyes);
  const down = [0, 1].map((i) => (template[4][i] - eyes[i]) / long);
  const middle = [0, 1].map((i) => eyes[i] + 0.43 * unit * down[i]);
  return (x, y) => {
    const [dx, dy] = [(x + 0.5) / size - middle[0], (y + 0.5) / size - middle[1]];
    return [
      (dx * down[0] + dy * down[1]) / unit,
      (dy * down[0] - dx * down[1]) / unit,
    ];
  };
}

/** Returns [radius in an oval, 1 at its rim; how far it points up, 0 to 1]. */
function radiusOf(along, across) {
  // Wider than an ellipse at the eyes, for the folds around them, narrower at the jaw.
  const power = along < 0 ? 2.6 : 1.8;
  const part = Math.abs(along) ** power;
  const total = Math.max(part + Math.abs(across) ** power, 1e-9);
  return [total ** (1 / power), along < 0 ? part / total : 0];
}

/**
 * Returns what ageing changed within the mask, less each colour's median where there is
 * skin: a tint of the whole face would leave a step at the neck.
 * @param seen the face that the network saw, a picture of bytes.
 * @param aged what it made of it.
 * @param mask from faceMask.
 * @returns a picture of floats, in levels of 0 to 255, larger by the mask's margin.
 */
export function changeOf(seen, aged, mask) {
  const change = blank(seen.width, seen.height, Float32Array);
  const { pixels } = change;
  for (let i = 0; i < pixels.length; i++) pixels[i] = aged.pixels[i] - seen.pixels[i];
  for (let c = 0; c < 3; c++) {
    const tint = medianOfSkin(pixels, mask.skin, c);
    for (let i = c; i < pixels.length; i += 3) pixels[i] -= tint;
  }
  leaveOutFog(change, seen, mask);
  const result = continued(change, mask.margin);
  for (let i = 0; i < result.pixels.length; i++) {
    result.pixels[i] *= mask.share[Math.floor(i / 3)];
  }
  return result;
}

/** Lets a change lighten dark hair less, in place: see photos/pasting.py. */
function leaveOutFog(change, seen, mask) {
  const grey = blank(seen.width, seen.height, Float32Array);
  for (let i = 0; i < grey.pixels.length; i++) {
    const at = i - (i % 3);
    for (let c = 0; c < 3; c++) grey.pixels[i] += LUMA[c] * seen.pixels[at + c];
  }
  const light = blur(grey, HAIRS * seen.width).pixels;
  const skin = Math.max(medianOfSkin(light, mask.skin, 0), 1);
  const { pixels } = change;
  for (let i = 0; i < pixels.length; i += 3) {
    const dark = rising((skin - light[i]) / skin, DARK_FROM, DARK_TO);
    const leftOut = dark * mask.hair[i / 3];
    const added = (pixels[i] + pixels[i + 1] + pixels[i + 2]) / 3;
    for (let c = 0; c < 3; c++) {
      pixels[i + c] = (1 - leftOut) * pixels[i + c] + leftOut * Math.min(added, 0);
    }
  }
}

function medianOfSkin(pixels, skin, channel) {
  const values = [];
  skin.forEach((is, i) => is && values.push(pixels[i * 3 + channel]));
  const sorted = Float32Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Returns a change, and beyond the crop what it has at its border, blurred. */
function continued(change, margin) {
  const size = change.width;
  const length = size + 2 * margin;
  const inner = blur(change, BLUR * size);
  const coarse = blank(length, length, Float32Array);
  const place = (i) => Math.min(Math.max(i - margin, 0), size - 1);
  for (let y = 0; y < length; y++) {
    for (let x = 0; x < length; x++) {
      const from = (place(y) * size + place(x)) * 3;
      const to = (y * length + x) * 3;
      for (let c = 0; c < 3; c++) coarse.pixels[to + c] = inner.pixels[from + c];
    }
  }
  const result = blur(coarse, BLUR * size);
  const near = (i) => clip((Math.min(i, size - 1 - i) + 0.5) / (DETAIL * size));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const share = Math.min(near(x), near(y));
      const from = (y * size + x) * 3;
      const to = ((y + margin) * length + x + margin) * 3;
      for (let c = 0; c < 3; c++) {
        const there = result.pixels[to + c];
        result.pixels[to + c] = there + share * (change.pixels[from + c] - there);
      }
    }
  }
  return result;
}

/**
 * Adds a face's change to its photograph, in place.
 * @param photo a picture of bytes.
 * @param change from changeOf.
 * @param {number[]} transform pixels of the photograph -> pixels of the crop.
 * @param {number} margin the mask's.
 */
export function paste(photo, change, transform, margin) {
  const [a, b, c, d, e, f] = transform;
  const moved = [a, b, c + margin, d, e, f + margin];
  const scale = scaleOf(moved);
  // The face is smaller than the crop: no pixel may be skipped.
  const added = scale > 1 ? blur(change, 0.5 * scale) : change;
  const bounds = boundsInPhoto(moved, change.width);
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  addCubic(photo, added, moved, {
    left: within(Math.floor(bounds.left), photo.width),
    top: within(Math.floor(bounds.top), photo.height),
    right: within(Math.ceil(bounds.right) + 1, photo.width),
    bottom: within(Math.ceil(bounds.bottom) + 1, photo.height),
  });
}

/**
 * Returns a photograph with all of its aged faces.
 * @param photo a picture of bytes, which stays as it is.
 * @param faces { seen, aged, transform } each: crops, and where they were cut out.
 * @param mask from faceMask, of crops of that size.
 */
export function pasteAll(photo, faces, mask) {
  const result = { ...photo, pixels: photo.pixels.slice() };
  for (const { seen, aged, transform } of faces) {
    paste(result, changeOf(seen, aged, mask), transform, mask.margin);
  }
  return result;
}
