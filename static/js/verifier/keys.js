/* What a scanner meant that types like a keyboard (../scan-keys.js), of the two ways its text was heard; full width (an input method was
   on) and the wrong case (Caps Lock was on) are the keyboard's doing and are undone; the card itself is read strictly. No attribute. */
const ADDRESS = /^HTTPS:\/\//;

export function meant({ text, keys }) {
  const ways = [asPrinted(text), asPrinted(keys)];
  return ways.find(way => ADDRESS.test(way)) || ways[0];
}

/* What the scanner read, from what the keyboard made of it. */
export function asPrinted(text) {
  const narrow = text.trim().replace(/[\uff01-\uff5e]/g, one => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  return /^https:\/\/[^A-Z]+#[0-9]+$/.test(narrow) ? narrow.toUpperCase() : narrow;
}
