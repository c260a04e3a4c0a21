// The work is done by the server that the page came from; see ipcgan/web/app.py.
import { examples } from "../examples.js";

const HEADERS = { "X-Ipcgan": "1" }; // which no other site's form can send.
const TRIES = 4; // while the server is busy.
const MOST_RESULTS = 3; // of a picture that are held.
const RESULT = "X-Ipcgan-Result"; // header: what is told besides a picture.
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

const api = (path) => new URL(`../api/${path}`, import.meta.url);
const sleep = (seconds) =>
  new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
// Of each picture that was opened: the stem of its name, and the addresses made of it.
const opened = new Map();

function failure(code, detail = "") {
  return Object.assign(new Error(detail || code), { code, detail });
}

async function ask(path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    let response;
    try {
      response = await fetch(api(path), { headers: HEADERS, ...options });
    } catch {
      throw failure("network");
    }
    if (response.ok) {
      return response;
    }
    if (response.status === 503 && attempt < TRIES) {
      await sleep(Number(response.headers.get("Retry-After") ?? 1));
      continue;
    }
    let answer = {};
    try {
      answer = await response.json();
    } catch {
      // Refused before the application saw it.
    }
    throw failure(answer.code ?? (response.status === 503 ? "busy" : "failed"), answer.detail);
  }
}

const asking = (method, values) => ({ method, body: JSON.stringify(values) });

async function body(response, kind) {
  try {
    return await response[kind]();
  } catch {
    throw failure("network");
  }
}

function addressOf(id, blob) {
  const picture = opened.get(id);
  if (!picture) {
    throw failure("gone"); // It was closed meanwhile.
  }
  const url = URL.createObjectURL(blob);
  picture.urls.push(url);
  return url;
}

// Results are as large as the photograph: only the last ones are held.
function resultOf(id, blob) {
  const url = addressOf(id, blob);
  const { results } = opened.get(id);
  results.push(url);
  if (results.length > MOST_RESULTS) {
    URL.revokeObjectURL(results.shift());
  }
  return url;
}

export const backend = {
  kind: "server",

  async ready(progress = () => {}) {
    for (;;) {
      const state = await body(await ask("ready"), "json");
      progress(state.share, state.loading);
      if (state.ready) {
        const { families, maxBytes, maxPixels } = state;
        return { families, maxBytes, maxPixels, examples };
      }
    }
  },

  async open(blob, progress = () => {}) {
    progress(null, "upload");
    const response = await ask("pictures", { method: "POST", body: blob });
    const { shown, ...picture } = await body(response, "json");
    const stem = (blob.name ?? "photograph").replace(/\.\w+$/, "");
    opened.set(picture.id, { stem, urls: [], results: [] });
    // What browsers would show otherwise, or not at all, the server shows.
    const seen = shown
      ? blob
      : await body(await ask(`pictures/${picture.id}/preview`), "blob");
    return { ...picture, url: addressOf(picture.id, seen) };
  },

  async age(id, { faces, years, change, family }, progress = () => {}) {
    progress(null, "age");
    const wanted = years === undefined ? { change } : { years };
    const path = `pictures/${id}/age`;
    const response = await ask(path, asking("POST", { faces, family, ...wanted }));
    const told = JSON.parse(response.headers.get(RESULT));
    const blob = await body(response, "blob");
    const url = resultOf(id, blob);
    const age = years ?? (change > 0 ? `+${change}` : change);
    const name = `${opened.get(id).stem}_age${age}.${ENDINGS[blob.type]}`;
    return { ...told, name, url };
  },

  async strip(id, { face, years, family }, progress = () => {}) {
    progress(null, "strip");
    const options = asking("POST", { face, years, family });
    const found = await body(await ask(`pictures/${id}/strip`, options), "json");
    return found.map(({ years: year, jpeg }) => {
      const bytes = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
      const blob = new Blob([bytes], { type: "image/jpeg" });
      return { years: year, url: addressOf(id, blob) };
    });
  },

  async close(id) {
    opened.get(id)?.urls.forEach((url) => URL.revokeObjectURL(url));
    opened.delete(id);
    await ask(`pictures/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
  },
};
