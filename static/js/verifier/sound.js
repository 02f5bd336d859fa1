/* A verdict one hears and feels; both add to picture and word, and can be switched off on this device. No attribute of its own. */
import { ring, shake } from "../verdict-notes.js";

const KINDS = { green: "yes", amber: "look", red: "no" };
const KEY = "gate-quiet";

export function isQuiet() {
  try { return localStorage.getItem(KEY) === "1"; } catch { return false; }
}

export function hush(quiet) {
  try { localStorage.setItem(KEY, quiet ? "1" : "0"); } catch { /* for as long as the page is open there is no telling */ }
}

export function play(verdict) {
  if (isQuiet()) return;
  shake(KINDS[verdict]);
  ring(KINDS[verdict]);
}
