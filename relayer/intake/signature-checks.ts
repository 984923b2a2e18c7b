import { ZeroHash } from "ethers";

import { unwrapSignature } from "../../sdk/erc6492.ts";
import { toCompactSignature } from "../../sdk/signature.ts";

/** Who says whose a signature is: first without the chain, then, where only a contract account could take it, the chain. */
export interface SignatureChecks {
  /** The contract's order (docs/signatures.md), up to the question that it would put to a contract. Never throws. */
  readonly checkSignature: (signer: string, digest: string, signature: string) => "valid" | "invalid" | "ask_contract";
  /** Rejects, retriable, if the chain could not be asked. */
  readonly askContract: (signer: string, digest: string, signature: string) => Promise<boolean>;
  /** As `askContract`: whether there is a contract at all. */
  readonly hasCode: (account: string) => Promise<boolean>;
}

/** A signature as it is stored and sent. */
export interface StoredSignature {
  /** Compact ECDSA, or zero words. */
  readonly r: string;
  readonly vs: string;
  /** Of any other kind, in full. */
  readonly signature: string | null;
}

/** @returns how the signature is sent, or `undefined` if it is not `signer`'s. */
export async function readSignature(
  checks: SignatureChecks,
  signer: string,
  digest: string,
  given: string,
): Promise<StoredSignature | undefined> {
  const signature = await unwrapDeployed(checks, signer, given);
  if (signature === undefined) return undefined;
  switch (checks.checkSignature(signer, digest, signature)) {
    case "invalid":
      return undefined;
    case "valid": {
      const compact = toCompactSignature(signature);
      return compact === undefined ? inFull(signature) : { ...compact, signature: null };
    }
    case "ask_contract":
      // Even 65 bytes of ECDSA: they are the wallet's owner's, and the wallet reads them as they came.
      return (await checks.askContract(signer, digest, signature)) ? inFull(signature) : undefined;
  }
}

/**
 * What a wallet itself takes of a signature wrapped by ERC-6492, if the wallet is there by now; any other signature as it is.
 * @returns `undefined` if the wallet is not there.
 */
export async function unwrapDeployed(
  { hasCode }: Pick<SignatureChecks, "hasCode">,
  signer: string,
  signature: string,
): Promise<string | undefined> {
  const wrapped = unwrapSignature(signature);
  if (wrapped === undefined) return signature;
  return (await hasCode(signer)) ? wrapped.signature : undefined;
}

export function inFull(signature: string): StoredSignature {
  return { r: ZeroHash, vs: ZeroHash, signature };
}
