import { fxPaymentId, fxTermsHash, quoteId } from "../exchange-typed-data.ts";
import { gatewayPaymentId } from "../gateway-typed-data.ts";
import { holdId, termsHash } from "../hold-typed-data.ts";
import { paymentId } from "../typed-data.ts";
import type { RecordContracts } from "./contracts.ts";
import type { SignedPayment } from "./signed-row.ts";

/** The payment's id: the digest of what was signed. `undefined` if it needs a contract that is not there. */
export function idOf(contracts: RecordContracts, payment: SignedPayment): string | undefined {
  const { signed, funding, ...fields } = payment;
  const domain = { chainId: contracts.chainId, ledger: contracts.ledger };
  switch (signed.kind) {
    case "plain": {
      const plain = { ...fields, memo: signed.memo };
      if (funding === "account") return paymentId(domain, plain);
      const { chainId, gateway } = contracts;
      return gateway === null ? undefined : gatewayPaymentId({ chainId, gateway }, funding, plain);
    }
    case "held":
      return holdId(domain, { ...fields, terms: signed.terms });
    case "exchanged":
    case "exchanged_held":
      return isOfQuote(contracts, payment) ? fxPaymentId(domain, { ...fields, terms: signed.terms }) : undefined;
  }
}

/** What the Ledger's event has for a memo. */
export function memoOf({ signed }: SignedPayment): string {
  switch (signed.kind) {
    case "plain":
      return signed.memo;
    case "held":
      return termsHash(signed.terms);
    case "exchanged":
    case "exchanged_held":
      return fxTermsHash(signed.terms);
  }
}

function isOfQuote({ chainId, exchange }: RecordContracts, { signed }: SignedPayment): boolean {
  if (exchange === null || !("quote" in signed)) return false;
  return signed.quote === null || quoteId({ chainId, exchange }, signed.quote) === signed.terms.quote;
}
