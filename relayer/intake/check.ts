import { ZeroAddress, ZeroHash } from "ethers";

import { recoverSigner, toCompactSignature } from "../../sdk/signature.ts";
import { termsHash } from "../../sdk/hold-typed-data.ts";
import { MAX_NONCE } from "../../sdk/typed-data.ts";
import type { AccountState } from "../store/chain.ts";
import type { NewPayment } from "../store/payments.ts";
import type { Authorization } from "./authorization.ts";
import { checkTerms, toStoredTerms } from "./terms.ts";

/** Why a well-formed payment is not accepted. Stable. */
export const REFUSAL_CODES = [
  "unknown_token",
  "invalid_payee",
  "expired",
  "bad_signature",
  "nonce_used",
  "nonce_stale",
  "nonce_conflict",
  "account_frozen",
  "insufficient_balance",
  "invalid_terms",
  "amount_too_high",
  "request_mismatch",
  "request_expired",
  "request_paid",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  readonly field: string;
  readonly expected: string;
  /** The payment that holds the nonce, where that is the reason. */
  readonly paymentId?: string;
}

export interface CheckContext {
  readonly ledger: string;
  /** Where holds are opened; `undefined` if they are not served here. */
  readonly escrow: string | undefined;
  readonly tokens: ReadonlySet<string>;
  /** Unix seconds: the later of this machine's clock and the chain's. */
  readonly now: bigint;
}

/** What the payment itself shows: needs no account. The signature is checked in the contract's own order and terms. */
export function checkAuthorization(
  id: string,
  { payment, signature, request }: Authorization,
  context: CheckContext,
): NewPayment | Refusal {
  if (!context.tokens.has(payment.token)) {
    return { code: "unknown_token", field: "payment.token", expected: `one of ${[...context.tokens].join(", ")}` };
  }
  const { terms, memo } = payment;
  if (terms !== undefined) {
    const refusal = checkTerms(payment, terms, context);
    if (refusal !== undefined) return refusal;
  } else if (payment.payee === context.escrow) {
    // The Escrow would get the money and know nothing of it.
    return { code: "invalid_payee", field: "payment.terms", expected: "the terms of a hold in the memo's place" };
  }
  if (payment.payee === ZeroAddress || payment.payee === context.ledger) {
    return { code: "invalid_payee", field: "payment.payee", expected: "an account that can take its money out again" };
  }
  if (payment.deadline < context.now) {
    return { code: "expired", field: "payment.deadline", expected: `${context.now} or later` };
  }
  const compact = toCompactSignature(signature);
  if (compact === undefined || recoverSigner(id, compact) !== payment.payer) {
    return {
      code: "bad_signature",
      field: "signature",
      expected: `the payer's signature over this payment, for this chain and Ledger (digest ${id})`,
    };
  }
  return {
    ...payment,
    id,
    ...compact,
    memo: terms === undefined ? (memo ?? ZeroHash) : termsHash(terms),
    terms: terms === undefined ? null : toStoredTerms(terms),
    merchant: terms === undefined ? payment.payee : terms.payee,
    requestId: request ?? null,
  };
}

const WINDOW = 64n;

/** What the payer's account says, before the amount is reserved. */
export function checkAccount(payment: NewPayment, account: AccountState, now: bigint): Refusal | undefined {
  if (now < account.frozenUntil) {
    return {
      code: "account_frozen",
      field: "payment.payer",
      expected: `an account that is not frozen (until ${account.frozenUntil})`,
    };
  }
  const nonce = checkNonce(payment.nonce, account);
  if (nonce !== undefined) return nonce;
  const available = account.balance - account.reserved;
  if (available < payment.amount) {
    return {
      code: "insufficient_balance",
      field: "payment.amount",
      expected: `at most ${available > 0n ? available : 0n}, which the account holds beside what it has promised`,
    };
  }
  return undefined;
}

/** The contract's `NonceWindow`, mirrored. */
function checkNonce(nonce: bigint, account: AccountState): Refusal | undefined {
  const expected = `a free nonce from ${account.nextNonce > WINDOW ? account.nextNonce - WINDOW : 0n} to ${MAX_NONCE}`;
  if (nonce >= account.nextNonce) return undefined;
  const age = account.nextNonce - 1n - nonce;
  if (age >= WINDOW) return { code: "nonce_stale", field: "payment.nonce", expected };
  if ((account.window >> age) & 1n) return { code: "nonce_used", field: "payment.nonce", expected };
  return undefined;
}
