// The work is done in this browser; see ../engine/ager.js. Nothing is sent anywhere.

import { failure } from "../engine/failure.js";
import { keepOffline, startOffline } from "../engine/offline.js";
import { examples } from "../examples.js";

const ENDINGS = { "image/jpeg": "jpg", "image/png": "png" };
const MOST_RESULTS = 3; // of a photograph that are held.

const worker = new Worker(new URL("../engine/worker.js", import.meta.url), {
  type: "module",
});
const waiting = new Map(); // calls by number: { resolve, reject, progress }.
// Of each photograph that is open: the stem of its name, and addresses made of it.
const opened = new Map();
let last = 0;
let judge = null; // promise of whether the judge is there, once it was wanted.

worker.addEventListener("message", ({ data: { number, progress, error, result } }) => {
  const call = waiting.get(number);
  if (progress) {
    call.progress(...progress);
    return;
  }
  waiting.delete(number);
  if (error) call.reject(failure(error.code, error.detail));
  else call.resolve(result);
});
worker.addEventListener("error", () => {
  for (const { reject } of waiting.values()) reject(failure("failed"));
  waiting.clear();
});

function call(method, args, progress = () => {}) {
  return new Promise((resolve, reject) => {
    const number = ++last;
    waiting.set(number, { resolve, reject, progress });
    worker.postMessage({ number, method, args });
  });
}

function addressOf(id, blob) {
  const photo = opened.get(id);
  if (!photo) throw failure("gone"); // It was closed meanwhile.
  const url = URL.createObjectURL(blob);
  photo.urls.push(url);
  return url;
}

// Results are as large as the photograph: only the last ones are held.
function resultOf(id, blob) {
  const url = addressOf(id, blob);
  const { results } = opened.get(id);
  results.push(url);
  if (results.length > MOST_RESULTS) URL.revokeObjectURL(results.shift());
  return url;
}

// The judge is 6 MB that nobody waits for: what it says of the first results comes later.
// Returns a promise of what `age` tells of faces; null: it could not be loaded.
function judgedLater(id, faces) {
  judge ??= call("judge", []).then(
    () => true,
    () => {
      judge = null; // Offline, perhaps: with the next result it is tried again.
      return false;
    },
  );
  return judge
    .then((isThere) => (isThere ? call("compare", [id, faces]) : null))
    .catch(() => null); // The photograph was closed meanwhile.
}

export const backend = {
  kind: "browser",

  async ready(progress) {
    await startOffline();
    const offer = await call("load", [], progress);
    keepOffline();
    return { ...offer, examples };
  },

  async open(blob) {
    const photo = await call("open", [blob]);
    const stem = (blob.name ?? "photograph").replace(/\.\w+$/, "");
    opened.set(photo.id, { stem, urls: [], results: [] });
    return { ...photo, url: addressOf(photo.id, blob) };
  },

  async age(id, request) {
    const { blob, ...told } = await call("age", [id, request]);
    const { years, change } = request;
    const age = years ?? (change > 0 ? `+${change}` : change);
    const url = resultOf(id, blob);
    const name = `${opened.get(id).stem}_age${age}.${ENDINGS[blob.type]}`;
    const isJudged = told.faces.every(({ judgedBefore }) => judgedBefore !== null);
    const later = isJudged ? undefined : judgedLater(id, request.faces);
    return { ...told, url, name, later };
  },

  async strip(id, request) {
    const made = await call("strip", [id, request]);
    return made.map(({ years, blob }) => ({ years, url: addressOf(id, blob) }));
  },

  async close(id) {
    opened.get(id)?.urls.forEach((url) => URL.revokeObjectURL(url));
    opened.delete(id);
    await call("close", [id]);
  },
};
