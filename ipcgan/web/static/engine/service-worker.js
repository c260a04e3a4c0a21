// Keeps the site's files, each under the hash of its content: visits need no network,
// and of a new version only what has changed is fetched. tools/build_site.py writes
// FILES before this, { path: hash }, and SMALL and LATE: paths of the small ones, and of
// those that come after the first face.
/* global FILES, SMALL, LATE */

const NAME = "ipcgan";
const scope = self.registration.scope;
// What pages must say to share memory between threads, and that nobody may frame them.
const HEADERS = {
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
const keyOf = (path) =>
  new URL(`${path}?sha256=${encodeURIComponent(FILES[path])}`, scope).href;

addEventListener("install", (event) => {
  event.waitUntil(install(event));
  self.skipWaiting();
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => self.clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const [address] = request.url.slice(scope.length).split(/[?#]/);
  const path = decodeURIComponent(address) || "index.html";
  if (path in FILES) event.respondWith(answer(path, event));
});

// From a page that is ready; what it loaded before this worker was there is kept, too.
addEventListener("message", (event) => {
  const paths = Object.keys(FILES).filter((path) => !LATE.includes(path));
  event.waitUntil(caches.open(NAME).then((cache) => keep(cache, paths, event)));
});

const keep = (cache, paths, event) =>
  Promise.all(paths.map((path) => fetched(cache, path, event)));

/** Fetches what has changed of all that was kept; the first time nothing was. */
async function install(event) {
  const cache = await caches.open(NAME);
  const known = (await cache.keys()).map(({ url }) => new URL(url));
  if (!known.length) return;
  const had = new Set(known.map(({ pathname }) => nameOf(pathname)));
  const paths = Object.keys(FILES).filter(
    (path) => SMALL.includes(path) || had.has(nameOf(`/${path}`)),
  );
  await keep(cache, paths, event);
}

/** Returns a file's name without the hash of its content, which large files have. */
const nameOf = (path) => path.split("/").at(-1).replace(/-[0-9a-f]{12}\./, ".");

async function forgetOld() {
  const cache = await caches.open(NAME);
  const current = new Set(Object.keys(FILES).map(keyOf));
  const keys = await cache.keys();
  await Promise.all(
    keys.filter(({ url }) => !current.has(url)).map((key) => cache.delete(key)),
  );
}

async function answer(path, event) {
  const cache = await caches.open(NAME);
  const response = await fetched(cache, path, event);
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}

/** Returns a file that is kept, or fetches it, and keeps it once it is here. */
async function fetched(cache, path, event) {
  const kept = await cache.match(keyOf(path));
  if (kept) return kept;
  // Large files have their hash in their names. Of the others, no old one is taken.
  const integrity = SMALL.includes(path) ? `sha256-${FILES[path]}` : undefined;
  const response = await fetch(new URL(path, scope), { integrity, cache: "no-cache" });
  // Not waited for, so that the page sees how a large file comes in.
  if (response.ok) event.waitUntil(cache.put(keyOf(path), response.clone()));
  return response;
}
