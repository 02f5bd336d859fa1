/* One picture to the server, with progress. No attribute of its own: camera.js calls it.
   Resolves to {location} when it was kept, {html, code} when the server said a sentence, {failed} when nothing arrived. */
export function send(form, picture, { onProgress, unasked } = {}) {
  const fields = new FormData(form);
  fields.set("photo", picture, picture.name || "photo.jpg");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href); // where to come back to when the tablet locked itself
  if (unasked) request.setRequestHeader("X-Poll", "1"); // nobody pressed anything: the tablet may still lock itself
  request.timeout = 120_000;
  return new Promise(resolve => {
    request.upload.addEventListener("progress", event => {
      if (event.lengthComputable) onProgress?.(Math.round((100 * event.loaded) / event.total));
    });
    request.addEventListener("load", () => {
      const location = request.getResponseHeader("HX-Redirect");
      if (location) resolve({ location });
      else resolve({ html: request.responseText, code: request.status });
    });
    for (const end of ["error", "timeout", "abort"]) request.addEventListener(end, () => resolve({ failed: true }));
    request.send(fields);
  });
}
