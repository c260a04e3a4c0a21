// Opens photographs, ages their faces and judges them: the whole work, without a page.

import { cut } from "./alignment.js";
import { around } from "./around.js";
import { failure } from "./failure.js";
import { fetchFile } from "./files.js";
import { FaceFinder } from "./finder.js";
import { DLIB_TEMPLATE, toCrop } from "./geometry.js";
import { Landmarks } from "./landmarks.js";
import { mix, sharesOf } from "./mixing.js";
import {
  JUDGE_SIZE,
  openDetector,
  openGenerator,
  openJudge,
  startRuntime,
} from "./networks.js";
import { faceMask, pasteAll } from "./pasting.js";
import { readPhoto, writePhoto, writePreview } from "./photographs.js";
import { round } from "./pictures.js";
import { YuNet } from "./yunet.js";

const MOST_PHOTOS = 2; // that are held; the oldest makes room.
const MOST_JUDGED = 12; // faces of a photograph; of the others no age is told.
// Distances that 1 and 10 in 1,000 pairs of strangers are below: web/judging.py.
const [SAME, UNSURE] = [0.867, 0.95];
// What is loaded before the first face: [file, as which part the page calls it].
const PARTS = [
  ["runtime", "runtime"],
  ["detector", "finder"],
  ["landmarks", "finder"],
  ["generator", "ipcgan_128"],
];

const FETCHING = 0.9; // of the loading; the rest is opening the networks.

const tenths = (value) => Math.round(value * 10) / 10;

export class Ager {
  /** @param settings as tools/build_site.py writes them: engine/settings.json. */
  constructor(settings) {
    this.settings = settings;
    this.photos = new Map();
    this.judge = null;
    this.last = 0;
  }

  /** Loads what the first face needs; progress(share, name of the part). */
  async load(progress = () => {}) {
    const { files, template, size } = this.settings;
    const total = PARTS.reduce((sum, [file]) => sum + files[file].bytes, 0);
    let received = 0;
    const parts = {};
    for (const [file, name] of PARTS) {
      parts[file] = await this.fetch(file, (bytes) => {
        received += bytes;
        progress((FETCHING * received) / total, name);
      });
    }
    startRuntime(parts.runtime);
    const detect = await openDetector(parts.detector);
    this.finder = new FaceFinder(new YuNet(detect), new Landmarks(parts.landmarks));
    this.generate = await openGenerator(parts.generator);
    this.mask = faceMask(template, size);
  }

  fetch(name, received) {
    const url = new URL(`../${this.settings.files[name].path}`, import.meta.url);
    return fetchFile(url, received);
  }

  /** Takes the judge's file; until then faces are not judged. */
  async openJudge(file) {
    this.judge = await openJudge(file);
  }

  /** Finds the faces of a picture file; see ../backends/browser.js. */
  async open(blob) {
    const { maxBytes, maxPixels } = this.settings;
    if (blob.size > maxBytes) throw failure("too_large");
    const { photo, type } = await readPhoto(blob, maxPixels);
    const faces = await this.finder.find(photo);
    if (!faces.length) throw failure("no_face");
    const id = String(++this.last);
    const crops = new Map(); // by the face's number, with what was made of it.
    this.photos.set(id, { photo, type, faces, crops });
    while (this.photos.size > MOST_PHOTOS) {
      this.photos.delete(this.photos.keys().next().value);
    }
    for (const face of faces.slice(0, MOST_JUDGED)) await this.judged(photo, face);
    const told = faces.map(({ box: [left, top, right, bottom], judged }, i) => ({
      number: i + 1,
      box: { left, top, right, bottom },
      age: judged ? tenths(judged.years) : null,
    }));
    return { id, width: photo.width, height: photo.height, faces: told };
  }

