import { expect } from "chai";
import fc from "fast-check";

import {
  groupIntoBatches,
  isDue,
  maxRows,
  type PayableRow,
  SETTLEMENT_GAS,
  TRANSACTION_GAS,
} from "../../relayer/batching/batches.ts";

const { row: ROW_GAS, batch: BATCH_GAS } = SETTLEMENT_GAS;
const LIMITS = { maxRows: 100, maxAgeMs: 250, maxGas: 15_000_000 };

const rows = fc.array(
  fc.record({
    payer: fc.constantFrom("a", "b", "c"),
    payee: fc.constantFrom("x", "y"),
    token: fc.constantFrom("s", "t"),
    nonce: fc.bigInt(0n, 99n),
  }),
  { maxLength: 60 },
);

function payable(parts: { payer: string; payee: string; token: string; nonce: bigint }, index: number): PayableRow {
  const signed = { r: "0x", vs: "0x", signature: null, signer: null };
  return { ...parts, ...signed, id: String(index), amount: 1n, deadline: 1n, memo: "0x" };
}

describe("batching", () => {
  it("loses no row, doubles none and keeps to the gas, in each payer's order of nonces", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: TRANSACTION_GAS + BATCH_GAS + ROW_GAS, max: 2_000_000 }), (parts, maxGas) => {
        const given = parts.map(payable);
        const { batches, left } = groupIntoBatches(given, maxGas, BATCH_GAS, () => ROW_GAS);
        const taken = batches.flatMap((batch) => batch.rows);
        expect([...taken, ...left].map((row) => row.id).sort()).to.deep.equal(given.map((row) => row.id).sort());
        const gas = TRANSACTION_GAS + batches.length * BATCH_GAS + taken.length * ROW_GAS;
        expect(taken.length === 0 || gas <= maxGas).to.equal(true);
        expect(new Set(batches.map((batch) => `${batch.payee}${batch.token}`)).size).to.equal(batches.length);
        for (const batch of batches) {
          for (const row of batch.rows) expect([row.payee, row.token]).to.deep.equal([batch.payee, batch.token]);
          for (const payer of ["a", "b", "c"]) {
            const nonces = batch.rows.filter((row) => row.payer === payer).map((row) => Number(row.nonce));
            expect(nonces).to.deep.equal([...nonces].sort((a, b) => a - b));
          }
        }
      }),
    );
  });

  it("is due by count and by age, and not before", () => {
    expect(isDue({ waiting: 0, oldestMs: 0 }, LIMITS, SETTLEMENT_GAS)).to.equal(false);
    expect(isDue({ waiting: 99, oldestMs: 249 }, LIMITS, SETTLEMENT_GAS)).to.equal(false);
    expect(isDue({ waiting: 100, oldestMs: 0 }, LIMITS, SETTLEMENT_GAS)).to.equal(true);
    expect(isDue({ waiting: 1, oldestMs: 250 }, LIMITS, SETTLEMENT_GAS)).to.equal(true);
  });

  it("bounds the rows by gas", () => {
    expect(maxRows(LIMITS, SETTLEMENT_GAS)).to.equal(100);
    expect(maxRows({ ...LIMITS, maxGas: TRANSACTION_GAS + BATCH_GAS + 3 * ROW_GAS }, SETTLEMENT_GAS)).to.equal(3);
  });
});
