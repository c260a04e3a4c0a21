// The networks, computed by ONNX Runtime in WebAssembly.

import * as ort from "../runtime/ort.wasm.min.mjs";
import { kept } from "./colourless.js";
import { blank, toLevel } from "./pictures.js";

const MOST_THREADS = 4;
const HALF = 127.5; // levels in one unit of [-1, 1].
// What the judge subtracts of blue, green and red; and its side in pixels.
const MEAN = [103.939, 116.779, 123.68];
export const JUDGE_SIZE = 224;

/**
 * Prepares the runtime; threads are used where pages may share memory.
 * @param {ArrayBuffer} wasm its WebAssembly.
 */
export function startRuntime(wasm) {
  const cores = Math.min(navigator.hardwareConcurrency ?? 1, MOST_THREADS);
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = {
    mjs: new URL("../runtime/ort-wasm-simd-threaded.mjs", import.meta.url).href,
  };
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? cores : 1;
  ort.env.logLevel = "error";
}

const open = (file) => ort.InferenceSession.create(new Uint8Array(file));

/** Opens YuNet's network, as yunet.js takes it. */
export async function openDetector(file) {
  const session = await open(file);
  return async (values, height, width) => {
    const input = new ort.Tensor("float32", values, [1, 3, height, width]);
    const found = await session.run({ input });
    return Object.fromEntries(
      Object.entries(found).map(([name, tensor]) => [name, tensor.data]),
    );
  };
}

/**
 * Opens a generator.
 * @returns a promise of (face, groups) -> promise of the face at each group, in order;
 *   pictures of bytes, without colour where the face has none.
 */
export async function openGenerator(file) {
  const session = await open(file);
  const [result] = session.outputNames;
  return async (face, groups) => {
    const { width, height, pixels } = face;
    const one = Float32Array.from(pixels, (level) => level / HALF - 1);
    const image = new Float32Array(one.length * groups.length);
    groups.forEach((_, i) => image.set(one, i * one.length));
    const shape = [groups.length, height, width, 3];
    const found = await session.run({
      image: new ort.Tensor("float32", image, shape),
      group: new ort.Tensor("int32", Int32Array.from(groups), [groups.length]),
    });
    const { data } = found[result];
    return groups.map((_, i) => {
      const aged = blank(width, height);
      for (let j = 0; j < one.length; j++) {
        const value = Math.fround(data[i * one.length + j] + 1);
        aged.pixels[j] = toLevel(Math.fround(value * HALF));
      }
      return kept(face, aged);
    });
  };
}

/**
 * Opens the judge.
 * @returns a promise of face -> promise of { years, descriptor }; the face a picture of
 *   JUDGE_SIZE pixels, the descriptor of length 1.
 */
export async function openJudge(file) {
  const session = await open(file);
  return async ({ width, height, pixels }) => {
    const values = new Float32Array(pixels.length);
    for (let i = 0; i < values.length; i += 3) {
      for (let c = 0; c < 3; c++) values[i + c] = pixels[i + 2 - c] - MEAN[c];
    }
    const image = new ort.Tensor("float32", values, [1, height, width, 3]);
    const { age, embedding } = await session.run({ image });
    const length = Math.hypot(...embedding.data);
    return {
      years: age.data.reduce((sum, share, i) => sum + share * (i + 1), 0),
      descriptor: embedding.data.map((value) => value / Math.max(length, 1e-12)),
    };
  };
}
