// Uploads the chosen file to api.video: with a token that our broker hands
// out, in parts that the official uploader sends.

/* global VideoUploader */

// Bytes of a part. On a fast line, smaller ones would meet the number of
// requests that the service takes in a minute.
const PART_SIZE = 10 * 2 ** 20;

// The pauses double: the last one is longer than that minute.
const RETRIES = 8;

const find = (id) => document.getElementById(id);
const main = document.querySelector("main");
const form = document.querySelector("form");
const chooser = form.elements.file;
const progress = find("progress");

// --- what is seen ----------------------------------------------------------

const inMebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);

function show(state, text = "") {
  const isBusy = state === "uploading";
  main.dataset.state = state;
  find("status").textContent = text;
  chooser.disabled = isBusy;
  onbeforeunload = isBusy ? (event) => event.preventDefault() : null;
}

function showChoice() {
  const [file] = chooser.files;
  find("choice").textContent = file
    ? `${file.name}, ${inMebibytes(file.size)} MiB` : "or drop it here";
}

// A part that is sent again does not take the bar back.
function showProgress(bytes, total) {
  progress.value = Math.max(progress.value, Math.min(bytes / total, 1));
  find("figures").textContent =
    `${inMebibytes(progress.value * total)} of ${inMebibytes(total)} MiB`;
}

function showVideo(video) {
  find("title").textContent = video.title;
  find("video-id").textContent = video.videoId;
}

// What failed, in words: the service's own where it has said something.
function sentence(failure) {
  if (failure.title) return failure.title;
  if (failure.status) return `The service answered ${failure.status}.`;
  return failure.message ?? "The connection was lost.";
}

// --- what is done ----------------------------------------------------------

async function askForToken() {
  const answer = await fetch("upload-token", { method: "POST" });
  const fields = await answer.json();
  if (answer.ok) return fields;
  const wait = answer.headers.get("Retry-After");
  const hint = wait ? `, try again in ${wait} seconds` : "";
  throw new Error(`No upload can begin: ${fields.error}${hint}.`);
}

// Milliseconds until a part is sent again, or null: never. What was refused
// stays refused, unless for too many requests. And as long as the video has
// no id, a part without an answer may have made one all the same: sent again,
// it would make another.
function pause(retries, { status }, hasVideo) {
  const isRefused = status >= 400 && status < 500;
  const mayRepeat = status === 429 || (hasVideo && !isRefused);
  return mayRepeat && retries < RETRIES ? 500 * 2 ** retries : null;
}

function uploaderOf(file, { token, service }) {
  const [scheme, host] = service.split("://");
  const uploader = new VideoUploader({
    file,
    uploadToken: token,
    apiHost: host,
    chunkSize: PART_SIZE,
    retryStrategy: (retries, failure) =>
      pause(retries, failure, uploader.videoId),
  });
  // It takes https for granted; a sandbox on this machine may do without.
  uploader.uploadEndpoint = uploader.uploadEndpoint.replace("https", scheme);
  uploader.onProgress((event) =>
    showProgress(event.uploadedBytes, event.totalBytes));
  return uploader;
}

// -> the video, once all of the file is there.
async function upload(file, stop) {
  if (file.size === 0) throw new Error("This file is empty.");
  const uploader = uploaderOf(file, await askForToken());
  stop.throwIfAborted();
  stop.onabort = () => uploader.cancel();
  return uploader.upload();
}

// Settles at once when it is stopped, whatever the uploader is waiting for.
const abortOf = (stop) => new Promise((_, reject) =>
  stop.addEventListener("abort", () => reject(stop.reason)));

form.onsubmit = async (event) => {
  event.preventDefault();
  const [file] = chooser.files;
  const controller = new AbortController();
  const stop = controller.signal;
  find("stop").onclick = () =>
    controller.abort(new Error("You stopped the upload."));
  progress.value = 0;
  find("figures").textContent = "";
  show("uploading", `Uploading ${file.name} …`);
  find("stop").focus();
  try {
    showVideo(await Promise.race([upload(file, stop), abortOf(stop)]));
    form.reset();
    showChoice();
    show("done", `Uploaded ${file.name}.`);
  } catch (failure) {
    show("failed", sentence(failure));
  }
  find("upload").focus();
};

chooser.onchange = () => {
  showChoice();
  show("choosing");
};

showChoice();
