import { encodeBase58 } from "ethers";

import { type CurrencyOf } from "./csv.ts";
import { isoAmount, isoRate, plainDecimal, type Rounding, writtenAmount } from "./iso-amount.ts";
import type { EntryExchange, StatementCurrency } from "./statement.ts";
import { element, oneLine, type Xml } from "./xml.ts";

/** A token stands for no currency of ISO 4217 that is known here. */
export class CurrencyNotMapped extends Error {
  constructor(readonly currency: StatementCurrency) {
    super(`${currency.code} stands for no currency of ISO 4217 that is known here`);
    this.name = "CurrencyNotMapped";
  }
}

/** What every message of ISO 20022 is written with. */
export interface IsoSettings {
  /** Unique for each message, at most 35 characters. */
  readonly messageId: string;
  /** When it is written. Unix seconds. */
  readonly createdAt: number;
  readonly rounding: Rounding;
  readonly currencyOf: CurrencyOf;
  /** Of a payment, by its id. */
  readonly uetrOf: (paymentId: string) => string;
}

/** @throws CurrencyNotMapped */
export function isoCode(currency: StatementCurrency): string {
  if (currency.iso === null) throw new CurrencyNotMapped(currency);
  return currency.iso;
}

/** @param amount Zero or more. {qTok} @throws AmountTooLong; CurrencyNotMapped */
export function amountElement(
  name: string,
  amount: bigint,
  currency: StatementCurrency,
  rounding: Rounding,
): Xml | undefined {
  const code = isoCode(currency);
  return element(name, writtenAmount(amount, currency.decimals, code, rounding), { Ccy: code });
}

/** An amount beside the one that is booked: in full, or not at all. */
export function exactAmount(name: string, amount: bigint, currency: StatementCurrency): Xml | undefined {
  if (currency.iso === null) return undefined;
  return element(name, isoAmount(amount, currency.decimals, currency.iso), { Ccy: currency.iso });
}

/**
 * An account. Its address has 42 characters and does not fit where accounts are named by 34, so it stands there in Base58 (28 at most),
 * and as it is written everywhere else in the proxy.
 */
export function accountId(address: string): (Xml | undefined)[] {
  const short = encodeBase58(address);
  return [
    element("Id", [element("Othr", [element("Id", short), element("SchmeNm", [element("Prtry", "EVM_BASE58")])])]),
  ];
}

export function accountProxy(address: string): Xml | undefined {
  return element("Prxy", [element("Tp", [element("Prtry", "EVM_ADDRESS")]), element("Id", address)]);
}

/** An account of somebody else. */
export function otherAccount(name: string, address: string | null): Xml | undefined {
  return address === null ? undefined : element(name, [...accountId(address), accountProxy(address)]);
}

/** Somebody, by the name that she shows; else by her address. */
export function partyName(address: string, name: string | null): string {
  return (name === null ? undefined : oneLine(name, 140)) ?? address;
}

/** Who keeps the accounts: the Ledger, by its chain and address. */
export function ledgerAgent(name: string, ledger: string, chainId: string): Xml | undefined {
  const id = element("Othr", [element("Id", `CORRIDOR-EIP155-${chainId}`.slice(0, 35))]);
  return element(name, [element("FinInstnId", [element("Nm", `Corridor Ledger ${ledger}`), id])]);
}

/** Unstructured lines, each of at most 140 characters. */
export function remittance(lines: readonly (string | null)[]): Xml | undefined {
  return element(
    "RmtInf",
    lines.map((text) => (text === null ? undefined : element("Ustrd", oneLine(text, 140)))),
  );
}

/** A rate between two currencies of ISO 4217, and its quote; nothing where one of them is none. */
export function exchangeElement(exchange: EntryExchange, currencyOf: CurrencyOf): Xml | undefined {
  const [pay, settle] = [currencyOf(exchange.payToken), currencyOf(exchange.settleToken)];
  if (pay.iso === null || settle.iso === null) return undefined;
  const rate = rateOf(exchange, currencyOf);
  if (rate === undefined) return undefined;
  return element("CcyXchg", [element("SrcCcy", pay.iso), element("TrgtCcy", settle.iso), element("XchgRate", rate)]);
}

export function rateOf(
  { payToken, paid, settleToken, settled }: EntryExchange,
  currencyOf: CurrencyOf,
): string | undefined {
  const [from, into] = [currencyOf(payToken), currencyOf(settleToken)];
  return isoRate(
    { amount: BigInt(paid), decimals: from.decimals },
    { amount: BigInt(settled), decimals: into.decimals },
  );
}

/** What was exchanged, in full: `paid 21.66 tUSD, settled 20 tEUR`. */
export function exchangeText({ payToken, paid, settleToken, settled }: EntryExchange, currencyOf: CurrencyOf): string {
  const of = (token: string, amount: string): string => exactText(BigInt(amount), currencyOf(token));
  return `paid ${of(payToken, paid)}, settled ${of(settleToken, settled)}`;
}

export function exactText(amount: bigint, { code, decimals }: StatementCurrency): string {
  return `${plainDecimal(amount, decimals)} ${code}`;
}
