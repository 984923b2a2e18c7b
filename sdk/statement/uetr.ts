import { concat, getBytes, hexlify, keccak256, toUtf8Bytes } from "ethers";

const PREFIX = toUtf8Bytes("Corridor UETR");

/**
 * The UETR of a payment that was given none: the first 16 bytes of `keccak256("Corridor UETR" ‖ payment id)`, with version and variant
 * of a UUIDv4 set over them. Whoever has the id finds the same.
 */
export function uetrOf(paymentId: string): string {
  const bytes = getBytes(keccak256(concat([PREFIX, paymentId]))).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = hexlify(bytes).slice(2);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A UETR where there is room for 35 characters only: without its hyphens. */
export function compactUetr(uetr: string): string {
  return uetr.replaceAll("-", "");
}
