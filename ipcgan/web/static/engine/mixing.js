// Ages between and beyond a network's groups, as inference/mixing.py mixes them.

import { toLevel } from "./pictures.js";

// How far the change goes on beyond an outer group, in steps from group to group.
const MOST_BEYOND = 1.5;

/**
 * Returns [group, share] pairs that a year is mixed of; shares add up to 1.
 * @param {number[]} groupYears years that a typical face of each group shows, rising.
 * @param {number} years
 */
export function sharesOf(groupYears, years) {
  if (groupYears.length === 1) return [[0, 1]];
  const passed = groupYears.filter((known) => known <= years).length;
  const lower = Math.min(Math.max(passed - 1, 0), groupYears.length - 2);
  const step = groupYears[lower + 1] - groupYears[lower];
  const exact = (years - groupYears[lower]) / step;
  const share = Math.min(Math.max(exact, -MOST_BEYOND), 1 + MOST_BEYOND);
  const shares = [[lower, 1 - share], [lower + 1, share]];
  return shares.filter(([, value]) => value !== 0);
}

/**
 * Returns a face that is mixed of those at groups.
 * @param {Map<number, object>} faces pictures of bytes by group.
 * @param {number[][]} shares from sharesOf.
 */
export function mix(faces, shares) {
  const parts = shares.map(([group]) => faces.get(group));
  if (parts.length === 1) return parts[0];
  const { width, height } = parts[0];
  const pixels = new Uint8Array(parts[0].pixels.length);
  // In float32, as NumPy has it: halves are rounded alike.
  const { fround } = Math;
  const [first, second] = shares.map(([, share]) => fround(share));
  for (let i = 0; i < pixels.length; i++) {
    const one = fround(parts[0].pixels[i] * first);
    const other = fround(parts[1].pixels[i] * second);
    pixels[i] = toLevel(fround(one + other));
  }
  return { width, height, pixels };
}
