import { isHexString } from "ethers";

import { OWNER, splitNonce } from "../device-nonce.ts";
import type { Funding } from "../payment.ts";
import { readEnd, readLogs, type ReadLogsOptions, requireSameEnd } from "./chain-logs.ts";
import { addressesOf, type RecordContracts } from "./contracts.ts";
import { compareWithEvents } from "./compare-with-events.ts";
import type { SignatureFinding } from "./payment-signature.ts";
import { RecordError } from "./record-error.ts";
import { decodeStep, INTERFACES, type RecordStep, textField } from "./record-steps.ts";
import type { RpcCall } from "./rpc.ts";
import { type BlockHeader, type ChainLog, readBlock, readReceiptLogs } from "./rpc-answers.ts";
import { findSignedRow } from "./signed-row-search.ts";
import type { SignedPayment } from "./signed-row.ts";
import { readSettlement, type Settlement } from "./settlement.ts";

/** Everything that the chain says about a payment. */
export interface PaymentRecord {
  readonly id: string;
  readonly fromBlock: number;
  /** Nothing after this block was read. */
  readonly end: BlockHeader;
  /** `absent`: no event between the two blocks is about it. `only_acts`: there is no settlement among those that are. */
  readonly outcome: "settled" | "rejected" | "only_acts" | "absent";
  /** In the chain's order. */
  readonly steps: readonly RecordStep[];
  readonly settlement: Settlement | null;
  readonly funding: Funding | "x402" | null;
  /** The index of the device that signed; 0: the payer herself; null if nobody's nonce is known. */
  readonly device: number | null;
  readonly isHeld: boolean;
  readonly isExchanged: boolean;
  /** By which the Escrow knows its hold: of an exchanged payment not its own id. */
  readonly holdId: string | null;
  /** What was signed, terms and all, out of the calldata; null if it is not there in a form that is known. */
  readonly payment: SignedPayment | null;
  /** Null if it neither settled nor was rejected. */
  readonly signature: SignatureFinding | null;
  /** Where the events say something else than what was signed; empty if they agree. */
  readonly contradictions: readonly string[];
}

export interface RecordRange extends ReadLogsOptions {
  readonly fromBlock: number;
  readonly toBlock?: number | "latest" | "finalized";
}

/**
 * All events about a payment, or about the hold that an exchanged payment went into, and whether its payer signed for it. @param id 32 bytes in hex.
 * @throws RangeError on a malformed id; RpcError; RecordError
 */
export async function readPaymentRecord(
  rpc: RpcCall,
  contracts: RecordContracts,
  id: string,
  { fromBlock, toBlock = "latest", ...reading }: RecordRange,
): Promise<PaymentRecord> {
  if (!isHexString(id, 32)) throw new RangeError("A payment's id has 32 bytes");
  const end = await readEnd(rpc, toBlock);
  const own = id.toLowerCase();
  const find = (topics: readonly (string | null)[]): Promise<readonly ChainLog[]> =>
    readLogs(rpc, { address: addressesOf(contracts), topics }, fromBlock, end, reading);
  const found = [...(await find([null, own])), ...(await find([null, null, null, own]))];
  if (!found.some((log) => SETTLED.includes(log.topics[0]))) {
    const [asHold] = (await find([null, null, own])).filter((log) => log.topics[0] === HELD);
    const paid = asHold?.topics[1];
    if (paid !== undefined)
      return readPaymentRecord(rpc, contracts, paid, { fromBlock, toBlock: end.number, ...reading });
  }
  const held = found.find((log) => log.topics[0] === HELD && log.topics[1] === own);
  const hold = held?.topics[2];
  if (hold !== undefined) found.push(...(await find([null, hold])));
  const steps = await readSteps(rpc, contracts, found);

  const settlements = steps.filter(({ event }) => event === "Settled");
  const [settled] = settlements;
  const contradictions = settlements.length > 1 ? ["the payment settled more than once"] : [];
  const decisive = settled ?? steps.findLast(({ event }) => event === "Rejected");
  const receipt = decisive === undefined ? null : await requireReceipt(rpc, decisive.transactionHash, found, own);
  const settlement = settled === undefined || receipt === null ? null : readSettlement(contracts, settled, receipt);
  const row = decisive === undefined ? null : await findSignedRow(rpc, contracts, own, decisive, fromBlock);
  const payment = row?.payment ?? null;
  if (payment !== null && settlement !== null) contradictions.push(...compareWithEvents(payment, settlement, steps));
  await requireSameEnd(rpc, end);

  const has = (event: string): boolean => steps.some((step) => step.event === event);
  const isHeld = has("Opened");
  return {
    ...{ id: own, fromBlock, end, steps, settlement, payment, contradictions },
    outcome: steps.length === 0 ? "absent" : (OUTCOMES[decisive?.event ?? ""] ?? "only_acts"),
    funding: fundingOf(settlement, payment),
    device: deviceOf(settlement, payment),
    isHeld,
    isExchanged: has("Exchanged") || has("Held"),
    holdId: hold ?? (isHeld ? own : null),
    signature: row?.signature ?? null,
  };
}

