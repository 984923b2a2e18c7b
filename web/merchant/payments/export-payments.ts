import { formatAmount } from "../../../sdk/amounts.ts";
import type { CurrencyView, PaymentView } from "../../../sdk/client.ts";

const COLUMNS = [
  ...["id", "status", "state", "code", "accepted_at", "settled_at", "payer", "merchant", "amount", "currency", "token"],
  ...[
    "paid_amount",
    "paid_token",
    "fee",
    "hold_status",
    "captured",
    "refunded",
    "memo",
    "request",
    "transaction",
    "block",
  ],
] as const;

/** Payments as a table for spreadsheets, amounts in units of the currency. */
export function paymentsCsv(payments: readonly PaymentView[], currencies: readonly CurrencyView[]): string {
  return toCsv([COLUMNS, ...payments.map((payment) => row(payment, currencies))]);
}

export function paymentsJson(payments: readonly PaymentView[]): string {
  return `${JSON.stringify(payments, null, 2)}\n`;
}

/** By RFC 4180. A cell that a spreadsheet would read as a formula is made text by an apostrophe. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function row(payment: PaymentView, currencies: readonly CurrencyView[]): readonly string[] {
  const { exchange, hold } = payment;
  const token = exchange?.settleToken ?? payment.token;
  const find = (address: string) => currencies.find((each) => each.token.toLowerCase() === address.toLowerCase());
  const amount = (value: string | null | undefined, of = token): string => {
    const currency = find(of);
    if (value === null || value === undefined) return "";
    return currency === undefined ? value : formatAmount(BigInt(value), currency.decimals);
  };
  const settledAt = payment.settledAt === null ? "" : new Date(Number(payment.settledAt) * 1_000).toISOString();
  return [
    ...[payment.id, payment.status, payment.state, payment.code ?? "", payment.acceptedAt, settledAt],
    ...[
      payment.payer,
      payment.merchant,
      amount(exchange?.settleAmount ?? payment.amount),
      find(token)?.code ?? "",
      token,
    ],
    ...[exchange === null ? amount(payment.amount) : amount(exchange.paid, payment.token), payment.token],
    ...[amount(exchange?.fee), hold?.status ?? "", amount(hold?.captured), amount(hold?.refunded)],
    ...[payment.memo, payment.requestId ?? "", payment.transactionHash ?? "", payment.blockNumber ?? ""],
  ];
}
