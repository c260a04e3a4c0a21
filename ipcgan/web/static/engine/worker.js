// The ager in a thread of its own, so that the page never waits.
//
// Messages: { number, method, args } -> { number, progress: [share, name] } any number
// of times, then { number, result } or { number, error: { code, detail } }.

import { Ager } from "./ager.js";

let ager = null;
let turn = Promise.resolve(); // One call after the other.
let newest = 0; // number of the last call to age: older ones need not begin.

const methods = {
  async load(progress) {
    const response = await fetch(new URL("./settings.json", import.meta.url));
    ager = new Ager(await response.json());
    await ager.load(progress);
    const { name, youngest, oldest, maxBytes, maxPixels } = ager.settings;
    return { families: [{ name, youngest, oldest }], maxBytes, maxPixels };
  },
  async judge() {
    const file = await ager.fetch("judge");
    await inTurn(() => ager.openJudge(file));
  },
  open: (_, blob) => ager.open(blob),
  age: (_, ...args) => ager.age(...args),
  strip: (_, ...args) => ager.strip(...args),
  compare: (_, ...args) => ager.compare(...args),
  close: (_, id) => ager.close(id),
};

async function answer({ number, method, args }) {
  try {
    if (method === "age" && number !== newest) throw { code: "busy" };
    const progress = (...told) => postMessage({ number, progress: told });
    const result = await methods[method](progress, ...args);
    postMessage({ number, result });
  } catch (error) {
    const { code = "failed", detail = String(error?.message ?? "") } = error;
    postMessage({ number, error: { code, detail } });
  }
}

function inTurn(work) {
  turn = turn.then(work);
  return turn;
}

addEventListener("message", ({ data }) => {
  if (data.method === "age") newest = data.number;
  // While the judge comes in, other work goes on.
  if (data.method === "judge") answer(data);
  else inTurn(() => answer(data));
});
