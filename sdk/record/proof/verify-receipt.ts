import { recoverAddress } from "ethers";

import { receiptDigest } from "../../receipt-typed-data.ts";
import { compareExchange } from "../compare-exchange.ts";
import { compareWithEvents } from "../compare-with-events.ts";
import type { RecordContracts } from "../contracts.ts";
import { type ParsedReceipt, parseReceipt } from "../parse-receipt.ts";
import { PROVEN_RECEIPT_VERSION, type ProvenReceipt, type Receipt } from "../receipt.ts";
import { ReceiptError } from "../receipt-fields.ts";
import { RecordError } from "../record-error.ts";
import { readSettlement, type Settlement } from "../settlement.ts";
import { idOf } from "../signed-ids.ts";
import type { SignedPayment } from "../signed-row.ts";
import { decodeSignedRows } from "../signed-rows.ts";
import { type ProvenHeader, readHeader } from "./block-header.ts";
import { checkSignatureOffline } from "./offline-signature.ts";
import { decodeReceipt } from "./receipt-envelope.ts";
import { failed, ok, type ReceiptFinding, unknown } from "./receipt-findings.ts";
import { findPaymentLogs, placeLogs } from "./receipt-logs.ts";
import { decodeTransaction, type ProvenCall } from "./transaction-envelope.ts";
import { walkProof } from "./walk-proof.ts";

/** What the one who verifies goes by; never what the receipt itself says. */
export interface OfflineTrust {
  /** Of the payment's block, from wherever it is trusted. */
  readonly trustedBlockHash: string;
  /** Whose events count. Absent: those that the receipt names, and the finding `contracts` says that nobody compared them. */
  readonly contracts?: Pick<RecordContracts, "chainId" | "ledger"> & Partial<RecordContracts>;
  /** Whose statement counts. Absent: a good one is `unknown`, as anybody can sign one. */
  readonly signer?: string;
}

/**
 * Verifies a receipt without a node. Pure. It holds if `receiptHolds` says so of the findings; what could not be looked at for
 * something that failed before it is left out.
 * @param receipt A file's text, or what `CorridorClient.receipt` answers. @throws ReceiptError if it is no receipt with a proof
 */
export function verifyReceipt(receipt: string | object, trust: OfflineTrust): readonly ReceiptFinding[] {
  const parsed = parseReceipt(typeof receipt === "string" ? receipt : JSON.stringify(receipt));
  const proven = requireProof(parsed.receipt);
  const { payment } = parsed;
  const contracts = contractsOf(proven);
  const header = readHeader(proven.proof.header);
  const trusted = trust.trustedBlockHash.toLowerCase();
  if (header === undefined) return [failed("header", "it is no block's header")];
  if (header.hash !== trusted) return [failed("header", `its hash is ${header.hash}, and ${trusted} is trusted`)];

  const id = idOf(contracts, payment);
  const call = callOf(proven, header);
  const findings = [
    ok("header"),
    compareBlock(proven, header),
    compareContracts(proven, trust),
    id === proven.id ? ok("id") : failed("id", `what was signed has the id ${id ?? "of no contract that is named"}`),
    checkTransaction(proven, call),
    ...checkEvents(parsed, proven, contracts, header, call ?? null),
    checkSignatureOffline(contracts, proven.id, payment, proven.signature, call ?? null),
    checkStatement(parsed, proven, trust),
  ];
  return findings;
}

function requireProof(receipt: Receipt | ProvenReceipt): ProvenReceipt {
  if (receipt.version === PROVEN_RECEIPT_VERSION) return receipt;
  throw new ReceiptError("version", `${PROVEN_RECEIPT_VERSION}: without a proof a receipt is checked against a node`);
}

function contractsOf({ chainId, contracts }: ProvenReceipt): RecordContracts {
  return { chainId: BigInt(chainId), ...contracts, x402: null };
}

function compareBlock(receipt: ProvenReceipt, header: ProvenHeader): ReceiptFinding {
  if (receipt.blockHash !== header.hash) return failed("block", "the receipt names another block");
  if (receipt.blockNumber !== String(header.number)) return failed("block", `it is block ${header.number}`);
  return receipt.settledAt === String(header.timestamp) ? ok("block") : failed("block", `it is of ${header.timestamp}`);
}

const CONTRACTS = ["ledger", "escrow", "gateway", "exchange", "permit2", "signatureVerifier"] as const;

function compareContracts({ chainId, contracts }: ProvenReceipt, { contracts: trusted }: OfflineTrust): ReceiptFinding {
  if (trusted === undefined)
    return unknown("contracts", "they are those that the receipt names: compare them yourself");
  if (String(trusted.chainId) !== chainId) return failed("contracts", `the chain is not ${trusted.chainId}`);
  const named = CONTRACTS.filter((name) => trusted[name] !== undefined);
  const other = named.filter((name) => contracts[name]?.toLowerCase() !== trusted[name]?.toLowerCase());
  if (other.length > 0) return failed("contracts", `other than those that are trusted: ${other.join(", ")}`);
  const unnamed = CONTRACTS.filter((name) => !named.includes(name) && contracts[name] !== null);
  return unnamed.length === 0 ? ok("contracts") : unknown("contracts", `not compared: ${unnamed.join(", ")}`);
}

