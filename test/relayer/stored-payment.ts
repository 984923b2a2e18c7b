import { hexlify, randomBytes, ZeroHash } from "ethers";

import type { NewPayment } from "../../relayer/store/payments.ts";

let nonce = 0n;

/** A plain payment as intake stores it, with changes. */
export function newPayment(changes: Partial<NewPayment> = {}): NewPayment {
  nonce += 1n;
  return {
    id: hexlify(randomBytes(32)),
    payer: "payer",
    payee: changes.merchant ?? "merchant",
    merchant: "merchant",
    token: "dollar",
    amount: 50n,
    nonce,
    deadline: 900n,
    memo: hexlify(randomBytes(32)),
    r: ZeroHash,
    vs: ZeroHash,
    signature: null,
    signer: null,
    funding: "account",
    fx: null,
    terms: null,
    holdId: null,
    requestId: null,
    deployment: null,
    ...changes,
  };
}
