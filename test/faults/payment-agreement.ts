import { expect } from "chai";

import type { Queryable } from "../../relayer/store/database.ts";
import { MAX_ATTEMPTS } from "../../relayer/store/transactions.ts";
import type { PaymentState } from "../../sdk/payment.ts";
import { NEXT, NEXT_BY_REORG, type PaymentModel } from "./payment-model.ts";

interface Row {
  readonly id: string;
  readonly payer: string;
  readonly nonce: bigint;
  readonly state: PaymentState;
  readonly code: string | null;
  readonly lane: string | null;
  readonly transaction: string | null;
  readonly attempts: number;
  readonly settledHash: string | null;
  readonly block: bigint | null;
  readonly transactionState: string | null;
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/**
 * Whether the store says what the model says, and both what the chain says.
 * @param step What has just been done: a payment leaves `settled` by a reorg alone.
 * @returns the steps that payments took, as `from → to`.
 */
export async function agree(model: PaymentModel, db: Queryable, step: "forward" | "reorg"): Promise<string[]> {
  const { rows } = await db.query<Row>(
    `SELECT p.id, p.payer, p.nonce, p.state, p.code, CASE WHEN p.state = 'assigned' THEN p.lane END AS lane,
       p.transaction_hash AS transaction, p.attempts, p.settled_hash AS "settledHash",
       CASE WHEN p.state IN ('settled', 'final') THEN p.block_number END AS block, t.state AS "transactionState"
     FROM payments p LEFT JOIN transactions t ON t.hash = p.transaction_hash`,
  );
  const { rows: transactions } = await db.query(
    `SELECT hash, state, mined_hash AS "minedHash", block_number AS block FROM transactions`,
  );
  requireRules(model, rows);
  const inStore = rows.map(({ id, state, code, lane, transaction, attempts, settledHash, block }) => {
    return { id, state, code, lane, transaction, attempts, settledHash, block };
  });
  const inModel = model.all().map(({ id, state, code, lane: of, transaction, attempts, settledHash, block }) => {
    const lane = state === "assigned" ? of : null;
    return { id, state, code, lane, transaction, attempts, settledHash, block };
  });
  const byId = (a: { id: string }, b: { id: string }): number => byText(a.id, b.id);
  expect(inStore.sort(byId)).to.deep.equal(inModel.sort(byId));
  expect((transactions as { hash: string }[]).sort((a, b) => byText(a.hash, b.hash))).to.deep.equal(
    [...model.transactions.values()]
      .map(({ hash, state, minedHash, block }) => ({ hash, state, minedHash, block }))
      .sort((a, b) => byText(a.hash, b.hash)),
  );
  return stepsTaken(model, rows, step);
}

/** What holds whatever the model thinks. */
function requireRules(model: PaymentModel, rows: readonly Row[]): void {
  const holders = new Map<string, string>();
  for (const { id, payer, nonce, state, attempts, transaction, transactionState } of rows) {
    const isSettled = state === "settled" || state === "final";
    const events = model.chain.timesSettled(id);
    expect(events, `${id} is ${state}: events`).to.equal(isSettled ? 1 : 0);
    expect(attempts, `${id}: attempts`).to.be.at.most(MAX_ATTEMPTS + model.reorgs);
    if (state === "accepted") expect(transaction, `${id} waits: transaction`).to.equal(null);
    // Otherwise nobody would ever come back to it.
    if (state === "submitted")
      expect(transactionState, `${id} is submitted: transaction`).to.be.oneOf(["signed", "broadcast"]);
    if (state === "rejected" || state === "expired") continue;
    const key = `${payer}:${nonce}`;
    expect(holders.get(key), `${key} is held by ${id} and by`).to.equal(undefined);
    holders.set(key, id);
  }
}

function stepsTaken(model: PaymentModel, rows: readonly Row[], step: "forward" | "reorg"): string[] {
  const allowed = step === "reorg" ? NEXT_BY_REORG : NEXT;
  return rows.flatMap(({ id, state }) => {
    const before = model.seen.get(id);
    model.seen.set(id, state);
    if (before === undefined || before === state) return [];
    expect(allowed[before], `${id} went from ${before} to ${state} by a ${step} step`).to.include(state);
    return [`${before} → ${state}`];
  });
}
