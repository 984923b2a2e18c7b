import { MAX_NONCE } from "./typed-data.ts";

const INDEX_AT = 56n;

/** The index of a payment that the owner signs herself. */
export const OWNER = 0;
export const MAX_DEVICE_INDEX = 255;

/** Who signs a payment from an account, and which number of the signer's own sequence it has. */
export interface SplitNonce {
  /** 0: the owner; 1 to 255: her device at that index. */
  readonly index: number;
  readonly sequence: bigint;
}

/**
 * The nonce of a payment that the device at `index` signs. Each device counts for itself.
 * @throws RangeError unless `index` is from 0 to 255 and `sequence` from 0 to 2^56 - 2.
 * @example
 * deviceNonce(3, 7n); // 0x0300000000000007n
 */
export function deviceNonce(index: number, sequence: bigint): bigint {
  if (!Number.isInteger(index) || index < OWNER || index > MAX_DEVICE_INDEX) {
    throw new RangeError(`A device's index is from ${OWNER} to ${MAX_DEVICE_INDEX}, not ${index}`);
  }
  if (sequence < 0n || sequence > MAX_NONCE) {
    throw new RangeError(`A sequence number is from 0 to ${MAX_NONCE}, not ${sequence}`);
  }
  return (BigInt(index) << INDEX_AT) | sequence;
}

/** The two parts of a payment's nonce. */
export function splitNonce(nonce: bigint): SplitNonce {
  return { index: Number(nonce >> INDEX_AT), sequence: nonce & ((1n << INDEX_AT) - 1n) };
}
