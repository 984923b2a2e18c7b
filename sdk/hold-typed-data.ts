import { type TypedDataDomain, TypedDataEncoder } from "ethers";

import type { HoldPayment, HoldTerms } from "./hold.ts";
import { type LedgerDomain, struct, type TypedDataSigner, typedDataDomain, type Types } from "./typed-data.ts";

/** Where consents are good: one Escrow on one chain. */
export interface EscrowDomain {
  readonly chainId: bigint;
  readonly escrow: string;
}

/** `HoldTerms`, and what they refer to. */
export const TERMS_TYPES: Types = {
  ...struct(
    "HoldTerms",
    "address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo",
  ),
  ...struct("Split", "address recipient,uint16 shareBps"),
};

/** EIP-712 types of a payment to the Escrow, the same strings as in `EscrowHashes`. Signed under the Ledger's domain. */
export const HOLD_PAYMENT_TYPES: Types = {
  ...struct(
    "Payment",
    "address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,HoldTerms terms",
  ),
  ...TERMS_TYPES,
};

/** EIP-712 types of the consents to each act on a hold. Signed under the Escrow's domain. */
export const CAPTURE_TYPES = struct("Capture", "bytes32 id,uint128 amount,uint128 captured,uint48 deadline");
export const VOID_TYPES = struct("Void", "bytes32 id,uint128 captured,uint48 deadline");
export const REFUND_TYPES = struct("Refund", "bytes32 id,uint128 amount,uint128 refunded,uint48 deadline");
export const DISPUTE_TYPES = struct("Dispute", "bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline");
export const EVIDENCE_TYPES = struct("Evidence", "bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline");
export const RULING_TYPES = struct("Ruling", "bytes32 id,uint16 payerBps,uint128 captured,uint48 deadline");
export const SETTLEMENT_TYPES = struct("Settlement", "bytes32 id,uint128 toPayer,uint128 captured,uint48 deadline");
/** To read a document that a relayer keeps for the parties of a hold. Never seen by the contract. */
export const DOCUMENT_ACCESS_TYPES = struct(
  "DocumentAccess",
  "bytes32 id,bytes32 document,address reader,uint48 deadline",
);

/** The EIP-712 domain of consents, for `signTypedData` of any wallet. */
export function escrowTypedDataDomain(domain: EscrowDomain): TypedDataDomain {
  return {
    name: "Corridor Escrow",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.escrow,
  };
}

/** The hold's id: the digest of the payment that opens it. Equal to `Escrow.holdId`. */
export function holdId(domain: LedgerDomain, payment: HoldPayment): string {
  return TypedDataEncoder.hash(typedDataDomain(domain), HOLD_PAYMENT_TYPES, payment);
}

/** What stands in the memo's place of a payment to the Escrow. */
export function termsHash(terms: HoldTerms): string {
  return TypedDataEncoder.hashStruct("HoldTerms", TERMS_TYPES, terms);
}

/** The payer's signature over a payment to the Escrow, 65 bytes in hex. */
export function signHoldPayment(signer: TypedDataSigner, domain: LedgerDomain, payment: HoldPayment): Promise<string> {
  return signer.signTypedData(typedDataDomain(domain), HOLD_PAYMENT_TYPES, { ...payment });
}

/** The digest of a consent. */
export function consentDigest(domain: EscrowDomain, types: Types, value: Record<string, unknown>): string {
  return TypedDataEncoder.hash(escrowTypedDataDomain(domain), types, value);
}

/** An actor's signature over an act, 65 bytes in hex. `types` is one of the types above, `value` its members. */
export function signConsent(
  signer: TypedDataSigner,
  domain: EscrowDomain,
  types: Types,
  value: Record<string, unknown>,
): Promise<string> {
  return signer.signTypedData(escrowTypedDataDomain(domain), types, value);
}
