/* What stays on the device, in IndexedDB: the root it met first, the list as it was signed, its sealed buckets by their SHA-256, the
   highest version ever used, the venue, today's counts. No text of a card, no name. No attribute of its own. */
const NAME = "honorcard-gate";
const DURABLE = { durability: "strict" };
const SOON = { durability: "relaxed" }; // for buckets: what makes them count is written after them, and durably

/* Throws what the browser says when it keeps nothing for pages (a private window). */
export async function openStore() {
  let db = null;

  async function opened() {
    if (db) return db;
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("state"); asked.result.createObjectStore("buckets"); };
    db = await done(asked);
    db.onclose = () => { db = null; };
    db.onversionchange = () => { db?.close(); db = null; };
    return db;
  }

  async function begun(rooms, mode) {
    const how = rooms.includes("state") ? DURABLE : SOON;
    try { return (await opened()).transaction(rooms, mode, how); } catch (error) {
      if (error.name !== "InvalidStateError") throw error;
      db = null; // the browser closed it under us
      return (await opened()).transaction(rooms, mode, how);
    }
  }

  const one = async (room, mode, ask) => {
    const turn = await begun([room], mode), asked = ask(turn.objectStore(room));
    await ended(turn);
    return asked.result;
  };

  await opened();
  return {
    get: key => one("state", "readonly", room => room.get(key)),
    put: (key, value) => one("state", "readwrite", room => room.put(value, key)),
    bucket: async name => await one("buckets", "readonly", room => room.get(name)) || null,
    keep: (name, bytes) => one("buckets", "readwrite", room => room.put(bytes, name)),
    drop: name => one("buckets", "readwrite", room => room.delete(name)),
    names: () => one("buckets", "readonly", room => room.getAllKeys()),

    /* Reads, changes and writes one value in one turn, so that two windows do not undo each other. */
    async change(key, make) {
      const turn = await begun(["state"], "readwrite"), room = turn.objectStore("state"), asked = room.get(key);
      let made;
      asked.onsuccess = () => { made = make(asked.result); room.put(made, key); };
      await ended(turn);
      return made;
    },

    /* The new list takes effect: manifest, highest version and the buckets that stay, all or nothing. False when this device has
       used a higher version meanwhile. keep: names of the buckets that something still needs. */
    async publish(list, keep) {
      const turn = await begun(["state", "buckets"], "readwrite");
      const state = turn.objectStore("state"), buckets = turn.objectStore("buckets"), asked = state.get("highest");
      let taken = false;
      asked.onsuccess = () => {
        if (list.version < (asked.result || 0)) return;
        taken = true;
        state.put(list, "list");
        state.put(list.version, "highest");
        const keys = buckets.getAllKeys();
        keys.onsuccess = () => keys.result.filter(name => !keep.has(name)).forEach(name => buckets.delete(name));
      };
      await ended(turn);
      return taken;
    },

    async wipe() {
      db?.close();
      db = null;
      await done(indexedDB.deleteDatabase(NAME));
    },
  };
}

const done = asked => new Promise((resolve, reject) => {
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
  asked.onblocked = () => reject(new DOMException("another window holds it", "AbortError"));
});

const ended = turn => new Promise((resolve, reject) => {
  turn.oncomplete = resolve;
  turn.onabort = turn.onerror = () => reject(turn.error || new DOMException("not written", "AbortError"));
});
