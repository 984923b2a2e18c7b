import { concat, dataLength, dataSlice, id, toBeHex, toBigInt } from "ethers";

import { P256_ORDER, p256Address } from "../../sdk/p256.ts";
import type { SignatureVector } from "../../test/vectors/signature-vectors.ts";

export function digestOf(name: string): string {
  return id(`Corridor signature vector: ${name}`);
}

/** The vector with another name and other members, no longer valid. */
export function derive(from: SignatureVector, name: string, change: Partial<SignatureVector>): SignatureVector {
  return { ...from, name: `${from.name}: ${name}`, valid: false, by: "derived", ...change };
}

/** The signature with other bytes from `start` on. */
export function overwrite(signature: string, start: number, bytes: string): string {
  return concat([dataSlice(signature, 0, start), bytes, dataSlice(signature, start + dataLength(bytes))]);
}

/** What can be wrong with the numbers of any P-256 signature: x, y, r and s are its first 128 bytes. */
export function deriveNumbers(from: SignatureVector): SignatureVector[] {
  const { signature } = from;
  const [x, y, s] = [dataSlice(signature, 0, 32), dataSlice(signature, 32, 64), dataSlice(signature, 96, 128)];
  const write = (start: number, value: bigint): Partial<SignatureVector> => ({
    signature: overwrite(signature, start, toBeHex(value, 32)),
  });
  const withKey = (key: { x: string; y: string }): Partial<SignatureVector> => ({
    signer: p256Address(key),
    signature: overwrite(signature, 0, concat([key.x, key.y])),
  });
  const other = { x: digestOf("no x"), y: digestOf("no y") };
  const negated = { x, y: toBeHex(P256_FIELD - toBigInt(y), 32) };
  return [
    derive(from, "the high s", write(96, P256_ORDER - toBigInt(s))),
    derive(from, "s = 0", write(96, 0n)),
    derive(from, "s = the order", write(96, P256_ORDER)),
    derive(from, "r = 0", write(64, 0n)),
    derive(from, "r = the order", write(64, P256_ORDER)),
    derive(from, "another digest", { digest: digestOf("another one") }),
    derive(from, "another signer", { signer: p256Address(other) }),
    derive(from, "a key off the curve, and its own address", withKey(other)),
    derive(from, "the key's negative, and its own address", withKey(negated)),
    derive(from, "the key at infinity, and its own address", withKey({ x: toBeHex(0, 32), y: toBeHex(0, 32) })),
  ];
}

/** Cut at each of `lengths`, and one byte too long. */
export function deriveLengths(from: SignatureVector, lengths: readonly number[]): SignatureVector[] {
  return [
    ...lengths.map((length) =>
      derive(from, `cut to ${length} bytes`, { signature: dataSlice(from.signature, 0, length) }),
    ),
    derive(from, "one byte too many", { signature: concat([from.signature, "0x00"]) }),
  ];
}

const P256_FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
