import type { PaymentView } from "../../sdk/client.ts";
import type { Database } from "../store/database.ts";
import { readRefunds } from "../store/fx.ts";
import { findHolds, heldAs } from "../store/holds.ts";
import { findPayments, type PaymentRecord } from "../store/payments.ts";
import { viewPayment } from "./views.ts";

/** Payments with what became of their holds and refunds, in the order given. */
export async function showPayments(database: Database, payments: readonly PaymentRecord[]): Promise<PaymentView[]> {
  const held = payments.flatMap((payment) => heldAs(payment) ?? []);
  const holds = new Map((held.length === 0 ? [] : await findHolds(database, held)).map((hold) => [hold.id, hold]));
  const exchanged = payments.flatMap(({ id, fx }) => (fx === null ? [] : [id]));
  const refunds = exchanged.length === 0 ? undefined : await readRefunds(database, exchanged);
  return payments.map((payment) => viewPayment(payment, holds.get(heldAs(payment) ?? ""), refunds?.get(payment.id)));
}

export async function readPaymentViews(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PaymentView>> {
  const views = await showPayments(database, await findPayments(database, ids));
  return new Map(views.map((view) => [view.id, view]));
}
