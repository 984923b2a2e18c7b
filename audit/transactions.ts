import type { RpcCall } from "../sdk/record/rpc.ts";
import { type ChainLog, readReceiptLogs, readTransaction } from "../sdk/record/rpc-answers.ts";
import { readCallFrames } from "./call-frames.ts";
import type { ExceptionLog, Place } from "./exceptions.ts";
import type { SentCall, SentPayment, SentReader } from "./signed-payments.ts";

/** A transaction with what it was sent to settle. */
export interface AuditedTransaction {
  /** Whether its calls could be followed down to our contracts. */
  readonly isKnown: boolean;
  readonly sent: ReadonlyMap<string, readonly SentPayment[]>;
  /** Signatures that were checked before the call, by digest. */
  readonly noted: ReadonlyMap<string, readonly string[]>;
}

export interface TransactionReader {
  /** @param logs Of the contracts, as the search told them. @throws RpcError */
  read(hash: string, logs: readonly ChainLog[]): Promise<AuditedTransaction>;
}

/** What was tried, and took effect or not: whose event names the payment. */
export interface DecidingTopics {
  readonly decided: ReadonlySet<string>;
  /** That a call among several failed as a whole. */
  readonly failed: ReadonlySet<string>;
}

export function createTransactionReader(
  rpc: RpcCall,
  reader: SentReader,
  addresses: ReadonlySet<string>,
  { decided, failed }: DecidingTopics,
  { note }: ExceptionLog,
): TransactionReader {
  async function sentIn(hash: string): Promise<SentCall | null> {
    const transaction = await readTransaction(rpc, hash);
    const direct = transaction === null ? null : reader.read(transaction.to, transaction.input);
    if (direct !== null) return direct;
    const frame = transaction === null ? null : await readCallFrames(rpc, hash);
    return frame === null ? null : reader.readFrames(frame);
  }

  return {
    async read(hash, logs) {
      const [receipt, call] = await Promise.all([readReceiptLogs(rpc, hash), sentIn(hash)]);
      const place = { transactionHash: hash, blockNumber: logs[0]?.blockNumber ?? 0 };
      const own = receipt?.filter(({ address }) => addresses.has(address)) ?? [];
      compareLogs(own, logs, place, note);
      const { payments = [], noted = [] } = call ?? {};
      if (!own.some(({ topics }) => failed.has(topics[0] ?? ""))) {
        const told = new Set(logs.filter(({ topics }) => decided.has(topics[0] ?? "")).map(({ topics }) => topics[1]));
        for (const { id } of payments) {
          if (!told.has(id)) note("row_without_event", id, place, "it was sent, and no event says what became of it");
        }
      }
      return {
        isKnown: call !== null,
        sent: group(payments, ({ id }) => id),
        noted: new Map(
          [...group(noted, ({ digest }) => digest.toLowerCase())].map(([digest, all]) => [
            digest,
            all.map(({ signature }) => signature),
          ]),
        ),
      };
    },
  };
}

/** The receipt and the search must tell the same events, word for word. */
function compareLogs(
  receipt: readonly ChainLog[],
  found: readonly ChainLog[],
  place: Place,
  note: ExceptionLog["note"],
): void {
  const textOf = ({ address, topics, data }: ChainLog): string => [address, ...topics, data].join(" ");
  const known = new Map(found.map((log) => [log.logIndex, log]));
  for (const log of receipt) {
    const same = known.get(log.logIndex);
    known.delete(log.logIndex);
    const subject = `event ${log.logIndex} of ${log.address}`;
    if (same === undefined)
      note("event_missing", subject, place, "the receipt has it and the search for events leaves it out");
    else if (textOf(same) !== textOf(log)) note("event_differs", subject, place, "the receipt tells it in another way");
  }
  for (const log of known.values()) {
    note(
      "event_forged",
      `event ${log.logIndex} of ${log.address}`,
      place,
      "the search tells it and the receipt has none such",
    );
  }
}

function group<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const found = groups.get(keyOf(item));
    if (found === undefined) groups.set(keyOf(item), [item]);
    else found.push(item);
  }
  return groups;
}
