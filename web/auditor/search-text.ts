import { getAddress, isHexString } from "ethers";

/** What somebody looks for. Ids, memos and hashes have the same form: the chain says which of them it is. */
export type SearchTarget =
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "nothing" | "unreadable" | "bad_checksum" };

/** Reads a pasted text; spaces around it and a missing 0x are forgiven, a wrong checksum is not. */
export function readSearch(text: string): SearchTarget {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "nothing" };
  const hex = /^0x/i.test(trimmed) ? `0x${trimmed.slice(2)}` : `0x${trimmed}`;
  if (isHexString(hex, 32)) return { kind: "word", word: hex.toLowerCase() };
  if (!isHexString(hex, 20)) return { kind: "unreadable" };
  try {
    return { kind: "address", address: getAddress(hex) };
  } catch {
    return { kind: "bad_checksum" };
  }
}
