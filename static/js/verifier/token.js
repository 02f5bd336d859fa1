/* The text in a card's QR code, VHC/1, read strictly; the twin of honorcard/card/token.py. Pure. */
import { ascii } from "./bytes.js";
import { decode, isBytes } from "./cbor.js";
import { parse as envelopeOf } from "./cose.js";

const LONGEST = 400;
const SEQ_LIMIT = 0xffffffff;
const EXP = 4, CARD = -65537;
const MOSTLY_DIGITS = 20;
const LOOKUP = /^[A-Z2-7]{16}$/;
const LOOKUP_ANY_CASE = /^[A-Za-z2-7]{16}$/;
const DIGITS = /^[1-9][0-9]*$/;
// Python's idea of white space, written out: JavaScript's differs in three characters
const FOREIGN = /^[Hh][Tt][Tt][Pp][Ss]:\/\/[^/?#\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+\/(?:[^?#\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\/)?[A-Z2-7]{16}#[0-9]+$/u;

/* A text that is not a sound card of ours; `code` is its row of the decision table. */
export class TokenError extends Error {
  constructor(code) { super(code); this.code = code; }
}

/* {kid, exp, seq, secret, lookup, external, envelope}; throws TokenError. Sound in shape, nothing is said of the signature. */
export function parse(text, prefix) {
  const letters = Array.from(text); // Python counts characters, not halves of them
  if (!text.startsWith(prefix) || letters.length > LONGEST) throw new TokenError(kindOf(text, letters, prefix));
  const rest = text.slice(prefix.length), mark = rest.indexOf("#");
  const lookup = rest.slice(0, mark), digits = rest.slice(mark + 1);
  if (mark < 0 || !LOOKUP.test(lookup) || !DIGITS.test(digits)) throw new TokenError(kindOf(text, letters, prefix));
  const framed = bytesOf(BigInt(digits));
  if (framed[0] !== 1) throw new TokenError("bad_signature");
  try {
    const envelope = envelopeOf(framed.subarray(1));
    return { ...claims(decode(envelope.payload)), kid: envelope.kid, lookup, external: ascii("VHC1" + lookup), envelope };
  } catch { // whatever is wrong with it: ours by its address, and not a card
    throw new TokenError("bad_signature");
  }
}

function claims(payload) {
  const card = payload instanceof Map && payload.size === 2 ? payload.get(CARD) : null, exp = payload.get(EXP);
  if (!Array.isArray(card) || card.length !== 2) throw new TypeError("other claims");
  const [seq, secret] = card;
  if (!inRange(exp) || !inRange(seq) || !isBytes(secret, 16)) throw new TypeError("claims out of range");
  return { exp, seq, secret };
}

const inRange = value => Number.isSafeInteger(value) && value > 0 && value <= SEQ_LIMIT;

function bytesOf(number) {
  const digits = number.toString(16), even = digits.length % 2 ? "0" + digits : digits;
  return Uint8Array.from(even.match(/../g), pair => parseInt(pair, 16));
}

/* The row of the table for a text that cannot be read. */
function kindOf(text, letters, prefix) {
  if (letters.slice(0, prefix.length).join("").toUpperCase() === prefix.toUpperCase()) {
    const rest = letters.slice(prefix.length).join(""), mark = rest.indexOf("#");
    const lookup = mark < 0 ? rest : rest.slice(0, mark), fragment = mark < 0 ? "" : rest.slice(mark + 1);
    const digits = (fragment.match(/[0-9]/g) || []).length;
    return LOOKUP_ANY_CASE.test(lookup) || digits >= MOSTLY_DIGITS ? "bad_signature" : "not_a_card";
  }
  return letters.length <= LONGEST && FOREIGN.test(text) ? "foreign" : "not_a_card";
}
