import { expect } from "chai";
import fc from "fast-check";

import { findDecimalMark, plainAmount } from "../../sdk/reconcile/decimal-mark.ts";
import { reconcile } from "../../sdk/reconcile/match.ts";
import type { Order, OrderReference, SettledPayment } from "../../sdk/reconcile/order.ts";
import { readOrders } from "../../sdk/reconcile/read-orders.ts";
import { totalsOf, viewLine } from "../../sdk/reconcile/reconciliation.ts";
import { reconciliationCsv } from "../../sdk/reconcile/reconciliation-csv.ts";

const EURO = "0x00000000000000000000000000000000000000e0";
const DOLLAR = "0x00000000000000000000000000000000000000d0";
const CURRENCIES = [
  { token: EURO, code: "EUR", decimals: 6 },
  { token: DOLLAR, code: "USD", decimals: 6 },
];
const hash = (index: number): string => `0x${index.toString(16).padStart(64, "0")}`;

function payment(index: number, changes: Partial<SettledPayment> = {}): SettledPayment {
  return {
    ...{ id: hash(index), requestId: null, memo: hash(1_000 + index), token: EURO, amount: 10n, returned: 0n },
    ...{ held: 0n, fee: 1n, settledAt: BigInt(index), transactionHash: hash(9), ...changes },
  };
}

function order(row: number, reference: OrderReference | null, changes: Partial<Order> = {}): Order {
  return { ...{ row, number: `A-${row}`, amount: 10n, token: EURO, reference, date: null }, ...changes };
}

const by = (kind: OrderReference["kind"], value: string): OrderReference => ({ kind, value });

