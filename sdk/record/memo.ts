import { concat, hexlify, isHexString, keccak256 } from "ethers";

/** 32 random bytes in hex: keeps an invoice that could be guessed from being found by its memo. */
export function newSalt(): string {
  return hexlify(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * The memo that commits to a file: keccak256(salt ‖ keccak256(file)). Who has file and salt can show that the payment was for it.
 * @param salt 32 bytes in hex, kept with the file. @throws RangeError on a salt of another length.
 */
export function invoiceMemo(file: Uint8Array, salt: string): string {
  if (!isHexString(salt, 32)) throw new RangeError("A salt has 32 bytes");
  return keccak256(concat([salt, keccak256(file)]));
}
