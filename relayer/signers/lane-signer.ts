import type { Signature } from "ethers";

/** A key that a lane sends by, wherever it is kept. */
export interface LaneSigner {
  /** With an EIP-55 checksum. */
  readonly address: string;
  /**
   * Signs 32 bytes, in hex, with low s (EIP-2) and the bit that recovers {@link address}.
   * @throws AppError `kms_…` if the key is kept elsewhere and does not answer well; see `kms-signer.ts`.
   */
  sign(digest: string): Promise<Signature>;
}
