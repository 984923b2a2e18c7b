import { ZeroAddress, ZeroHash } from "ethers";

import { splitNonce } from "../../sdk/device-nonce.ts";
import { termsHash } from "../../sdk/hold-typed-data.ts";
import { MAX_NONCE } from "../../sdk/typed-data.ts";
import type { AccountState } from "../store/chain.ts";
import { type NewPayment, takenBy } from "../store/payments.ts";
import type { Authorization } from "./authorization.ts";
import type { CheckContext } from "./check-context.ts";
import { checkFx, type Exchanged } from "./fx.ts";
import type { Refusal } from "./refusal.ts";
import { checkTerms, toStoredTerms } from "./terms.ts";

/** A payment that is good but for what account, device and signature say. */
export type Draft = Omit<NewPayment, "r" | "vs" | "signature" | "signer" | "deployment">;

/** What the payment itself shows, in the contract's order and terms: needs neither account nor chain. */
export function checkAuthorization(
  id: string,
  { payment, funding, request }: Omit<Authorization, "signature">,
  context: CheckContext,
): Draft | Refusal {
  if (!context.tokens.has(payment.token)) {
    return { code: "unknown_token", field: "payment.token", expected: `one of ${[...context.tokens].join(", ")}` };
  }
  const made = checkKind(id, payment, funding, context);
  if ("code" in made) return made;
  if ([ZeroAddress, context.ledger, context.gateway].includes(payment.payee)) {
    return { code: "invalid_payee", field: "payment.payee", expected: "an account that can take its money out again" };
  }
  if (payment.deadline < context.now) {
    return { code: "expired", field: "payment.deadline", expected: `${context.now} or later` };
  }
  return {
    ...payment,
    id,
    funding,
    ...made,
    requestId: request ?? null,
  };
}

/** What the terms make of the payment, if there are any. */
function checkKind(
  id: string,
  payment: Authorization["payment"],
  funding: Authorization["funding"],
  context: CheckContext,
): Exchanged | Refusal {
  const { payee, terms, memo } = payment;
  if (terms === undefined) {
    // These would get the money and know nothing of it.
    const scheme = payee === context.escrow ? "a hold" : payee === context.exchange ? "an exchange" : undefined;
    if (scheme !== undefined) {
      return { code: "invalid_payee", field: "payment.terms", expected: `the terms of ${scheme} in the memo's place` };
    }
    return { memo: memo ?? ZeroHash, terms: null, holdId: null, fx: null, merchant: payee };
  }
  if ("quote" in terms) return checkFx({ ...payment, terms }, funding, context);
  const refusal = checkTerms(payment, terms, context);
  if (refusal !== undefined) return refusal;
  return { memo: termsHash(terms), terms: toStoredTerms(terms), holdId: id, fx: null, merchant: terms.payee };
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
  // A device's numbers are its own, and were looked at with it.
  const { index, sequence } = splitNonce(payment.nonce);
  const nonce = index === 0 ? checkNonce(sequence, account) : undefined;
  if (nonce !== undefined) return nonce;
  const available = account.balance - account.reserved;
  if (available < takenBy(payment)) {
    return {
      code: "insufficient_balance",
      field: "payment.amount",
      expected: `at most ${available > 0n ? available : 0n}, which the account holds beside what it has promised`,
    };
  }
  return undefined;
}

/** The contract's `NonceWindow`, mirrored. */
export function checkNonce(
  nonce: bigint,
  account: { readonly window: bigint; readonly nextNonce: bigint },
): (Refusal & { readonly code: "nonce_used" | "nonce_stale" }) | undefined {
  const expected = `a free nonce from ${account.nextNonce > WINDOW ? account.nextNonce - WINDOW : 0n} to ${MAX_NONCE}`;
  if (nonce >= account.nextNonce) return undefined;
  const age = account.nextNonce - 1n - nonce;
  if (age >= WINDOW) return { code: "nonce_stale", field: "payment.nonce", expected };
  if ((account.window >> age) & 1n) return { code: "nonce_used", field: "payment.nonce", expected };
  return undefined;
}
