// Errors with a code that the page has sentences for.

/** Returns an Error to throw; see the codes in ../texts.js. */
export function failure(code, detail = "") {
  return Object.assign(new Error(detail || code), { code, detail });
}
