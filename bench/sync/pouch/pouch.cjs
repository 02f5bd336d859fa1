// The peer: PouchDB replicating the same records with a server that speaks CouchDB's protocol (express-pouchdb over LevelDB).
// The first argument says what; each prints lines of JSON. Modules come from the folder in NODE_PATH.
"use strict";

const crypto = require("crypto");
const PouchDB = require("pouchdb-core");
PouchDB.plugin(require("pouchdb-adapter-leveldb"))
  .plugin(require("pouchdb-adapter-http"))
  .plugin(require("pouchdb-replication"));

const say = (what) => console.log(JSON.stringify(what));
const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// serve PORT FOLDER: until it is killed
async function serve(port, folder) {
  const app = require("express")();
  const Prefixed = PouchDB.defaults({ prefix: `${folder}/`, adapter: "leveldb" });
  app.use("/", require("express-pouchdb")(Prefixed, {
    mode: "minimumForPouchDB",
  }));
  app.listen(Number(port), "127.0.0.1", () => say({ ready: true }));
}

// fill FOLDER NAME COUNT BODY SIZE,SIZE,…: records of BODY bytes with an attachment of each SIZE
async function fill(folder, name, count, body, sizes) {
  const db = new PouchDB(`${folder}/${name}`, { adapter: "leveldb" });
  const wanted = sizes ? sizes.split(",").map(Number) : [];
  const many = wanted.length ? 1 : 500;
  for (let at = 0; at < count; at += many) {
    const docs = [];
    for (let place = at; place < Math.min(count, at + many); place += 1) {
      const doc = { _id: `${name}-${String(place).padStart(7, "0")}`, body: crypto.randomBytes((body * 3) / 4).toString("base64") };
      if (wanted.length) {
        doc._attachments = Object.fromEntries(wanted.map((size, slot) => [
          `photo-${slot}`, { content_type: "application/octet-stream", data: crypto.randomBytes(size) },
        ]));
      }
      docs.push(doc);
    }
    await db.bulkDocs(docs);
  }
  await db.close();
  say({ filled: count });
}

// push FOLDER NAME,NAME,… URL BATCH SECONDS: all of them at once, again after every break, until all is there or time is up
async function push(folder, names, url, batch, seconds) {
  const began = Date.now();
  const until = began + seconds * 1000;
  const before = peak();
  const taken = [];
  let breaks = 0;
  const bring = async (name) => {
    const db = new PouchDB(`${folder}/${name}`, { adapter: "leveldb" });
    const remote = new PouchDB(url, { skip_setup: false });
    while (Date.now() < until) {
      const running = db.replicate.to(remote, { batch_size: batch });
      let last = Date.now();
      running.on("change", () => { taken.push(Date.now() - last); last = Date.now(); });
      const timer = setTimeout(() => running.cancel(), Math.max(0, until - Date.now()));
      try {
        const done = await running;
        clearTimeout(timer);
        if (done.ok && done.status === "complete") break;
      } catch (error) {
        clearTimeout(timer);
        breaks += 1;
        await pause(Math.random() * 2000); // as long as ours waits
      }
    }
  };
  await Promise.all(names.split(",").map(bring));
  taken.sort((a, b) => a - b);
  say({ ms: Date.now() - began, breaks, before, mib: peak(), p95: taken[Math.floor(taken.length * 0.95)] || 0 });
  process.exit(0);
}

// pull URL FOLDER BATCH: all of it
async function pull(url, folder, batch) {
  const began = Date.now();
  const db = new PouchDB(`${folder}/pulled`, { adapter: "leveldb" });
  const before = peak();
  const done = await db.replicate.from(url, { batch_size: batch });
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpu = Math.round((userCPUTime + systemCPUTime) / 1000);
  say({ ms: Date.now() - began, count: done.docs_written, mib: peak(), before, cpu });
  process.exit(0);
}

// held URL: how many records are there
async function held(url) {
  const info = await new PouchDB(url).info();
  say({ count: info.doc_count });
}

const [what, ...given] = process.argv.slice(2);
const run = {
  serve: () => serve(given[0], given[1]),
  fill: () => fill(given[0], given[1], Number(given[2]), Number(given[3]), given[4]),
  push: () => push(given[0], given[1], given[2], Number(given[3]), Number(given[4])),
  pull: () => pull(given[0], given[1], Number(given[2])),
  held: () => held(given[0]),
}[what];
run().catch((error) => { console.error(String(error)); process.exit(1); });