const HELD = INTERFACES.exchange.getEvent("Held")?.topicHash;

const SETTLED = [INTERFACES.ledger, INTERFACES.x402].map((abi) => abi.getEvent("Settled")?.topicHash);

const OUTCOMES: Readonly<Record<string, "settled" | "rejected">> = { Settled: "settled", Rejected: "rejected" };

/** Pulled payments: only the calldata says by which authorization. */
function fundingOf(settlement: Settlement | null, payment: SignedPayment | null): Funding | "x402" | null {
  if (settlement?.by === "x402") return "x402";
  if (settlement?.by === "ledger") return "account";
  return payment?.funding ?? null;
}

function deviceOf(settlement: Settlement | null, payment: SignedPayment | null): number | null {
  const nonce = settlement?.nonce ?? payment?.nonce;
  if (nonce === undefined) return null;
  return fundingOf(settlement, payment) === "account" ? splitNonce(nonce).index : OWNER;
}

async function readSteps(
  rpc: RpcCall,
  contracts: RecordContracts,
  logs: readonly ChainLog[],
): Promise<readonly RecordStep[]> {
  const numbers = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const blocks = new Map(
    await Promise.all(numbers.map(async (number) => [number, await readBlock(rpc, number)] as const)),
  );
  const steps = new Map<string, RecordStep>();
  for (const log of logs) {
    const block = blocks.get(log.blockNumber);
    if (block?.hash !== log.blockHash) throw new RecordError("reorged", `Block ${log.blockNumber} was replaced`);
    const step = decodeStep(contracts, log, block.timestamp);
    if (step !== undefined) steps.set(`${log.blockNumber}:${log.logIndex}`, step);
  }
  return [...steps.values()].sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

/** The receipt must have what the search found, word for word, and the search what the receipt has about the payment. */
async function requireReceipt(
  rpc: RpcCall,
  hash: string,
  found: readonly ChainLog[],
  id: string,
): Promise<readonly ChainLog[]> {
  const receipt = await readReceiptLogs(rpc, hash);
  if (receipt === null) throw new RecordError("reorged", `Transaction ${hash} is not in the chain`);
  const textOf = (log: ChainLog): string =>
    [log.address, log.blockHash, log.logIndex, log.data, ...log.topics].join(" ");
  const known = new Set(receipt.map(textOf));
  const searched = new Set(found.map(textOf));
  const isMissing = found.some((log) => log.transactionHash === hash && !known.has(textOf(log)));
  const addresses = new Set(found.map(({ address }) => address));
  const isHidden = receipt.some(
    (log) => addresses.has(log.address) && log.topics[1] === id && !searched.has(textOf(log)),
  );
  if (isMissing || isHidden) {
    throw new RecordError("contradiction", `The node tells the events of ${hash} in two ways`);
  }
  return receipt;
}

/** Who is paid in the end, as far as the chain says. */
export function merchantOf({ payment, settlement, steps }: PaymentRecord): string | null {
  if (payment !== null && payment.signed.kind !== "plain") {
    const { terms } = payment.signed;
    return "hold" in terms ? terms.hold.payee : terms.payee;
  }
  const opened = steps.find(({ event }) => event === "Opened" || event === "Exchanged");
  return opened === undefined ? (settlement?.payee ?? null) : textField(opened, "payee");
}
