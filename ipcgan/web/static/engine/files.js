// Fetches the engine's large files, which are compressed, so that no host need be asked
// to do it.

import { failure } from "./failure.js";

/**
 * Fetches and decompresses a file.
 * @param {string | URL} url
 * @param {(bytes: number) => void} received is told of every part how long it is.
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchFile(url, received = () => {}) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw failure("network", new URL(url).pathname);
  const counted = new TransformStream({
    transform(part, controller) {
      received(part.length);
      controller.enqueue(part);
    },
  });
  const stream = response.body
    .pipeThrough(counted)
    .pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().catch(() => {
    throw failure("network", new URL(url).pathname);
  });
}
