/* COSE_Sign1 as the card uses it, the twin of honorcard/card/cose.py: ES256 only, deterministic CBOR, low-S, one-byte kid.
   What tells a card's token, a manifest, a key list and a signed moment apart is the external data. Pure, but for WebCrypto. */
import { ascii, join } from "./bytes.js";
import { decode, head, isBytes } from "./cbor.js";

const ES256 = -7;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const HOW = { name: "ECDSA", hash: "SHA-256" };

export class CoseError extends Error {}

const refuse = why => { throw new CoseError(why); };

/* {kid, header, payload, signature}; throws CborError or CoseError unless it is exactly what we write. */
export function parse(raw) {
  const outer = decode(raw);
  if (!Array.isArray(outer) || outer.length !== 4) refuse("not four parts");
  const [header, open, payload, signature] = outer;
  if (!isBytes(header) || !isBytes(payload) || !isBytes(signature, 64)) refuse("parts of the wrong shape");
  if (!(open instanceof Map) || open.size) refuse("unprotected headers");
  const said = decode(header);
  if (!(said instanceof Map) || said.size !== 2 || said.get(1) !== ES256 || !isBytes(said.get(4), 1)) refuse("another algorithm or kid");
  return { kid: said.get(4)[0], header, payload, signature };
}

/* Whether the key made this signature over payload and external data; a high-S twin is refused. */
export async function holds(envelope, external, key) {
  const text = part => join(head(2, part.length), part);
  const signed = join(head(4, 4), head(3, 10), ascii("Signature1"), text(envelope.header), text(external), text(envelope.payload));
  return signatureHolds(envelope.signature, signed, key);
}

/* Whether the key made this signature (r || s, 64 bytes, low-S) over these bytes. */
export async function signatureHolds(signature, signed, key) {
  if (!isBytes(signature, 64)) return false;
  const r = number(signature.subarray(0, 32)), s = number(signature.subarray(32));
  if (r <= 0n || r >= ORDER || s <= 0n || s > ORDER / 2n) return false;
  return crypto.subtle.verify(HOW, key, signature, signed);
}

/* The key of an uncompressed P-256 point; throws when it is none. */
export async function publicKey(raw) {
  if (!isBytes(raw, 65) || raw[0] !== 4) refuse("not an uncompressed point");
  return crypto.subtle.importKey("raw", raw, CURVE, false, ["verify"]);
}

function number(bytes) {
  let value = 0n;
  for (const byte of bytes) value = value << 8n | BigInt(byte);
  return value;
}
