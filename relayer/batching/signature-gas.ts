import { dataLength, dataSlice, getAddress, keccak256 } from "ethers";

/** Whose signature, of any kind, in full; null: it travels as compact ECDSA. */
export interface SignedInFull {
  readonly signer: string;
  readonly signature: string | null;
}

/** Gas of each kind above the worst case, beside the row's own. */
const P256_GAS = 20_000;
const PASSKEY_GAS = 60_000;
/** Where a contract does the arithmetic of P-256. */
const WITHOUT_PRECOMPILE_GAS = 400_000;
/** What the verifier gives a wallet, and what it keeps beside. */
const WALLET_GAS = 260_000;
/** A byte of calldata by EIP-7623, and its copies on the way to the wallet. */
const BYTE_GAS = 50;

const KEY_AND_SIGNATURE = 128;

/** What a signature costs the call that carries it, beyond compact ECDSA. */
export function signatureGas({ signer, signature }: SignedInFull, hasP256Precompile: boolean): number {
  if (signature === null) return 0;
  const length = dataLength(signature);
  return length * BYTE_GAS + kindGas(signer, signature, length, hasP256Precompile);
}

function kindGas(signer: string, signature: string, length: number, hasP256Precompile: boolean): number {
  if (length < KEY_AND_SIGNATURE || addressOfKey(signature) !== signer) return WALLET_GAS;
  const kind = length === KEY_AND_SIGNATURE ? P256_GAS : PASSKEY_GAS;
  return hasP256Precompile ? kind : kind + WITHOUT_PRECOMPILE_GAS;
}

function addressOfKey(signature: string): string {
  return getAddress(dataSlice(keccak256(dataSlice(signature, 0, 64)), 12));
}
