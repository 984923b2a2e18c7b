import { camtEntry, ownAccount } from "./camt-entry.ts";
import { plainDecimal } from "./iso-amount.ts";
import { amountElement, exactText, type IsoSettings } from "./iso-parts.ts";
import type { StatementEntry, StatementHead } from "./statement.ts";
import { isoDay, isoTime } from "./statement-time.ts";
import { element, envelope, type Xml } from "./xml.ts";

export const CAMT_053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
const ENVELOPE = envelope(CAMT_053, ["Document", "BkToCstmrStmt"]);

/**
 * Bank-to-customer statement, camt.053.001.08, up to where its entries follow one by one ({@link camtEntry}), then {@link camt053End}.
 * @param statementId The same whenever the same account and period are stated, at most 35 characters.
 * @throws AmountTooLong; CurrencyNotMapped
 */
export function camt053Start(head: StatementHead, statementId: string, settings: IsoSettings): string {
  const { offset, currency, rounding } = { ...head, rounding: settings.rounding };
  const created = element("CreDtTm", isoTime(settings.createdAt, offset));
  const header = element("GrpHdr", [element("MsgId", settings.messageId), created]);
  const period = [element("FrDtTm", isoTime(head.from, offset)), element("ToDtTm", isoTime(head.to, offset))];
  const [opening, closing] = [BigInt(head.opening), BigInt(head.closing)];
  const [first, last] = [isoDay(head.from, offset), isoDay(head.to - 1, offset)];
  const parts = [
    element("Id", statementId),
    created,
    element("FrToDt", period),
    ownAccount(head),
    balance("OPBD", amountElement("Amt", opening, currency, rounding), first),
    balance("CLBD", amountElement("Amt", closing, currency, rounding), last),
    summary(head, settings),
  ];
  return `${ENVELOPE.start}${header ?? ""}<Stmt>${parts.filter((part) => part !== undefined).join("")}`;
}

/** @throws AmountTooLong; CurrencyNotMapped */
export function camt053Entry(head: StatementHead, entry: StatementEntry, settings: IsoSettings): string {
  return camtEntry(head, entry, settings) ?? "";
}

export function camt053End(head: StatementHead, { rounding }: IsoSettings): string {
  const [opening, closing] = [
    exactText(BigInt(head.opening), head.currency),
    exactText(BigInt(head.closing), head.currency),
  ];
  const rounded =
    rounding === "none" ? "" : " Amounts are rounded to the currency's minor unit, entries between rounded balances.";
  const text = `Opening ${opening}, closing ${closing}, as of block ${head.asOf.blockNumber}.${rounded}`;
  return `${element("AddtlStmtInf", text) ?? ""}</Stmt>${ENVELOPE.end}`;
}

function balance(type: string, amount: Xml | undefined, day: string): Xml | undefined {
  const code = element("Tp", [element("CdOrPrtry", [element("Cd", type)])]);
  return element("Bal", [code, amount, element("CdtDbtInd", "CRDT"), element("Dt", [element("Dt", day)])]);
}

/** Sums only where entries are not rounded: DecimalNumber has 17 places, but 18 digits. */
function summary({ credits, debits, currency }: StatementHead, { rounding }: IsoSettings): Xml | undefined {
  const sumOf = (sum: string): Xml | undefined => {
    const text = plainDecimal(BigInt(sum), currency.decimals);
    return rounding === "none" && text.replace(".", "").length <= 18 ? element("Sum", text) : undefined;
  };
  const side = (name: string, { entries, sum }: StatementHead["credits"]): Xml | undefined =>
    element(name, [element("NbOfNtries", String(entries)), sumOf(sum)]);
  return element("TxsSummry", [
    element("TtlNtries", [element("NbOfNtries", String(credits.entries + debits.entries))]),
    side("TtlCdtNtries", credits),
    side("TtlDbtNtries", debits),
  ]);
}
