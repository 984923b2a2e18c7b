import { Signature } from "ethers";

import type { NetworkView, PaymentView } from "../../sdk/client.ts";
import { receiptDigest, receiptDocumentHash } from "../../sdk/receipt-typed-data.ts";
import type { BlockProof } from "../../sdk/record/proof/block-proof.ts";
import { ProofError } from "../../sdk/record/proof/proof-error.ts";
import { proveReceipt } from "../../sdk/record/proof/prove-receipt.ts";
import { makeReceipt, type ProvenReceipt, type ReceiptStatement } from "../../sdk/record/receipt.ts";
import { RecordError } from "../../sdk/record/record-error.ts";
import { RpcError, type RpcCall } from "../../sdk/record/rpc.ts";
import { readBlock } from "../../sdk/record/rpc-answers.ts";
import { AppError } from "../app-error.ts";
import type { LaneSigner } from "../signers/lane-signer.ts";
import { followedHead } from "../store/chain.ts";
import type { Database } from "../store/database.ts";
import type { PaymentRecord } from "../store/payments.ts";
import { type BlockProofs, createBlockProofs } from "./block-proofs.ts";
import { signedPayment, usedSignature } from "./signed-payment.ts";

export interface ReceiptDeskDependencies {
  readonly database: Database;
  readonly rpc: RpcCall;
  readonly network: NetworkView;
  /** Signs what is said of receipts; `undefined`: nobody does. */
  readonly signer: LaneSigner | undefined;
  /** Blocks that must stand on a payment's. */
  readonly depth: number;
}

/** `not_deep_enough`: so many blocks stand on the payment's, and `wanted` must. `busy`: come again. */
export type ReceiptAnswer =
  | { readonly kind: "issued"; readonly receipt: ProvenReceipt }
  | { readonly kind: "not_settled" }
  | { readonly kind: "not_deep_enough"; readonly depth: bigint; readonly wanted: number }
  | { readonly kind: "busy" }
  | { readonly kind: "unprovable"; readonly reason: string };

export interface ReceiptDesk {
  /** @throws AppError `receipt_reorged`, `chain_unreachable`, both retriable; as `LaneSigner.sign` */
  issue(payment: PaymentRecord, view: PaymentView): Promise<ReceiptAnswer>;
}

/** Receipts that were signed, to be handed out again: a payer's page asks more than once. */
const KEPT = 64;
/** A receipt of a block that is not final yet is signed anew after this, as more stands on it. {s} */
const FRESH_S = 30;

/** Makes receipts of settled payments that hold without a node. */
export function createReceiptDesk(deps: ReceiptDeskDependencies): ReceiptDesk {
  const { database, rpc, network, signer } = deps;
  const proofs: BlockProofs = createBlockProofs(rpc);
  const kept = new Map<string, ProvenReceipt>();

  async function prove(payment: PaymentRecord, view: PaymentView, depth: bigint): Promise<ReceiptAnswer> {
    const block = await readBlock(rpc, Number(view.blockNumber));
    if (block === null) throw reorged();
    const known = kept.get(payment.id);
    if (known?.blockHash === block.hash && isFresh(known.statement)) return { kind: "issued", receipt: known };
    const receipt = makeReceipt({
      ...{ network, view, payment: signedPayment(payment), signature: usedSignature(payment), blockHash: block.hash },
    });
    if (receipt === undefined) return { kind: "not_settled" };
    const reading: Promise<BlockProof> | undefined = proofs.of(block.number, block.hash);
    if (reading === undefined) return { kind: "busy" };
    const proven = await proveReceipt(await reading, receipt);
    const issued = { ...proven, statement: await sign(proven, depth) };
    kept.delete(payment.id);
    kept.set(payment.id, issued);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return { kind: "issued", receipt: issued };
  }

  function isFresh(statement: ReceiptStatement | null): boolean {
    if (statement === null || Number(statement.depth) >= network.finalityDepth) return true;
    return Number(statement.issuedAt) + FRESH_S > now();
  }

  async function sign(receipt: Omit<ProvenReceipt, "statement">, depth: bigint): Promise<ReceiptStatement | null> {
    if (signer === undefined) return null;
    const said = { depth: String(depth), issuedAt: String(now()) };
    const digest = receiptDigest(receipt, said, receiptDocumentHash(receipt));
    return { signer: signer.address, ...said, signature: Signature.from(await signer.sign(digest)).serialized };
  }

  return {
    async issue(payment, view) {
      if (view.blockNumber === null || (view.state !== "settled" && view.state !== "final")) {
        return { kind: "not_settled" };
      }
      const head = (await followedHead(database))?.number ?? 0n;
      const depth = head - BigInt(view.blockNumber);
      if (depth < BigInt(deps.depth)) return { kind: "not_deep_enough", depth, wanted: deps.depth };
      try {
        return await prove(payment, view, depth);
      } catch (error) {
        // What was followed and what the node shows now are of two chains, until the follower has seen it too.
        if (error instanceof RecordError || (error instanceof ProofError && error.failure === "not_in_block")) {
          throw reorged(error);
        }
        if (error instanceof ProofError) return { kind: "unprovable", reason: error.message };
        if (error instanceof RpcError) throw unreachable(error);
        throw error;
      }
    },
  };
}

/** Unix seconds. */
function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function reorged(cause?: unknown): AppError {
  return new AppError("receipt_reorged", "The payment's block has just been replaced. Try again.", {
    retriable: true,
    cause,
  });
}

function unreachable(cause: RpcError): AppError {
  return new AppError("chain_unreachable", "The node does not give the block. Try again.", { retriable: true, cause });
}
