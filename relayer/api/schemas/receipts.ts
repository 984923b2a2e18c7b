import { FUNDINGS } from "../../../sdk/payment.ts";
import { PROVEN_RECEIPT_VERSION, RECEIPT_FORMAT } from "../../../sdk/record/receipt.ts";
import { answered, described, listOf, nullable, oneOf, ref, type JsonSchema } from "./json-schema.ts";
import { json, type Operation } from "./operation.ts";
import { ADDRESS, AMOUNT, BLOCK_NUMBER, COUNT, HASH, PAYMENT_ID, SIGNATURE, TIME, WIDE_AMOUNT } from "./values.ts";

const BYTES = { type: "string", pattern: "^0x([0-9a-fA-F]{2})*$", examples: ["0xf90211"], description: "In hex." };

export const RECEIPT_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Receipt: answered({
    format: oneOf([RECEIPT_FORMAT]),
    version: { type: "integer", enum: [PROVEN_RECEIPT_VERSION] },
    chainId: { type: "string", pattern: "^[1-9][0-9]*$", examples: ["31337"] },
    contracts: answered({
      ledger: ADDRESS,
      escrow: nullable(ADDRESS),
      gateway: nullable(ADDRESS),
      exchange: nullable(ADDRESS),
      permit2: nullable(ADDRESS),
      signatureVerifier: nullable(ADDRESS),
    }),
    id: PAYMENT_ID,
    funding: oneOf(FUNDINGS),
    payment: described(
      { oneOf: [ref("PlainPayment"), ref("HoldPayment"), ref("FxPayment"), ref("FxHoldPayment")] },
      "What the payer signed.",
    ),
    signature: SIGNATURE,
    transactionHash: HASH,
    blockNumber: BLOCK_NUMBER,
    blockHash: HASH,
    settledAt: TIME,
    exchange: nullable(
      answered({
        rate: answered({ payAmount: WIDE_AMOUNT, settleAmount: WIDE_AMOUNT }),
        paid: AMOUNT,
        settled: AMOUNT,
        fee: nullable(AMOUNT),
      }),
    ),
    proof: answered({
      header: described(BYTES, "RLP; its keccak256 is the block's hash."),
      transactionIndex: COUNT,
      receipt: listOf(described(BYTES, "Nodes from receiptsRoot to the transaction's receipt.")),
      transaction: nullable(listOf(described(BYTES, "Nodes from transactionsRoot to the transaction."))),
      settledLog: described(COUNT, "Which of the receipt's events says that the payment settled."),
      furtherLogs: listOf(described(COUNT, "Which say what else became of it: a hold, an exchange.")),
    }),
    statement: nullable(
      answered({
        signer: ADDRESS,
        depth: described(BLOCK_NUMBER, "Blocks that stood on the payment's when it was signed."),
        issuedAt: TIME,
        signature: SIGNATURE,
      }),
    ),
  }),
};

export const RECEIPT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/v1/payments/:id/receipt", id: "getReceipt", tag: "payments", access: "open" },
    summary: "The receipt of a settled payment, which holds without a node",
    description:
      "Proves the settlement to whoever trusts the hash of its block: docs/receipts.md. What the operator signed says how many blocks stood on it.",
    params: { id: PAYMENT_ID },
    answers: { 200: json("The receipt.", ref("Receipt")) },
    problems: ["invalid_field", "not_found", "not_settled", "not_deep_enough", "receipt_unprovable", "overloaded"],
  },
];
