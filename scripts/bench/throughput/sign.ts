import { randomBytes } from "node:crypto";

import { getBytes, hexlify, type SigningKey } from "ethers";
import secp256k1 from "secp256k1";

import { fastPaymentId } from "../../../native/payment-id.ts";
import type { LedgerDomain } from "../../../sdk/typed-data.ts";

/** A request that is ready to be sent, and the payment that it asks for. */
export interface SignedRequest {
  readonly id: string;
  readonly body: Buffer;
}

/** Who pays, and to whom, in which token. */
export interface Parties {
  readonly domain: LedgerDomain;
  readonly payers: readonly SigningKey[];
  readonly payees: readonly { readonly payee: string; readonly token: string }[];
  readonly deadline: bigint;
  addressOf(payer: SigningKey): string;
  /** The next nonce of a payer's account in a token. */
  nextNonce(payer: string, token: string): bigint;
}

/** Payments by payers in turn, to payees in turn, signed as a wallet would and written as a request's body. */
export function signRequests(parties: Parties, count: number): SignedRequest[] {
  const { domain, payers, payees, deadline } = parties;
  return Array.from({ length: count }, (_, index) => {
    const payer = payers[index % payers.length];
    const to = payees[(index + Math.floor(index / payers.length)) % payees.length];
    if (payer === undefined || to === undefined) throw new Error("No payers or no payees");
    const address = parties.addressOf(payer);
    const payment = {
      payer: address,
      ...to,
      amount: 1_000_000n + BigInt(index % 97) * 123_457n,
      nonce: parties.nextNonce(address, to.token),
      deadline,
      memo: hexlify(randomBytes(32)),
    };
    const id = fastPaymentId(domain, payment);
    const signature = sign(payer, id);
    const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
    return { id, body: Buffer.from(JSON.stringify({ payment, signature }, text)) };
  });
}

/** What `SigningKey.sign` answers, many times as fast: the set-up must not take longer than the run. */
function sign(key: SigningKey, digest: string): string {
  const { signature, recid } = secp256k1.ecdsaSign(getBytes(digest), getBytes(key.privateKey));
  return hexlify(Buffer.concat([signature, Buffer.from([27 + recid])]));
}