  /** Ages faces of a photograph; returns { blob, width, height, faces }. */
  async age(id, { faces, years, change }) {
    const opened = this.opened(id);
    const { photo, type } = opened;
    const chosen = faces.map((number) => this.faceOf(opened, number));
    const made = [];
    for (const [i, face] of chosen.entries()) {
      const wanted = change === undefined ? years : await this.after(photo, face, change);
      const crop = this.cropOf(opened, faces[i]);
      made.push({ ...crop, aged: await this.atYears(crop, wanted) });
    }
    opened.aged = pasteAll(photo, made, this.mask);
    const { width, height } = photo;
    const told = await this.compare(id, faces);
    return { blob: await writePhoto(opened.aged, type), width, height, faces: told };
  }

  /** Returns what is judged of faces of the last result. */
  async compare(id, faces) {
    const opened = this.opened(id);
    const told = [];
    for (const number of faces) {
      const judged = await this.compared(opened, this.faceOf(opened, number));
      told.push({ number, ...judged });
    }
    return told;
  }

  /** Returns a face at several ages, [{ years, blob }]. */
  async strip(id, { face, years }) {
    const opened = this.opened(id);
    const crop = this.cropOf(opened, face);
    const small = around(opened.photo, this.faceOf(opened, face));
    const { template, size } = this.settings;
    const transform = toCrop(small.face.points, template, size);
    const pictures = [];
    for (const year of years) {
      const aged = await this.atYears(crop, year);
      const faces = [{ seen: crop.seen, aged, transform }];
      const picture = pasteAll(small.photo, faces, this.mask);
      pictures.push({ years: year, blob: await writePreview(picture) });
    }
    return pictures;
  }

  close(id) {
    this.photos.delete(id);
  }

  opened(id) {
    const opened = this.photos.get(id);
    if (!opened) throw failure("gone");
    return opened;
  }

  faceOf({ faces }, number) {
    if (!faces[number - 1]) throw failure("unsupported", "There is no such face.");
    return faces[number - 1];
  }

  /** Returns { seen, transform, at }: what the network sees, and its faces by group. */
  cropOf({ photo, faces, crops }, number) {
    if (!crops.has(number)) {
      const { template, size } = this.settings;
      const transform = toCrop(faces[number - 1].points, template, size);
      crops.set(number, { seen: cut(photo, transform, size), transform, at: new Map() });
    }
    return crops.get(number);
  }

  async atYears({ seen, at }, years) {
    const { groupYears, youngest, oldest } = this.settings;
    if (!(years >= youngest && years <= oldest)) {
      throw failure("unsupported", `${youngest} - ${oldest}`);
    }
    const shares = sharesOf(groupYears, years);
    const missing = shares.map(([group]) => group).filter((group) => !at.has(group));
    if (missing.length) {
      const made = await this.generate(seen, missing);
      missing.forEach((group, i) => at.set(group, made[i]));
    }
    return mix(at, shares);
  }

  /** Returns the years that a face is to be shown at, counted from its own. */
  async after(photo, face, change) {
    const judged = await this.judged(photo, face);
    if (!judged) throw failure("unsupported", "The face's own age is not known.");
    const { youngest, oldest } = this.settings;
    return Math.min(Math.max(round(judged.years) + change, youngest), oldest);
  }

  /** Judges a face of a photograph, once; null while there is no judge. */
  async judged(photo, face) {
    if (this.judge) face.judged ??= await this.judge(judgedCrop(photo, face));
    return face.judged ?? null;
  }

  async compared({ photo, aged }, face) {
    const before = await this.judged(photo, face);
    if (!before) {
      return { judgedBefore: null, judgedAfter: null, samePerson: null, distance: null };
    }
    const after = await this.judge(judgedCrop(aged, face));
    const distance = Math.hypot(
      ...before.descriptor.map((value, i) => value - after.descriptor[i]),
    );
    return {
      judgedBefore: tenths(before.years),
      judgedAfter: tenths(after.years),
      samePerson: distance <= SAME ? "same" : distance <= UNSURE ? "unsure" : "other",
      distance: Math.round(distance * 1000) / 1000,
    };
  }
}

function judgedCrop(photo, { points }) {
  return cut(photo, toCrop(points, DLIB_TEMPLATE, JUDGE_SIZE), JUDGE_SIZE);
}
