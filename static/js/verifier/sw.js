/* The verifier without a line: every file of one version, fetched, compared with its SHA-256, and answered from here alone. SET, the
   version and its files, is written above by the center. A new version is fetched beside the old one and waits until no page of the
   old one is open, or until the page asks for it; no page ever sees files of two. Lists of cards are none of its business. */
const CACHE = `gate-${SET.version}`;

self.addEventListener("install", event => event.waitUntil(fill()));

self.addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("gate-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("message", event => { if (event.data === "now") self.skipWaiting(); });

self.addEventListener("fetch", event => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === self.location.origin && SET.files[pathname]) event.respondWith(answer(pathname, event.request));
});

async function fill() {
  const cache = await caches.open(CACHE);
  const all = await Promise.allSettled(Object.entries(SET.files).map(async ([path, digest]) => {
    const fresh = await fetch(path, { cache: "no-store", credentials: "omit" });
    if (!fresh.ok || fresh.redirected) throw new TypeError(`${path}: ${fresh.status}`);
    const copy = fresh.clone(), found = await crypto.subtle.digest("SHA-256", await fresh.arrayBuffer());
    if (hex(found) !== digest) throw new TypeError(`${path}: another version`);
    await cache.put(path, copy);
  }));
  const failed = all.find(one => one.status === "rejected");
  if (!failed) return;
  await caches.delete(CACHE); // half a version is none
  throw failed.reason;
}

async function answer(path, request) {
  const cache = await caches.open(CACHE);
  return await cache.match(path, { ignoreVary: true }) || fetch(request);
}

const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, "0")).join("");
