import { type TypedDataDomain, TypedDataEncoder } from "ethers";

import { type FxHoldTerms, type FxPayment, type FxTerms, REFUND_RULES } from "./fx.ts";
import { TERMS_TYPES } from "./hold-typed-data.ts";
import type { Quote } from "./quote.ts";
import { type LedgerDomain, struct, type TypedDataSigner, typedDataDomain } from "./typed-data.ts";

/** Where quotes and consents to refunds are good: one Exchange on one chain. */
export interface ExchangeDomain {
  readonly chainId: bigint;
  readonly exchange: string;
}

/** EIP-712 types of quotes and refunds, the same strings as in `ExchangeHashes`. Signed under the Exchange's domain. */
export const QUOTE_TYPES = struct(
  "Quote",
  "address maker,address payToken,address settleToken,uint128 payAmount,uint128 settleAmount,uint64 generation,uint48 deadline,bytes32 salt",
);
export const FX_REFUND_TYPES = struct(
  "FxRefund",
  "bytes32 id,uint128 amount,uint128 refunded,bytes32 quote,uint128 maxCost,uint48 deadline",
);

const PAYMENT_MEMBERS = "address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline";

const FX_TERMS_TYPES = struct(
  "FxTerms",
  "address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo",
);
const FX_HOLD_TERMS_TYPES = {
  ...struct(
    "FxHoldTerms",
    "address settleToken,uint128 settleAmount,bytes32 quote,uint8 refundRule,uint48 refundDeadline,HoldTerms hold",
  ),
  ...TERMS_TYPES,
};

/** EIP-712 types of payments to the Exchange. Signed under the Ledger's domain. */
export const FX_PAYMENT_TYPES = { ...struct("Payment", `${PAYMENT_MEMBERS},FxTerms terms`), ...FX_TERMS_TYPES };
export const FX_HOLD_PAYMENT_TYPES = {
  ...struct("Payment", `${PAYMENT_MEMBERS},FxHoldTerms terms`),
  ...FX_HOLD_TERMS_TYPES,
};

/** The EIP-712 domain of quotes, for `signTypedData` of any wallet. */
export function exchangeTypedDataDomain(domain: ExchangeDomain): TypedDataDomain {
  return {
    name: "Corridor Exchange",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.exchange,
  };
}

/** The quote's id: its EIP-712 digest. Equal to `Exchange.quoteId`. */
export function quoteId(domain: ExchangeDomain, quote: Quote): string {
  return TypedDataEncoder.hash(exchangeTypedDataDomain(domain), QUOTE_TYPES, quote);
}

/** The maker's signature over a quote, 65 bytes in hex. */
export function signQuote(signer: TypedDataSigner, domain: ExchangeDomain, quote: Quote): Promise<string> {
  return signer.signTypedData(exchangeTypedDataDomain(domain), QUOTE_TYPES, { ...quote });
}

/** Types and value of an exchanged payment, for `signTypedData` of any wallet; under the Ledger's domain. */
export function fxTypedData(payment: FxPayment<FxTerms | FxHoldTerms>) {
  const { terms } = payment;
  if (!("hold" in terms)) return { types: FX_PAYMENT_TYPES, value: { ...payment } };
  const refundRule = REFUND_RULES.indexOf(terms.refundRule);
  return { types: FX_HOLD_PAYMENT_TYPES, value: { ...payment, terms: { ...terms, refundRule } } };
}

/** The payment's id: its digest under the Ledger's domain, as in the Ledger's `Settled` and the Exchange's `Exchanged` or `Held`. */
export function fxPaymentId(domain: LedgerDomain, payment: FxPayment<FxTerms | FxHoldTerms>): string {
  const { types, value } = fxTypedData(payment);
  return TypedDataEncoder.hash(typedDataDomain(domain), types, value);
}

/** The payer's signature over a payment to the Exchange, 65 bytes in hex. */
export function signFxPayment(
  signer: TypedDataSigner,
  domain: LedgerDomain,
  payment: FxPayment<FxTerms | FxHoldTerms>,
): Promise<string> {
  const { types, value } = fxTypedData(payment);
  return signer.signTypedData(typedDataDomain(domain), types, value);
}

/** What stands in the memo's place of a payment to the Exchange. */
export function fxTermsHash(terms: FxTerms | FxHoldTerms): string {
  if (!("hold" in terms)) return TypedDataEncoder.hashStruct("FxTerms", FX_TERMS_TYPES, terms);
  const refundRule = REFUND_RULES.indexOf(terms.refundRule);
  return TypedDataEncoder.hashStruct("FxHoldTerms", FX_HOLD_TERMS_TYPES, { ...terms, refundRule });
}

/** The members of the payee's consent to a refund. */
export interface FxRefundConsent {
  /** The exchanged payment. */
  readonly id: string;
  readonly amount: bigint;
  /** What was refunded before. */
  readonly refunded: bigint;
  /** The id of the new quote. */
  readonly quote: string;
  readonly maxCost: bigint;
  readonly deadline: bigint;
}

export function fxRefundDigest(domain: ExchangeDomain, consent: FxRefundConsent): string {
  return TypedDataEncoder.hash(exchangeTypedDataDomain(domain), FX_REFUND_TYPES, consent);
}

/** The payee's consent to a refund, 65 bytes in hex. */
export function signFxRefund(
  signer: TypedDataSigner,
  domain: ExchangeDomain,
  consent: FxRefundConsent,
): Promise<string> {
  return signer.signTypedData(exchangeTypedDataDomain(domain), FX_REFUND_TYPES, { ...consent });
}
