/**
 * SHA-256 of the bytes of vectors of `groundwork-lexical-1`, little-endian. They must never change, because stored
 * vectors are compared with new ones. A model with other vectors needs another name.
 */
export const goldenVectors: [text: string, sha256: string][] = [
  ["Beekeeping in the city", "54d21cbe763563f823ba56327eb9c6f0890f40801de5bdab68ddf9dd875909da"],
  ["I can't sleep; call mother on Thursday.", "01e9e3ac46855b4111bd917246abad23a6be8c8719ab3297237f29a4c08a506d"],
  ["Crème brûlée für Zoë", "06388b1650b015dbc137a50aeb693c8620d144c38702d9ea5ebfd97d511da723"],
  ["養蜂は楽しい 도시 양봉", "003b2bf1a8242dfa26059f29fe4c1be0bb761ef771dc84de1f20b1cb8ac2381d"],
  ["Пчёлы и осы", "3b99451a4ae1c2dabd9f9137a01a7e5c95e83ab15f5290802a012af421e4032c"],
  ["🎉🎉 party!", "91a1ddd0e68add9a46403d46da5f9543dc4cf4ba5c015405178398b7c492cd77"],
  ["!!!", "33ac077dd29d6dcace035d4e1a3f983f6925f667070e82dab875c130a3d0965a"],
];

export async function sha256(vector: Float32Array): Promise<string> {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((number, place) => bytes.setFloat32(place * 4, number, true));
  const digest = await crypto.subtle.digest("SHA-256", bytes.buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
