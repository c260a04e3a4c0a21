// Pictures: { width, height, pixels }, pixels [height, width, 3], RGB without gaps, of
// a Uint8Array or a Float32Array. Rounding is OpenCV's: halves go to the even number.

/** Returns a picture of zeros. */
export const blank = (width, height, Type = Uint8Array) => ({
  width,
  height,
  pixels: new Type(width * height * 3),
});

/** Returns a number from 0 to 255, rounded as OpenCV rounds. */
export function toLevel(value) {
  if (value <= 0) return 0;
  if (value >= 255) return 255;
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down & 1) ? down + 1 : down;
}

/** Returns a whole number, halves to the even one, as Python's round does. */
export function round(value) {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
}

/** Returns a copy of the part from [left, top] up to, without, [right, bottom]. */
export function part(picture, left, top, right, bottom) {
  const result = blank(right - left, bottom - top, picture.pixels.constructor);
  const row = result.width * 3;
  for (let y = 0; y < result.height; y++) {
    const start = ((top + y) * picture.width + left) * 3;
    result.pixels.set(picture.pixels.subarray(start, start + row), y * row);
  }
  return result;
}

/** Returns a picture turned counter-clockwise by quarters, as numpy.rot90 does. */
export function turned(picture, quarters) {
  const { width, height, pixels } = picture;
  if (quarters === 0) return picture;
  const result = quarters === 2 ? blank(width, height) : blank(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [toX, toY] = [width - 1 - x, height - 1 - y];
      if (quarters === 1) [toX, toY] = [y, width - 1 - x];
      if (quarters === 3) [toX, toY] = [height - 1 - y, x];
      const to = (toY * result.width + toX) * 3;
      const from = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) result.pixels[to + c] = pixels[from + c];
    }
  }
  return result;
}

/** Returns a picture of an ImageData's colours, without its opacity. */
export function fromImageData({ width, height, data }) {
  const picture = blank(width, height);
  const { pixels } = picture;
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from];
    pixels[to + 1] = data[from + 1];
    pixels[to + 2] = data[from + 2];
  }
  return picture;
}

/** Returns an opaque ImageData of a picture. */
export function toImageData({ width, height, pixels }) {
  const image = new ImageData(width, height);
  const { data } = image;
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    data[to] = pixels[from];
    data[to + 1] = pixels[from + 1];
    data[to + 2] = pixels[from + 2];
    data[to + 3] = 255;
  }
  return image;
}
