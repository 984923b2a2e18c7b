import type { FieldValue, RecordStep } from "../../../sdk/record/record-steps.ts";
import { ROW_CODES } from "../../../sdk/row-codes.ts";

/** A field of an event as it is shown. `path` names it, members of structs and lists behind dots. */
export type ShownField = { readonly path: string } & (
  | { readonly kind: "amount"; readonly token: string | null; readonly value: bigint }
  | { readonly kind: "address" | "hex" | "text"; readonly value: string }
  | { readonly kind: "time" | "share"; readonly value: bigint }
  | { readonly kind: "code"; readonly value: string }
);

/** The currencies that a payment's amounts are in; null if the chain does not say. */
export interface StepTokens {
  readonly paid: string | null;
  /** Of what is held or credited; without an exchange the same. */
  readonly settled: string | null;
}

/** In the currency of the payer; every other amount is in the one that settles. */
const PAID = new Set(["ceiling", "paid", "returned", "quote.payAmount"]);
const AMOUNTS = new Set([
  ...PAID,
  ...["amount", "gross", "fee", "captured", "refunded", "byPayee", "toPayer", "toPayee", "settled", "filled"],
  ...["cost", "flatFee", "perPayment", "perDay", "quote.settleAmount"],
]);
const TIMES = new Set(["deadline", "captureDeadline", "refundDeadline", "until", "expiry", "quote.deadline"]);
const SHARES = new Set(["feeBps", "defaultPayerBps", "payerBps", "shareBps"]);

/** The fields of an event, each as what it is, in the event's order. @param about The page's id, which is not said again. */
export function shownFields(step: RecordStep, tokens: StepTokens, about?: string): readonly ShownField[] {
  return Object.entries(step.fields)
    .filter(([name, value]) => name !== "id" || value !== about)
    .flatMap(([name, value]) => shown(name, value, step, tokens));
}

function shown(path: string, value: FieldValue, step: RecordStep, tokens: StepTokens): readonly ShownField[] {
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([name, member]: [string, FieldValue]) =>
      shown(`${path}.${name}`, member, step, tokens),
    );
  }
  if (typeof value === "bigint") return [number(path, value, step, tokens)];
  if (typeof value === "boolean") return [{ path, kind: "text", value: String(value) }];
  const isHex = /^0x[0-9a-f]*$/i.test(value);
  return [{ path, kind: isHex ? (value.length === 42 ? "address" : "hex") : "text", value }];
}

function number(path: string, value: bigint, step: RecordStep, tokens: StepTokens): ShownField {
  if (path === "code") return { path, kind: "code", value: ROW_CODES[Number(value)] ?? String(value) };
  if (AMOUNTS.has(path)) return { path, kind: "amount", token: tokenOf(path, step, tokens), value };
  // Zero: there is no such time.
  if (TIMES.has(path) && value > 0n) return { path, kind: "time", value };
  if (SHARES.has(path.split(".").at(-1) ?? "")) return { path, kind: "share", value };
  return { path, kind: "text", value: String(value) };
}

function tokenOf(path: string, { contract, event, fields }: RecordStep, { paid, settled }: StepTokens): string | null {
  if (typeof fields.token === "string") return fields.token;
  const { quote } = fields;
  if (typeof quote === "object" && "payToken" in quote) {
    const token = PAID.has(path) ? quote.payToken : quote.settleToken;
    return typeof token === "string" ? token : null;
  }
  if (event === "Settled" || PAID.has(path)) return paid;
  return contract === "ledger" || contract === "gateway" ? paid : settled;
}
