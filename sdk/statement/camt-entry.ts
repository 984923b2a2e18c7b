import { roundedBetween } from "./iso-amount.ts";
import {
  amountElement,
  exactAmount,
  exactText,
  exchangeElement,
  exchangeText,
  type IsoSettings,
  isoCode,
  accountId,
  accountProxy,
  ledgerAgent,
  otherAccount,
  partyName,
  remittance,
} from "./iso-parts.ts";
import type { StatementEntry, StatementHead } from "./statement.ts";
import { isoTime } from "./statement-time.ts";
import { compactUetr } from "./uetr.ts";
import { element, oneLine, type Xml } from "./xml.ts";

/** Whose account an entry is of. */
export type EntryAccount = Pick<StatementHead, "account" | "name" | "chainId" | "ledger" | "currency" | "offset">;

/** The account of a statement or advice. */
export function ownAccount({ account, name, chainId, ledger, currency }: EntryAccount): Xml | undefined {
  return element("Acct", [
    ...accountId(account),
    element("Tp", [element("Prtry", oneLine(currency.code, 35))]),
    element("Ccy", isoCode(currency)),
    element("Nm", `${oneLine(currency.code, 16) ?? "token"} ${currency.token}`),
    accountProxy(account),
    element("Ownr", [element("Nm", partyName(account, name))]),
    ledgerAgent("Svcr", ledger, chainId),
  ]);
}

/**
 * One entry, booked when its block was mined. By `rounding` "currency" it is the difference of two rounded balances.
 * @throws AmountTooLong; CurrencyNotMapped
 */
export function camtEntry(head: EntryAccount, entry: StatementEntry, settings: IsoSettings): Xml | undefined {
  const { currency, offset } = head;
  const { rounding } = settings;
  const [amount, balance] = [BigInt(entry.amount), BigInt(entry.balance)];
  const exact = amount < 0n ? -amount : amount;
  const code = isoCode(currency);
  const between = rounding === "none" ? amount : roundedBetween(balance - amount, balance, currency.decimals, code);
  const size = between < 0n ? -between : between;
  const side = element("CdtDbtInd", amount < 0n ? "DBIT" : "CRDT");
  const written = amountElement("Amt", size, currency, "none");
  const time = element("DtTm", isoTime(entry.at, offset));
  const place = `${entry.blockNumber}-${entry.logIndex}-${entry.part}`;
  return element("Ntry", [
    element("NtryRef", place),
    written,
    side,
    element("Sts", [element("Cd", "BOOK")]),
    element("BookgDt", [time]),
    element("ValDt", [time]),
    element("AcctSvcrRef", place),
    transactionCode(entry, amount < 0n),
    element("NtryDtls", [
      element("TxDtls", [
        references(entry, settings),
        written,
        side,
        amountDetails(head, entry, settings),
        charges(head, entry),
        parties(head, entry, amount < 0n),
        remittance([
          entry.title,
          labelled("payment", entry.paymentId),
          labelled("memo", entry.memo),
          labelled("tx", entry.transactionHash),
        ]),
        element("AddtlTxInf", oneLine(additional(head, entry, size === exact ? undefined : exact, settings), 500)),
      ]),
    ]),
  ]);
}

function labelled(label: string, value: string | null): string | null {
  return value === null ? null : `${label} ${value}`;
}

/** Domain codes of the External Code Sets, and what it is here. */
function transactionCode({ kind }: StatementEntry, isDebit: boolean): Xml | undefined {
  const [domain, family, sub] =
    kind === "fee" ? ["ACMT", isDebit ? "MDOP" : "MCOP", "CHRG"] : ["PMNT", isDebit ? "ICDT" : "RCDT", "OTHR"];
  return element("BkTxCd", [
    element("Domn", [element("Cd", domain), element("Fmly", [element("Cd", family), element("SubFmlyCd", sub)])]),
    element("Prtry", [element("Cd", kind), element("Issr", "Corridor")]),
  ]);
}

function references({ paymentId }: StatementEntry, { uetrOf }: IsoSettings): Xml | undefined {
  if (paymentId === null) return undefined;
  const uetr = uetrOf(paymentId);
  return element("Refs", [element("EndToEndId", compactUetr(uetr)), element("UETR", uetr)]);
}

/** What was paid in the other currency, and at which rate. */
function amountDetails(
  { currency }: EntryAccount,
  { exchange }: StatementEntry,
  settings: IsoSettings,
): Xml | undefined {
  if (exchange === null) return undefined;
  const { currencyOf } = settings;
  const isPaid = exchange.payToken === currency.token;
  const [token, amount] = isPaid ? [exchange.settleToken, exchange.settled] : [exchange.payToken, exchange.paid];
  const other = exactAmount("Amt", BigInt(amount), currencyOf(token));
  if (other === undefined) return undefined;
  const details = [other, exchangeElement(exchange, currencyOf)];
  return element("AmtDtls", [element(isPaid ? "CntrValAmt" : "InstdAmt", details)]);
}

/** What the operator kept, which the amount is without. */
function charges({ currency }: EntryAccount, entry: StatementEntry): Xml | undefined {
  const fee = BigInt(entry.fee);
  const amount = fee === 0n ? undefined : exactAmount("Amt", fee, currency);
  if (amount === undefined) return undefined;
  return element("Chrgs", [element("Rcrd", [amount, element("CdtDbtInd", "DBIT"), element("Br", "CRED")])]);
}

function parties(head: EntryAccount, entry: StatementEntry, isDebit: boolean): Xml | undefined {
  const { counterparty, counterpartyName } = entry;
  const other = counterparty === null ? undefined : partyName(counterparty, counterpartyName);
  const own = partyName(head.account, head.name);
  const [debtor, creditor] = isDebit ? [own, other] : [other, own];
  const [from, to] = isDebit ? [head.account, counterparty] : [counterparty, head.account];
  const named = (name: string, party: string | undefined): Xml | undefined =>
    element(name, [element("Pty", [element("Nm", party)])]);
  return element("RltdPties", [
    named("Dbtr", debtor),
    otherAccount("DbtrAcct", from),
    named("Cdtr", creditor),
    otherAccount("CdtrAcct", to),
  ]);
}

function additional(
  head: EntryAccount,
  entry: StatementEntry,
  exact: bigint | undefined,
  settings: IsoSettings,
): string {
  const fee = BigInt(entry.fee);
  return [
    entry.kind,
    exact === undefined ? undefined : `exactly ${exactText(exact, head.currency)}`,
    fee === 0n ? undefined : `fee ${exactText(fee, head.currency)}`,
    entry.exchange === null ? undefined : exchangeText(entry.exchange, settings.currencyOf),
    `block ${entry.blockNumber}`,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}
