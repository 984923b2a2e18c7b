import { type FxHoldTerms, type FxTerms, REFUND_RULES } from "../fx.ts";
import { BPS, type HoldTerms, MAX_SPLITS } from "../hold.ts";
import { FUNDINGS } from "../payment.ts";
import { receiptDocumentHash } from "../receipt-typed-data.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_UINT64 } from "../typed-data.ts";
import {
  PROVEN_RECEIPT_VERSION,
  type ProvenReceipt,
  type Receipt,
  RECEIPT_FORMAT,
  RECEIPT_VERSION,
  type ReceiptProof,
  type ReceiptStatement,
} from "./receipt.ts";
import { Fields, ReceiptError } from "./receipt-fields.ts";
import type { SignedPayment, SignedTerms } from "./signed-row.ts";

/** A receipt, and what it says was signed. */
export interface ParsedReceipt {
  readonly receipt: Receipt | ProvenReceipt;
  readonly payment: SignedPayment;
  /** Of the whole text, whatever else stands in it: what an operator's statement is about. */
  readonly documentHash: string;
}

/** A transaction of 16,777,216 gas has less calldata and fewer events than that, in hex. */
const MAX_TEXT = 8 * 1024 * 1024;
/** A trie over all transactions that a block has room for is not as deep. */
const MAX_NODES = 16;
const MAX_PLACE = 2 ** 24;
/** A wallet's signature can be long, but not as long as that. */
const MAX_SIGNATURE_BYTES = 16_384;

/** Reads what anybody may have written. @throws ReceiptError */
export function parseReceipt(text: string): ParsedReceipt {
  if (text.length > MAX_TEXT) throw new ReceiptError("", `at most ${MAX_TEXT} characters long`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ReceiptError("", "JSON");
  }
  const root = new Fields(value, "");
  if (root.of("format") !== RECEIPT_FORMAT) throw new ReceiptError("format", RECEIPT_FORMAT);
  const version = root.of("version");
  if (version !== RECEIPT_VERSION && version !== PROVEN_RECEIPT_VERSION) {
    throw new ReceiptError("version", `${RECEIPT_VERSION} or ${PROVEN_RECEIPT_VERSION}`);
  }
  const contracts = root.object("contracts");
  const funding = root.oneOf("funding", FUNDINGS);
  const fields = root.object("payment");
  const payment = { ...paymentOf(fields), funding };
  const exchange = root.of("exchange") === null ? null : root.object("exchange");
  const rate = exchange?.object("rate");
  const receipt: Receipt = {
    ...{ format: RECEIPT_FORMAT, version: RECEIPT_VERSION, chainId: String(root.whole("chainId", 2n ** 64n)) },
    contracts: {
      ledger: contracts.address("ledger"),
      escrow: contracts.addressOrNull("escrow"),
      gateway: contracts.addressOrNull("gateway"),
      exchange: contracts.addressOrNull("exchange"),
      permit2: contracts.addressOrNull("permit2"),
      signatureVerifier: contracts.addressOrNull("signatureVerifier"),
    },
    ...{ id: root.hex("id", 32), funding, payment: fields.value as Receipt["payment"], signature: signatureOf(root) },
    ...{ transactionHash: root.hex("transactionHash", 32), blockHash: root.hex("blockHash", 32) },
    blockNumber: String(root.whole("blockNumber", BigInt(Number.MAX_SAFE_INTEGER))),
    settledAt: String(root.whole("settledAt", MAX_DEADLINE)),
    exchange:
      exchange === null || rate === undefined
        ? null
        : {
            rate: { payAmount: rate.amount("payAmount"), settleAmount: rate.amount("settleAmount") },
            paid: exchange.amount("paid"),
            settled: exchange.amount("settled"),
            fee: exchange.of("fee") === null ? null : exchange.amount("fee"),
          },
  };
  const documentHash = hashOf(root.value);
  if (version === RECEIPT_VERSION) return { receipt, payment, documentHash };
  const statement = root.of("statement") === null ? null : statementOf(root.object("statement"));
  const proven: ProvenReceipt = { ...receipt, version, proof: proofOf(root.object("proof")), statement };
  return { receipt: proven, payment, documentHash };
}

function hashOf(document: object): string {
  try {
    return receiptDocumentHash(document);
  } catch {
    // Nested beyond measure, or with half a character in it.
    throw new ReceiptError("", "JSON that has a canonical form");
  }
}

function proofOf(proof: Fields): ReceiptProof {
  return {
    header: proof.hex("header"),
    transactionIndex: proof.small("transactionIndex", MAX_PLACE),
    receipt: proof.hexList("receipt", MAX_NODES),
    transaction: proof.of("transaction") === null ? null : proof.hexList("transaction", MAX_NODES),
    settledLog: proof.small("settledLog", MAX_PLACE),
    furtherLogs: proof.smallList("furtherLogs", 8, MAX_PLACE),
  };
}

function statementOf(statement: Fields): ReceiptStatement {
  return {
    signer: statement.address("signer"),
    depth: String(statement.whole("depth", MAX_UINT64)),
    issuedAt: String(statement.whole("issuedAt", MAX_DEADLINE)),
    signature: statement.hex("signature", 65),
  };
}

function signatureOf(root: Fields): string {
  const signature = root.hex("signature");
  if (signature.length > 2 + 2 * MAX_SIGNATURE_BYTES) throw new ReceiptError("signature", "a signature");
  return signature;
}

function paymentOf(fields: Fields): Omit<SignedPayment, "funding"> {
  const memo = fields.of("memo");
  const signed: SignedTerms =
    memo === undefined ? termsOf(fields.object("terms")) : { kind: "plain", memo: fields.hex("memo", 32) };
  return {
    ...{ payer: fields.address("payer"), payee: fields.address("payee"), token: fields.address("token") },
    ...{ amount: fields.whole("amount", MAX_AMOUNT), nonce: fields.whole("nonce", MAX_UINT64) },
    ...{ deadline: fields.whole("deadline", MAX_DEADLINE), signed },
  };
}

function termsOf(terms: Fields): SignedTerms {
  if (terms.of("settleToken") === undefined) return { kind: "held", terms: holdTermsOf(terms) };
  const common = {
    settleToken: terms.address("settleToken"),
    settleAmount: terms.whole("settleAmount", MAX_AMOUNT),
    quote: terms.hex("quote", 32),
  };
  if (terms.of("hold") === undefined) {
    const fx: FxTerms = { ...common, payee: terms.address("payee"), memo: terms.hex("memo", 32) };
    return { kind: "exchanged", terms: fx, quote: null };
  }
  const fx: FxHoldTerms = {
    ...common,
    refundRule: terms.oneOf("refundRule", REFUND_RULES),
    refundDeadline: terms.whole("refundDeadline", MAX_DEADLINE),
    hold: holdTermsOf(terms.object("hold")),
  };
  return { kind: "exchanged_held", terms: fx, quote: null };
}

function holdTermsOf(terms: Fields): HoldTerms {
  const splits = terms.list("splits", MAX_SPLITS).map((split) => ({
    recipient: split.address("recipient"),
    shareBps: split.small("shareBps", BPS),
  }));
  return {
    ...{ payee: terms.address("payee"), splits },
    captureDeadline: terms.whole("captureDeadline", MAX_DEADLINE),
    refundDeadline: terms.whole("refundDeadline", MAX_DEADLINE),
    arbiter: terms.address("arbiter"),
    rulingPeriod: terms.whole("rulingPeriod", MAX_DEADLINE),
    defaultPayerBps: terms.small("defaultPayerBps", BPS),
    memo: terms.hex("memo", 32),
  };
}
