import { formatAmount } from "../../../sdk/amounts.ts";
import type { CurrencyView } from "../../../sdk/client.ts";
import { invoiceMemo } from "../../../sdk/record/memo.ts";
import type { RequestForm } from "./request-form.ts";
import { readAmount } from "../../parts/show-amount.ts";

/** A document that a memo commits to, with the salt: who has both can show what was paid for. */
export interface Invoice {
  readonly memo: string;
  readonly salt: string;
  readonly fileName: string;
  /** The document itself if it was made here; null: the merchant's own file. */
  readonly document: string | null;
}

/** The memo of the merchant's own file. @param salt 32 bytes in hex. */
export async function invoiceOfFile(file: File, salt: string): Promise<Invoice> {
  const memo = invoiceMemo(new Uint8Array(await file.arrayBuffer()), salt);
  return { memo, salt, fileName: file.name, document: null };
}

/** An invoice out of what is asked for: the same fields make the same text, so that a form sent again has the same memo. */
export function invoiceOfForm(form: RequestForm, currency: CurrencyView, merchant: string, salt: string): Invoice {
  const amount = readAmount(form.amount, currency.decimals);
  const fields = {
    ...{ merchant, title: form.title.trim(), currency: currency.code, token: currency.token },
    amount: amount === undefined ? form.amount.trim() : formatAmount(amount, currency.decimals),
    ...{ capture: form.capture, payerCountry: form.payerCountry },
  };
  const document = `${JSON.stringify(fields, null, 2)}\n`;
  return { memo: invoiceMemo(new TextEncoder().encode(document), salt), salt, fileName: "invoice.json", document };
}

/** What is saved of the salt, with what it belongs to. */
export function saltFile({ memo, salt, fileName }: Invoice, paymentRequest: string): string {
  return `${JSON.stringify({ paymentRequest, memo, salt, invoice: fileName }, null, 2)}\n`;
}
