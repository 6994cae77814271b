/**
 * Reads a vector that `encode(halfvec_send(…), 'base64')` wrote: two 16-bit numbers, then one number of half precision
 * for each dimension, all big-endian.
 */
export function readHalfVector(base64: string): Float32Array {
  const bytes = atob(base64);
  const vector = new Float32Array((bytes.length - 4) / 2);
  for (let at = 0; at < vector.length; at += 1) {
    vector[at] = halfToNumber((bytes.charCodeAt(4 + 2 * at) << 8) | bytes.charCodeAt(5 + 2 * at));
  }
  return vector;
}

/**
 * The bits are one of sign, five of exponent and ten of fraction (IEEE 754 binary16). Vectors contain no infinities.
 */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
