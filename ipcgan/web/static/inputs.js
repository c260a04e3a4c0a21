// The ways by which a photograph comes: chosen, dropped, pasted, or taken by a camera.
import { byId } from "./dom.js";
import { text } from "./language.js";

const JPEG_QUALITY = 0.95;
const CAMERA = { video: { facingMode: "user", width: { ideal: 1920 } }, audio: false };

const file = byId("file");
const dialog = byId("camera");
const video = byId("video");
const take = byId("take");

// Calls whenGiven(blob) for every photograph, whenFailed(message) without a camera.
export function startInputs(whenGiven, whenFailed) {
  byId("choose").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    if (file.files.length) {
      whenGiven(file.files[0]);
    }
    file.value = ""; // So that the same file can be chosen again.
  });
  startDrop(whenGiven);
  document.addEventListener("paste", (event) => {
    const given = fileOf(event.clipboardData);
    if (given) {
      event.preventDefault();
      whenGiven(given);
    }
  });
  startCamera(whenGiven, whenFailed);
}

const fileOf = (transfer) => [...(transfer?.files ?? [])][0];
const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function startDrop(whenGiven) {
  const { classList } = document.body;
  document.addEventListener("dragover", (event) => {
    if (hasFile(event)) {
      event.preventDefault();
      classList.add("dropping");
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) {
      classList.remove("dropping");
    }
  });
  document.addEventListener("drop", (event) => {
    classList.remove("dropping");
    const given = fileOf(event.dataTransfer);
    if (given) {
      event.preventDefault();
      whenGiven(given);
    }
  });
}

function startCamera(whenGiven, whenFailed) {
  const button = byId("use-camera");
  button.hidden = !navigator.mediaDevices?.getUserMedia;
  button.addEventListener("click", async () => {
    take.disabled = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia(CAMERA);
    } catch (error) {
      whenFailed(text("no_camera", { reason: error.message }));
      return;
    }
    dialog.showModal();
  });
  video.addEventListener("playing", () => {
    take.disabled = false;
  });
  take.addEventListener("click", async () => {
    const blob = await frameOf(video);
    dialog.close();
    whenGiven(blob);
  });
  byId("camera-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  });
}

function frameOf({ videoWidth, videoHeight }) {
  const canvas = document.createElement("canvas");
  canvas.width = videoWidth;
  canvas.height = videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY),
  );
}
