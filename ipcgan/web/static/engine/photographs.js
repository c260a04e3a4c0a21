// Picture files -> pictures, and back.

import { failure } from "./failure.js";
import { marked } from "./marks.js";
import { fromImageData, toImageData } from "./pictures.js";

const QUALITY = { photograph: 0.95, preview: 0.9 }; // of JPEG.
const HEAD = 12; // bytes by which a file is known.
const LOSSLESS = /^(\x89PNG|GIF8|BM)/; // how such files begin.
const APPLE = /^.{4}ftyp(hei|hev|mif1|msf1)/s; // HEIC, which few browsers read.

/**
 * Reads a picture file: upright, in sRGB, and laid over white.
 * @param {Blob} blob
 * @param {number} maxPixels
 * @returns a promise of { photo, type }: a picture of bytes, and the type of file that
 *   it is to be written as.
 * @throws {Error} with code "not_a_picture", "unsupported" or "too_large".
 */
export async function readPhoto(blob, maxPixels) {
  const bytes = new Uint8Array(await blob.slice(0, HEAD).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    if (!APPLE.test(head)) throw failure("not_a_picture");
    throw failure(
      "unsupported",
      "This browser cannot read HEIC: Safari can, or save the picture as JPEG.",
    );
  }
  const { width, height } = bitmap;
  if (width * height > maxPixels) {
    bitmap.close();
    throw failure("too_large", `${width} x ${height}`);
  }
  const type = LOSSLESS.test(head) ? "image/png" : "image/jpeg";
  try {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { photo: fromImageData(context.getImageData(0, 0, width, height)), type };
  } catch (error) {
    throw failure("too_large", error.message); // For this browser's canvas.
  } finally {
    bitmap.close();
  }
}

/** Writes a photograph as a file of a type, marked as made by AI. */
export const writePhoto = (photo, type) => write(photo, type, QUALITY.photograph);

/** Writes a small picture as a JPEG file, marked as well. */
export const writePreview = (picture) => write(picture, "image/jpeg", QUALITY.preview);

async function write(picture, type, quality) {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { alpha: false });
  context.putImageData(toImageData(picture), 0, 0);
  return marked(await canvas.convertToBlob({ type, quality }));
}
