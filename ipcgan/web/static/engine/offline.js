// Registers the service worker: it keeps the site for visits without a network, and lets
// the page use threads.

const WAIT_MILLISECONDS = 4000;
const TRIED = "ipcgan-isolated"; // key of the session's storage.

/**
 * Resolves when the page may load its engine.
 *
 * Pages may share memory between threads only if their answers have two headers, which
 * few hosts send. The service worker adds them, so the first visit begins once more as
 * soon as it is there; nothing large was loaded until then.
 */
export async function startOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return; // Not by https, or a private window: one thread will do.
  try {
    const url = new URL("../service-worker.js", import.meta.url);
    const { active } = await serviceWorker.register(url);
    // It takes over when it is installed; but not from a reload that passes it by.
    if (!serviceWorker.controller && !active) await controlled(serviceWorker);
  } catch {
    return;
  }
  if (crossOriginIsolated || !serviceWorker.controller || wasTried()) return;
  location.reload();
  await new Promise(() => {}); // The page is about to go.
}

/** Lets the service worker keep all that the page consists of. */
export function keepOffline() {
  navigator.serviceWorker?.controller?.postMessage("keep");
}

function controlled(serviceWorker) {
  return new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", resolve, { once: true });
    setTimeout(resolve, WAIT_MILLISECONDS);
  });
}

/** Whether this was tried before, so that no browser reloads for ever. */
function wasTried() {
  try {
    const before = sessionStorage.getItem(TRIED);
    sessionStorage.setItem(TRIED, "1");
    return before !== null;
  } catch {
    return true; // Storage is forbidden.
  }
}