describe("orders held against payments", () => {
  it("are matched, short, over, missing or duplicate, and payments without one are told", () => {
    const lines = reconcile(
      [
        order(2, by("payment", hash(1))),
        order(3, by("memo", hash(1_002))),
        order(4, by("payment", hash(3))),
        order(5, by("payment", hash(99))),
        order(6, by("memo", hash(7))),
        order(7, by("payment", hash(1))),
        order(8, null),
        order(9, by("payment", hash(6))),
        order(10, by("payment", hash(8))),
      ],
      [
        payment(1),
        payment(2, { amount: 9n }),
        payment(3, { amount: 11n }),
        payment(4, { memo: hash(7) }),
        payment(5, { memo: hash(7) }),
        payment(6, { token: DOLLAR }),
        payment(7),
        payment(8, { returned: 4n }),
      ],
    );
    expect(lines.map(({ category, reason, order: of }) => [of?.row ?? null, category, reason])).to.deep.equal([
      [2, "matched", null],
      [3, "short", null],
      [4, "over", null],
      [5, "missing", "not_paid"],
      [6, "duplicate", "paid_again"],
      [7, "duplicate", "ordered_again"],
      [8, "missing", "no_reference"],
      [9, "missing", "other_currency"],
      [10, "short", "returned"],
      [null, "unordered", "other_currency"],
      [null, "unordered", null],
    ]);
  });

  it("stand in one line each, and the totals are those of the orders and the payments", () => {
    const token = fc.constantFrom(EURO, DOLLAR);
    const small = fc.integer({ min: 0, max: 12 });
    const amount = fc.bigInt({ min: 1n, max: 20n });
    const payments = fc.uniqueArray(
      fc.record({
        index: fc.integer({ min: 0, max: 40 }),
        memo: small,
        request: small,
        token,
        amount,
        returned: amount,
      }),
      { selector: ({ index }) => index, maxLength: 25 },
    );
    const orders = fc.array(
      fc.record({ kind: fc.constantFrom("payment", "request", "memo", "none"), of: small, token, amount }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(orders, payments, (wanted, paid) => {
        const all = paid.map(({ index, memo, request, returned, ...rest }) =>
          payment(index, {
            ...rest,
            memo: hash(500 + memo),
            requestId: request === 0 ? null : String(request),
            returned: returned < rest.amount ? returned : rest.amount,
          }),
        );
        const asked = wanted.map(({ kind, of, ...rest }, row) => {
          const value = kind === "memo" ? hash(500 + of) : kind === "request" ? String(of) : hash(of);
          return order(row + 2, kind === "none" ? null : by(kind, value), rest);
        });
        const lines = reconcile(asked, all);
        expect(lines.flatMap((line) => line.order ?? [])).to.deep.equal(asked);
        expect(lines.flatMap((line) => line.payments.map(({ id }) => id)).sort()).to.deep.equal(
          all.map(({ id }) => id).sort(),
        );
        const totals = totalsOf(lines);
        const sum = (values: readonly (string | bigint)[]) => values.reduce<bigint>((a, b) => a + BigInt(b), 0n);
        expect(sum(totals.map(({ expected }) => expected))).to.equal(sum(asked.map((each) => each.amount)));
        expect(sum(totals.map(({ received }) => received))).to.equal(
          sum(all.map((each) => each.amount - each.returned)),
        );
        for (const { expected, received, categories } of totals) {
          expect(sum(categories.map((each) => each.expected))).to.equal(BigInt(expected));
          expect(sum(categories.map((each) => each.received))).to.equal(BigInt(received));
        }
        for (const line of lines) {
          if (line.category === "matched") expect(line.received).to.equal(line.order?.amount);
          if (line.category === "short") expect(line.received < (line.order?.amount ?? 0n)).to.equal(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("are read in whole or not at all, with the rows that are wrong", () => {
    const header = ["Order number", "Amount", "Currency", "Memo"];
    const good = readOrders([header, ["A-1", "1,234.50", "eur", hash(1)]], CURRENCIES);
    expect(good).to.deep.include({ ok: true, decimal: "point" });
    expect(good.ok && good.orders[0]).to.deep.include({ amount: 1_234_500_000n, token: EURO });
    const bad = readOrders(
      [header, ["A-1", "1", "EUR", hash(1)], ["A-2", "0", "EUR", ""], ["", "1", "XXX", ""]],
      CURRENCIES,
    );
    expect(bad.ok ? [] : bad.faults.map(({ row, column }) => [row, column])).to.deep.equal([
      [3, "amount"],
      [4, "number"],
    ]);
    expect(readOrders([["Order", "Amount"]], CURRENCIES)).to.have.property("ok", false);
    expect(readOrders([header, ["A-1", "1.0000001", "EUR", ""]], CURRENCIES)).to.have.property("ok", false);
  });

  it("are not guessed a thousandfold", () => {
    expect(findDecimalMark(["1.000"])).to.equal("ambiguous");
    expect(findDecimalMark(["1.000", "12,50"])).to.equal("comma");
    expect(findDecimalMark(["1.50", "12,50"])).to.equal("mixed");
    expect(plainAmount("1.234,50", "comma")).to.equal("1234.50");
    expect(plainAmount("1,5", "point")).to.equal(undefined);
    expect(plainAmount("-1", "point")).to.equal(undefined);
  });

  it("are read in either notation, and grouped or not", () => {
    const numbers = fc.tuple(fc.bigInt(1n, 10n ** 15n), fc.constantFrom("point", "comma"), fc.boolean());
    fc.assert(
      fc.property(numbers, ([units, mark, isGrouped]) => {
        const [point, group] = mark === "point" ? [".", ","] : [",", "."];
        const whole = String(units / 100n);
        const shown = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, group) : whole;
        const text = `${shown}${point}${String(units % 100n).padStart(2, "0")}`;
        const read = readOrders(
          [
            ["Order No.", "TOTAL", "token", "payment_id"],
            ["A", text, EURO, ""],
          ],
          CURRENCIES,
        );
        expect(read.ok && read.decimal, text).to.equal(mark);
        expect(read.ok && read.orders[0]?.amount, text).to.equal(units * 10_000n);
      }),
    );
    for (const text of ["", "-5", "1e3", "0x5", "1,23,4", "12.34.5", "5 5", "٥", "5 USD", "+5", ".5", "5."]) {
      expect(plainAmount(text, "point"), text).to.equal(undefined);
    }
  });

  it("are told to spreadsheets without formulas", () => {
    const [line] = reconcile([order(2, null, { number: "=HYPERLINK(1)" })], []);
    if (line === undefined) throw new Error("No line");
    const text = [...reconciliationCsv([viewLine(line)], CURRENCIES)].join("");
    expect(text).to.include("'=HYPERLINK(1)");
    expect(text).to.include(",0.00001,0,-0.00001,");
  });
});
