import type { Order, SettledPayment } from "./order.ts";

export const CATEGORIES = ["matched", "short", "over", "missing", "duplicate", "unordered"] as const;

/**
 * Where an order stands with its payments. `matched`: paid to the unit. `short`, `over`: less or more arrived, or stayed. `missing`:
 * nothing was paid for it. `duplicate`: paid again after it was paid, or named again in the file. `unordered`: a payment for no order.
 */
export type Category = (typeof CATEGORIES)[number];

/**
 * `no_reference`: the order names no payment. `other_currency`: what was paid for it is of another currency. `returned`: enough was paid,
 * and went back. `paid_again`; `ordered_again`: another row of the file names the same payments.
 */
export type Reason = (typeof REASONS)[number];

export const REASONS = [
  "no_reference",
  "not_paid",
  "other_currency",
  "returned",
  "paid_again",
  "ordered_again",
] as const;

/** An order with its payments, or a payment without one. Each order and each payment stands in exactly one line. */
export interface ReconciledLine {
  readonly category: Category;
  readonly reason: Reason | null;
  readonly order: Order | null;
  /** The oldest first. */
  readonly payments: readonly SettledPayment[];
  /** What they come to, without what was returned. {qTok} */
  readonly received: bigint;
}

/** What stayed of a payment. {qTok} */
export function receivedOf({ amount, returned }: SettledPayment): bigint {
  return amount - returned;
}

/**
 * Holds orders against settled payments. Pure; lines of orders in the file's order, then payments without one, the oldest first.
 * An order by a payment's id goes before one by its request, that before one by a memo; else the first in the file.
 */
export function reconcile(orders: readonly Order[], payments: readonly SettledPayment[]): readonly ReconciledLine[] {
  const inTime = [...payments].sort((a, b) => Number(a.settledAt - b.settledAt) || compare(a.id, b.id));
  const index = indexPayments(inTime);
  const taken = new Set<string>();
  const strange = new Set<string>();
  const lines = new Map<Order, ReconciledLine>();
  for (const kind of ["payment", "request", "memo", "none"] as const) {
    for (const order of orders) {
      if ((order.reference?.kind ?? "none") !== kind) continue;
      const { reference } = order;
      const named = reference === null ? [] : (index.get(`${reference.kind}:${reference.value}`) ?? []);
      const free = named.filter(({ id }) => !taken.has(id));
      const own = free.filter(({ token }) => isSame(token, order.token));
      for (const { id } of own) taken.add(id);
      for (const { id } of free) if (!taken.has(id)) strange.add(id);
      lines.set(order, judge(order, own, free.length > 0, named.length > free.length));
    }
  }
  const repeated = repeatedOrders(orders);
  const ofOrders = orders.flatMap((order) => {
    const line = lines.get(order);
    if (line === undefined) return [];
    const isAgain = line.category === "missing" && repeated.has(order);
    return [isAgain ? { ...line, category: "duplicate" as const, reason: "ordered_again" as const } : line];
  });
  const others = inTime.filter(({ id }) => !taken.has(id));
  return [
    ...ofOrders,
    ...others.map((payment): ReconciledLine => ({
      ...{ category: "unordered", order: null, payments: [payment], received: receivedOf(payment) },
      reason: strange.has(payment.id) ? "other_currency" : null,
    })),
  ];
}

function judge(order: Order, own: readonly SettledPayment[], isNamed: boolean, isTaken: boolean): ReconciledLine {
  const received = own.reduce((sum, payment) => sum + receivedOf(payment), 0n);
  const line = (category: Category, reason: Reason | null): ReconciledLine => {
    return { category, reason, order, payments: own, received };
  };
  if (own.length === 0) {
    if (isNamed) return line("missing", "other_currency");
    if (isTaken) return line("duplicate", "ordered_again");
    return line("missing", order.reference === null ? "no_reference" : "not_paid");
  }
  let sum = 0n;
  for (const payment of own) {
    if (sum >= order.amount && receivedOf(payment) > 0n) return line("duplicate", "paid_again");
    sum += receivedOf(payment);
  }
  if (received === order.amount) return line("matched", null);
  if (received > order.amount) return line("over", null);
  const paid = own.reduce((total, { amount }) => total + amount, 0n);
  return line("short", paid >= order.amount ? "returned" : null);
}

/** Orders whose reference an earlier row of the file has. */
function repeatedOrders(orders: readonly Order[]): ReadonlySet<Order> {
  const seen = new Set<string>();
  return new Set(
    orders.filter(({ reference }) => {
      if (reference === null) return false;
      const key = `${reference.kind}:${reference.value}`;
      if (seen.has(key)) return true;
      seen.add(key);
      return false;
    }),
  );
}

function indexPayments(payments: readonly SettledPayment[]): ReadonlyMap<string, readonly SettledPayment[]> {
  const index = new Map<string, SettledPayment[]>();
  for (const payment of payments) {
    const { id, requestId, memo } = payment;
    const keys = [`payment:${id.toLowerCase()}`, `memo:${memo.toLowerCase()}`];
    if (requestId !== null) keys.push(`request:${requestId.toLowerCase()}`);
    for (const key of keys) {
      const list = index.get(key);
      if (list === undefined) index.set(key, [payment]);
      else list.push(payment);
    }
  }
  return index;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
