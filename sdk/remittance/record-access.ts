import { TypedDataEncoder } from "ethers";

import { type LedgerDomain, struct, type TypedDataSigner, typedDataDomain } from "../typed-data.ts";

/** To read the remittance record behind a payment as its payer or payee. Signed under the Ledger's domain, never seen by it. */
export const RECORD_ACCESS_TYPES = struct("RecordAccess", "bytes32 id,bytes32 memo,address reader,uint48 deadline");

export interface RecordAccess {
  /** The payment's id. */
  readonly id: string;
  /** The record's, as the payment carries it. */
  readonly memo: string;
  readonly reader: string;
  /** Unix seconds: until when it may be used. */
  readonly deadline: bigint;
}

export function recordAccessDigest(domain: LedgerDomain, access: RecordAccess): string {
  return TypedDataEncoder.hash(typedDataDomain(domain), RECORD_ACCESS_TYPES, access);
}

export function signRecordAccess(signer: TypedDataSigner, domain: LedgerDomain, access: RecordAccess): Promise<string> {
  return signer.signTypedData(typedDataDomain(domain), RECORD_ACCESS_TYPES, { ...access });
}
