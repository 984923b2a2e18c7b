import { camtEntry, type EntryAccount, ownAccount } from "./camt-entry.ts";
import type { IsoSettings } from "./iso-parts.ts";
import type { PaymentFacts } from "./payment-message.ts";
import { isoTime } from "./statement-time.ts";
import { element, envelope } from "./xml.ts";

export const CAMT_054 = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";
const ENVELOPE = envelope(CAMT_054, ["Document", "BkToCstmrDbtCdtNtfctn"]);

/**
 * Payment advice, camt.054.001.08: every entry of the merchant's account that the payment made so far; of a hold its captures and
 * refunds. An advice has no balances: by `rounding` "currency" each entry is rounded by itself, if its balance is its amount, or zero
 * after a debit.
 * @throws AmountTooLong; CurrencyNotMapped
 */
export function camt054(facts: PaymentFacts, settings: IsoSettings): string {
  const { payment, entries, chainId, ledger, merchantName } = facts;
  const currency = settings.currencyOf(payment.exchange?.settleToken ?? payment.token);
  const account: EntryAccount = { account: payment.merchant, name: merchantName, chainId, ledger, currency, offset: 0 };
  const created = element("CreDtTm", isoTime(settings.createdAt, 0));
  const header = element("GrpHdr", [element("MsgId", settings.messageId), created]);
  const notification = element("Ntfctn", [
    element("Id", settings.messageId),
    created,
    ownAccount(account),
    ...entries.map((entry) => camtEntry(account, entry, settings)),
  ]);
  return `${ENVELOPE.start}${header ?? ""}${notification ?? ""}${ENVELOPE.end}`;
}
