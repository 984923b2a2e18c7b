import { AbiCoder, keccak256 } from "ethers";

import { authorizationNumber, type PulledFunding } from "../sdk/gateway-typed-data.ts";

/** What a payer signs for x402's scheme `exact`: who gets how much of her tokens, and when. */
export interface X402Terms {
  readonly kind: PulledFunding;
  readonly token: string;
  readonly payer: string;
  readonly payee: string;
  /** {qTok} */
  readonly amount: bigint;
  /** Unix seconds; by ERC-3009 exclusive, by Permit2 inclusive. */
  readonly validAfter: bigint;
  /** Unix seconds; by ERC-3009 exclusive, by Permit2 (its deadline) inclusive. */
  readonly validBefore: bigint;
  /** 32 bytes in hex. */
  readonly nonce: string;
}

/** A payment with its signature as the settler takes it: compact ECDSA, or of any other kind in `signature`. */
export interface X402Row extends X402Terms {
  readonly id: string;
  readonly r: string;
  readonly vs: string;
  readonly signature: string | null;
}

const MEMBERS = ["uint8", "address", "address", "address", "uint256", "uint256", "uint256", "bytes32"];

/** The id of a payment: the hash of its terms. Equal to `X402Settler.rowId`. */
export function x402Id(terms: X402Terms): string {
  const { kind, token, payer, payee, amount, validAfter, validBefore, nonce } = terms;
  const values = [authorizationNumber(kind), token, payer, payee, amount, validAfter, validBefore, nonce];
  return keccak256(AbiCoder.defaultAbiCoder().encode(MEMBERS, values));
}
