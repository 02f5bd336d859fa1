/* The screen does not go dark while the page is in sight. No attribute of its own. Where a browser has no wake lock nothing is done;
   the system's own settings hold then. */
let lock = null, asking = false;

async function hold() {
  if (asking || (lock && !lock.released) || document.visibilityState !== "visible" || !navigator.wakeLock) return;
  asking = true;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch { /* the battery is low, or the page is being left */ }
  asking = false;
}

document.addEventListener("visibilitychange", hold);
addEventListener("pageshow", hold);
addEventListener("pointerdown", hold, { passive: true }); // some browsers want a touch first, and some let go by themselves
hold();
