/**
 * Reads a vector as `encode(halfvec_send(…), 'base64')` writes it: two numbers of 16 bits before, then one for each
 * dimension, in half precision, the high byte first.
 */
export function readHalfVector(base64: string): Float32Array {
  const bytes = atob(base64);
  const vector = new Float32Array((bytes.length - 4) / 2);
  for (let at = 0; at < vector.length; at += 1) {
    vector[at] = halfToNumber((bytes.charCodeAt(4 + 2 * at) << 8) | bytes.charCodeAt(5 + 2 * at));
  }
  return vector;
}

/** One bit of sign, five of exponent, ten of fraction (IEEE 754 binary16). Vectors hold no infinities. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
