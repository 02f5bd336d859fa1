/* One request with a form's own fields to the server, with progress. No attribute of its own: capture-queue.js and camera.js call it.
   Resolves to {location} when the server sends on, {html, code} when it says something, {failed} when nothing arrived. */
export function send(action, form, { picture, fields = {}, onProgress, unasked } = {}) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  for (const [name, value] of Object.entries(fields)) if (value) body.set(name, value);
  if (picture) body.set("photo", picture, picture.name || "photo.jpg");
  const request = new XMLHttpRequest();
  request.open("POST", action);
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
    request.send(body);
  });
}

/* An id that rises with time (UUIDv7, RFC 9562), also where crypto.randomUUID is not to be had (plain http). */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
