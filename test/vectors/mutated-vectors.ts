import { getBytes, hexlify } from "ethers";
import fc from "fast-check";

import { readSignatureVectors, type SignatureVector } from "./signature-vectors.ts";

/** Vectors with one to three bits turned, in signature or digest, now and then cut or made longer. */
export const mutatedVectors: fc.Arbitrary<SignatureVector> = fc
  .record({
    vector: fc.constantFrom(...readSignatureVectors()),
    turns: fc.array(fc.record({ at: fc.nat(), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 }),
    where: fc.oneof({ arbitrary: fc.constant("signature" as const), weight: 4 }, fc.constant("digest" as const)),
    cut: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, fc.nat(200)),
    added: fc.oneof({ arbitrary: fc.constant(new Uint8Array()), weight: 6 }, fc.uint8Array({ maxLength: 40 })),
  })
  .map(({ vector, turns, where, cut, added }) => {
    const bytes = getBytes(vector[where]).slice();
    for (const { at, bit } of turns) {
      const index = bytes.length === 0 ? 0 : at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
    }
    if (where === "digest") return { ...vector, digest: hexlify(bytes) };
    const kept = bytes.subarray(0, Math.max(0, bytes.length - cut));
    return { ...vector, signature: hexlify(new Uint8Array([...kept, ...added])) };
  });
