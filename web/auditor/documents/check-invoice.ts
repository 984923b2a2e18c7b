import type { RecordContracts } from "../../../sdk/record/contracts.ts";
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
 * Whether a payment was for a file: all of its bytes, or the fields of the remittance record that it is. Only an id is looked up in the chain; the file stays here. @param memoOrId 32 bytes in hex.
 * @throws RpcError; RecordError
 */
export async function checkInvoice(
  file: Uint8Array,
  salt: string,
  memoOrId: string,
  asked: Asked | undefined,
): Promise<InvoiceAnswer> {
  // Most files are no records, and most visits check none.
  const { fileMemos } = await import("../../../sdk/remittance/file-memos.ts");
  const memos = fileMemos(file, salt).map((each) => each.memo);
  const [memo = ""] = memos.slice(-1);
  const named = memos.find((each) => each === memoOrId.toLowerCase());
  if (named !== undefined) return { matches: "memo", memo: named };
  if (asked === undefined) return { matches: "no", memo };
  const record = await readPaymentRecord(asked.rpc, asked.contracts, memoOrId, { fromBlock: asked.fromBlock });
  const carried = memos.find((each) => memosOf(record).includes(each));
  return carried === undefined ? { matches: "no", memo } : { matches: "payment", memo: carried };
}
