import type { DecimalMark } from "./decimal-mark.ts";
import { CATEGORIES, type Category, type Reason, receivedOf, type ReconciledLine } from "./match.ts";
import type { OrderReference, SettledPayment } from "./order.ts";

/** Which payments are held against the orders. */
export interface ReconciliationRequest {
  /** Unix seconds; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Absent: as the amounts tell themselves. */
  readonly decimal?: DecimalMark;
  /** For the operator; a merchant's is her own. */
  readonly merchant?: string;
}

/** Amounts are decimal strings of smallest units. */
export interface Reconciliation {
  readonly merchant: string;
  /** Unix seconds; `to` is exclusive. Payments without an order are those that settled in between. */
  readonly from: number;
  readonly to: number;
  /** How amounts in the file were read. */
  readonly decimal: DecimalMark;
  readonly totals: readonly ReconciledTotals[];
  readonly lines: readonly ReconciledLineView[];
}

export interface ReconciledLineView {
  readonly category: Category;
  readonly reason: Reason | null;
  readonly token: string;
  readonly order: {
    readonly row: number;
    readonly number: string;
    readonly amount: string;
    readonly date: string | null;
    readonly reference: OrderReference | null;
  } | null;
  readonly received: string;
  readonly payments: readonly ReconciledPaymentView[];
}

export interface ReconciledPaymentView {
  readonly id: string;
  readonly amount: string;
  readonly returned: string;
  readonly held: string;
  readonly fee: string | null;
  readonly settledAt: string;
  readonly transactionHash: string;
}

/** What one currency comes to: as its orders say, and as was received without what was returned. */
export interface ReconciledTotals extends CategorySums {
  readonly token: string;
  /** What the operator kept, where it is known. */
  readonly fees: string;
  /** Those that there are, in the order of {@link CATEGORIES}; they add up to the whole. */
  readonly categories: readonly (CategorySums & { readonly category: Category })[];
}

export interface CategorySums {
  readonly orders: number;
  readonly expected: string;
  readonly payments: number;
  readonly received: string;
}

interface Sums {
  orders: number;
  expected: bigint;
  payments: number;
  received: bigint;
  fees: bigint;
}

/** What the lines come to, by currency. Pure. */
export function totalsOf(lines: readonly ReconciledLine[]): readonly ReconciledTotals[] {
  const byToken = new Map<string, Map<Category, Sums>>();
  for (const line of lines) {
    const token = tokenOf(line);
    const categories = byToken.get(token) ?? new Map<Category, Sums>();
    byToken.set(token, categories);
    const sums = categories.get(line.category) ?? { orders: 0, expected: 0n, payments: 0, received: 0n, fees: 0n };
    categories.set(line.category, sums);
    sums.orders += line.order === null ? 0 : 1;
    sums.expected += line.order?.amount ?? 0n;
    sums.payments += line.payments.length;
    sums.received += line.payments.reduce((sum, payment) => sum + receivedOf(payment), 0n);
    sums.fees += line.payments.reduce((sum, { fee }) => sum + (fee ?? 0n), 0n);
  }
  return [...byToken.entries()]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([token, categories]) => {
      const all = [...categories.values()];
      const add = (of: (sums: Sums) => bigint): bigint => all.reduce((sum, sums) => sum + of(sums), 0n);
      const whole: Sums = {
        orders: all.reduce((sum, { orders }) => sum + orders, 0),
        payments: all.reduce((sum, { payments }) => sum + payments, 0),
        expected: add(({ expected }) => expected),
        received: add(({ received }) => received),
        fees: add(({ fees }) => fees),
      };
      return {
        ...{ token, ...viewSums(whole), fees: String(whole.fees) },
        categories: CATEGORIES.flatMap((category) => {
          const sums = categories.get(category);
          return sums === undefined ? [] : [{ category, ...viewSums(sums) }];
        }),
      };
    });
}

export function viewLine(line: ReconciledLine): ReconciledLineView {
  const { category, reason, order, received, payments } = line;
  return {
    ...{ category, reason, token: tokenOf(line), received: String(received), payments: payments.map(viewPayment) },
    order:
      order === null
        ? null
        : {
            ...{ row: order.row, number: order.number, amount: String(order.amount) },
            ...{ date: order.date, reference: order.reference },
          },
  };
}

function viewPayment({
  id,
  amount,
  returned,
  held,
  fee,
  settledAt,
  transactionHash,
}: SettledPayment): ReconciledPaymentView {
  return {
    ...{ id, amount: String(amount), returned: String(returned), held: String(held) },
    ...{ fee: fee === null ? null : String(fee), settledAt: String(settledAt), transactionHash },
  };
}

function viewSums({ orders, expected, payments, received }: Sums): CategorySums {
  return { orders, expected: String(expected), payments, received: String(received) };
}

function tokenOf({ order, payments }: ReconciledLine): string {
  return order?.token ?? payments[0]?.token ?? "";
}
