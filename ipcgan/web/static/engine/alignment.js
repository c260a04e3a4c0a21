// Cuts faces out upright, as photos/alignment.py does.

import { boundsInPhoto, ofPart, scaleOf } from "./geometry.js";
import { part } from "./pictures.js";
import { reduce } from "./resize.js";
import { warpCubic, warpLinear } from "./warp.js";

const clip = (value, least, most) => Math.min(Math.max(value, least), most);

/**
 * Cuts a face out; every pixel of the photograph counts, however large it is.
 * @param photo a picture of bytes.
 * @param {number[]} transform from toCrop.
 * @param {number} size side of the crop, in pixels.
 * @returns a picture; beyond the photograph its border is repeated.
 */
export function cut(photo, transform, size) {
  const { width, height } = photo;
  const bounds = boundsInPhoto(transform, size);
  const right = clip(Math.ceil(bounds.right) + 3, 1, width);
  const bottom = clip(Math.ceil(bounds.bottom) + 3, 1, height);
  const left = Math.min(clip(Math.floor(bounds.left) - 2, 0, width - 1), right - 1);
  const top = Math.min(clip(Math.floor(bounds.top) - 2, 0, height - 1), bottom - 1);
  // Cut out at least as large as it is, then averaged: else pixels would be skipped.
  const factor = Math.max(1, Math.ceil(1 / scaleOf(transform)));
  const fine = ofPart(transform.map((value) => value * factor), [left, top]);
  fine[2] += (factor - 1) / 2;
  fine[5] += (factor - 1) / 2;
  const piece = part(photo, left, top, right, bottom);
  if (factor === 1) return warpCubic(piece, fine, size);
  return reduce(warpLinear(piece, fine, size * factor), size, size);
}
