import { type ContractTransactionResponse, hexlify, randomBytes, ZeroAddress } from "ethers";

import { type HoldPayment, holdStatus, type HoldStatus } from "../../sdk/hold.ts";
import { CAPTURE_TYPES, holdId, signConsent, signHoldPayment } from "../../sdk/hold-typed-data.ts";
import type { CompactSignature } from "../../sdk/signature.ts";
import { AMOUNT, compact, DAY, type Result, type Stage } from "./stage.ts";

/** A signed hold and its id. The batches here have no splits. */
interface Hold {
  readonly id: string;
  readonly row: Omit<HoldPayment, "payee" | "terms"> & Omit<HoldPayment["terms"], "payee" | "splits">;
  readonly signature: CompactSignature;
}

type Act = "Opened" | "Captured" | "Refunded" | "Reclaimed";

/** What an arbiter adds to a hold: 25 bytes of calldata that are not zero, and nothing that is stored. */
const NO_ARBITER = { arbiter: ZeroAddress, rulingPeriod: 0n, defaultPayerBps: 0 };

/** Opening and capture of holds whose terms name an arbiter. */
export async function measureArbitratedHolds(stage: Stage, count: number): Promise<Result[]> {
  const arbitration = { arbiter: stage.arbiter, rulingPeriod: 3n * DAY, defaultPayerBps: 5_000 };
  const holds = await signHolds(stage, count, stage.deadline - 6n * DAY, arbitration);
  const opened = await open(stage, holds);
  const own = await amountBatch(stage, holds, false);
  const captured = await perform(
    stage,
    holds,
    "Captured",
    "captured",
    stage.escrow.connect(stage.payee).capture([own]),
  );
  return [
    { path: "hold-open-arbiter", rows: count, gasPerPayment: Math.round(opened / count) },
    { path: "hold-capture-arbiter", rows: count, gasPerPayment: Math.round(captured / count) },
  ];
}

/**
 * Each act on `count` holds without an arbiter, each of another payer, in one transaction. Whole amounts, so that a capture
 * ends a hold.
 */
export async function measureHolds(stage: Stage, count: number): Promise<Result[]> {
  const { escrow, payee, operator } = stage;
  const latest = stage.deadline - 6n * DAY;

  const holds = await signHolds(stage, count, latest);
  const opened = await open(stage, holds);
  const own = await amountBatch(stage, holds, false);
  const captured = await perform(stage, holds, "Captured", "captured", escrow.connect(payee).capture([own]));
  const refunded = await perform(stage, holds, "Refunded", "captured", escrow.connect(payee).refund([own]));

  const others = await signHolds(stage, count, latest);
  await open(stage, others);
  const signed = await amountBatch(stage, others, true);
  const relayed = await perform(stage, others, "Captured", "captured", escrow.connect(operator).capture([signed]));

  const results: [string, number][] = [
    ["hold-open", opened],
    ["hold-capture", captured],
    ["hold-capture-signed", relayed],
    ["hold-refund", refunded],
    ["hold-reclaim", await reclaim(stage, count)],
  ];
  return results.map(([path, gasUsed]) => ({ path, rows: count, gasPerPayment: Math.round(gasUsed / count) }));
}

async function signHolds(
  stage: Stage,
  count: number,
  captureDeadline: bigint,
  arbitration: Pick<HoldPayment["terms"], "arbiter" | "rulingPeriod" | "defaultPayerBps"> = NO_ARBITER,
): Promise<Hold[]> {
  const { domain, escrowDomain, payee, token, deadline } = stage;
  const holds: Hold[] = [];
  for (const payer of stage.payers.slice(0, count)) {
    const terms = {
      captureDeadline,
      refundDeadline: deadline,
      ...arbitration,
      memo: hexlify(randomBytes(32)),
    };
    const payment = {
      payer: payer.address,
      token,
      amount: AMOUNT,
      nonce: stage.nextNonce(payer.address),
      deadline,
    };
    const whole: HoldPayment = {
      ...payment,
      payee: escrowDomain.escrow,
      terms: { ...terms, payee: payee.address, splits: [] },
    };
    holds.push({
      id: holdId(domain, whole),
      row: { ...payment, ...terms },
      signature: compact(await signHoldPayment(payer, domain, whole)),
    });
  }
  return holds;
}

function open(stage: Stage, holds: readonly Hold[]): Promise<number> {
  const rows = holds.map(({ row, signature }) => ({ hold: row, ...signature }));
  const batch = { payee: stage.payee.address, token: stage.token, splits: [], rows };
  return perform(stage, holds, "Opened", "open", stage.escrow.open([batch]));
}

/** The whole of each hold, to be captured or refunded; with the payee's consent to the capture of each, or none. */
async function amountBatch({ payee, token, escrowDomain, deadline }: Stage, holds: readonly Hold[], signed: boolean) {
  const consents = [];
  for (const { id } of signed ? holds : []) {
    const value = { id, amount: AMOUNT, captured: 0n, deadline };
    consents.push({ deadline, ...compact(await signConsent(payee, escrowDomain, CAPTURE_TYPES, value)) });
  }
  const rows = holds.map(({ row }) => ({ hold: row, amount: AMOUNT }));
  return { payee: payee.address, token, splits: [], rows, consents };
}

/** Opens holds that end within the hour, and gives them back after it. */
async function reclaim(stage: Stage, count: number): Promise<number> {
  const { ethers, escrow, payee, token } = stage;
  const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const holds = await signHolds(stage, count, BigInt(now) + 3_600n);
  await open(stage, holds);
  await ethers.provider.send("evm_setNextBlockTimestamp", [now + 3_601]);
  const batch = { payee: payee.address, token, splits: [], rows: holds.map(({ row }) => row) };
  return perform(stage, holds, "Reclaimed", "reclaimed", escrow.reclaim([batch]));
}

/** @returns the gas of a transaction. @throws if it did not do `act` to every hold and leave it in `status`. */
async function perform(
  { escrow }: Stage,
  holds: readonly Hold[],
  act: Act,
  status: HoldStatus,
  sent: Promise<ContractTransactionResponse>,
): Promise<number> {
  const receipt = await (await sent).wait();
  const done = (receipt?.logs ?? []).map((log) => escrow.interface.parseLog(log)).filter((log) => log?.name === act);
  const states = await escrow.holdsOf(holds.map(({ id }) => id));
  const good = holds.filter(({ id }, i) => {
    const state = states[i];
    return state !== undefined && done[i]?.args[0] === id && holdStatus(state.status) === status;
  });
  if (receipt === null || good.length !== holds.length || done.length !== holds.length) {
    throw new Error(`${act}: ${good.length} of ${holds.length} rows`);
  }
  return Number(receipt.gasUsed);
}
