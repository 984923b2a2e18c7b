import type { RecordContracts } from "../../../sdk/record/contracts.ts";
import { invoiceMemo } from "../../../sdk/record/memo.ts";
import { readPaymentRecord } from "../../../sdk/record/payment-record.ts";
import type { RpcCall } from "../../../sdk/record/rpc.ts";
import { memosOf } from "../payments/record-tokens.ts";

/** `payment`: its id was given, and the chain says that it carries the memo. */
export interface InvoiceAnswer {
  readonly matches: "memo" | "payment" | "no";
  readonly memo: string;
}

export interface Asked {
  readonly rpc: RpcCall;
  readonly contracts: RecordContracts;
  readonly fromBlock: number;
}

/**
 * Whether a payment was for a file. Only an id is looked up in the chain; the file stays here. @param memoOrId 32 bytes in hex.
 * @throws RpcError; RecordError
 */
export async function checkInvoice(
  file: Uint8Array,
  salt: string,
  memoOrId: string,
  asked: Asked | undefined,
): Promise<InvoiceAnswer> {
  const memo = invoiceMemo(file, salt).toLowerCase();
  if (memo === memoOrId.toLowerCase()) return { matches: "memo", memo };
  if (asked === undefined) return { matches: "no", memo };
  const record = await readPaymentRecord(asked.rpc, asked.contracts, memoOrId, { fromBlock: asked.fromBlock });
  return { matches: memosOf(record).includes(memo) ? "payment" : "no", memo };
}