/** @returns null if the receipt has no transaction in it, `undefined` if it does not prove the one that it has. */
function callOf({ proof, transactionHash }: ProvenReceipt, header: ProvenHeader): ProvenCall | null | undefined {
  if (proof.transaction === null) return null;
  const encoded = walkProof(header.transactionsRoot, proof.transactionIndex, proof.transaction);
  const call = encoded === undefined ? undefined : decodeTransaction(encoded);
  return call?.hash === transactionHash ? call : undefined;
}

function checkTransaction({ transactionHash }: ProvenReceipt, call: ProvenCall | null | undefined): ReceiptFinding {
  if (call === null) return unknown("transaction", "it is not in the receipt, so its hash is not proven");
  return call === undefined
    ? failed("transaction", `the block does not have ${transactionHash} there`)
    : ok("transaction");
}

function checkEvents(
  { payment }: ParsedReceipt,
  receipt: ProvenReceipt,
  contracts: RecordContracts,
  header: ProvenHeader,
  call: ProvenCall | null,
): readonly ReceiptFinding[] {
  const { proof, id, blockHash, transactionHash } = receipt;
  const bytes = walkProof(header.receiptsRoot, proof.transactionIndex, proof.receipt);
  const outcome = bytes === undefined ? undefined : decodeReceipt(bytes);
  if (outcome === undefined) return [failed("inclusion", "the block's receipts have nothing like it at that place")];
  const timestamp = Number(header.timestamp);
  const place = { blockNumber: Number(header.number), blockHash, transactionHash, timestamp };
  const logs = placeLogs(outcome.logs, place);
  const { settled, further } = findPaymentLogs(contracts, id, logs, timestamp);
  const step = settled.find(({ logIndex }) => logIndex === proof.settledLog);
  if (step === undefined || settled.length > 1) {
    return [ok("inclusion"), failed("event", `event ${proof.settledLog} does not say that the payment settled`)];
  }
  const places = further.map(({ logIndex }) => logIndex);
  if (places.join() !== proof.furtherLogs.join()) {
    return [
      ok("inclusion"),
      failed("event", `what else became of the payment is told by other events: ${places.join(", ")}`),
    ];
  }
  let settlement: Settlement;
  try {
    settlement = readSettlement(contracts, step, logs);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return [ok("inclusion"), failed("event", error.message)];
  }
  const by = payment.funding === "account" ? "ledger" : "gateway";
  const wrong = [...compareWithEvents(payment, settlement, further)];
  if (settlement.by !== by) wrong.push(`it was settled by the ${settlement.by}`);
  const exchange = compareExchange(receipt.exchange, further, signedIn(contracts, id, call));
  return [
    ...[ok("inclusion"), ok("event")],
    wrong.length === 0 ? ok("payment") : failed("payment", wrong.join("; ")),
    exchange.wrong.length > 0
      ? failed("exchange", exchange.wrong.join("; "))
      : exchange.unknown.length > 0
        ? unknown("exchange", exchange.unknown.join("; "))
        : ok("exchange"),
  ];
}

/** The payment as the calldata has it, with the quote that it was exchanged at. */
function signedIn(contracts: RecordContracts, id: string, call: ProvenCall | null): SignedPayment | null {
  if (call === null) return null;
  const decoded = decodeSignedRows(contracts, call.to, call.input);
  if (decoded.kind !== "rows") return null;
  return decoded.rows.find(({ payment }) => idOf(contracts, payment) === id)?.payment ?? null;
}

function checkStatement({ documentHash }: ParsedReceipt, receipt: ProvenReceipt, trust: OfflineTrust): ReceiptFinding {
  const { statement } = receipt;
  if (statement === null) return unknown("statement", "nobody signed for it");
  const { signer, signature } = statement;
  const by = recover(() => recoverAddress(receiptDigest(receipt, statement, documentHash), signature));
  if (by?.toLowerCase() !== signer.toLowerCase()) return failed("statement", `${signer} did not sign this`);
  if (trust.signer === undefined)
    return unknown("statement", `${signer} signed: whether she is to be trusted, you know`);
  const isTrusted = trust.signer.toLowerCase() === signer.toLowerCase();
  return isTrusted ? ok("statement") : failed("statement", `${signer} signed, and ${trust.signer} is trusted`);
}

function recover(of: () => string): string | undefined {
  try {
    return of();
  } catch {
    // Numbers that are no signature.
    return undefined;
  }
}
