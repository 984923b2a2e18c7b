import { type Provider, toBeHex, ZeroHash } from "ethers";

/** P256VERIFY of EIP-7951 and RIP-7212. */
export const P256_PRECOMPILE = toBeHex(0x100, 20);

/** A valid signature: hash, r, s, x, y (a test vector of EIP-7951). */
export const VALID_P256_CALL = [
  "0x4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4d",
  "a73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac",
  "36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d60",
  "4aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff3",
  "7618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e",
].join("");

/** Whether the chain checks P-256 signatures by itself; where it does not, a contract does, for much more gas. */
export async function hasP256Precompile(provider: Pick<Provider, "call">): Promise<boolean> {
  const answer = await provider.call({ to: P256_PRECOMPILE, data: VALID_P256_CALL });
  return answer !== "0x" && BigInt(answer) === 1n && answer.length === ZeroHash.length;
}
