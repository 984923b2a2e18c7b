import {
  amountElement,
  exactAmount,
  exactText,
  exchangeText,
  type IsoSettings,
  ledgerAgent,
  otherAccount,
  partyName,
  rateOf,
  remittance,
} from "./iso-parts.ts";
import type { PaymentFacts } from "./payment-message.ts";
import { type AmountsOf, amountsOf } from "./payment-amounts.ts";
import { isoDay, isoTime } from "./statement-time.ts";
import { compactUetr } from "./uetr.ts";
import { element, envelope, type Xml } from "./xml.ts";

export const PACS_008 = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08";
const ENVELOPE = envelope(PACS_008, ["Document", "FIToFICstmrCdtTrf"]);

/**
 * The settled payment as a credit transfer between banks, pacs.008.001.08. The settled amount is what the merchant's side got less the
 * operator's fee, the instructed one what the payer paid.
 * @throws AmountTooLong; CurrencyNotMapped
 */
export function pacs008(facts: PaymentFacts, settings: IsoSettings): string {
  const { payment, chainId, ledger } = facts;
  const amounts = amountsOf(facts, settings);
  const header = element("GrpHdr", [
    element("MsgId", settings.messageId),
    element("CreDtTm", isoTime(settings.createdAt, 0)),
    element("NbOfTxs", "1"),
    element("SttlmInf", [element("SttlmMtd", "CLRG"), element("ClrSys", [element("Prtry", "CORRIDOR")])]),
    ledgerAgent("InstgAgt", ledger, chainId),
    ledgerAgent("InstdAgt", ledger, chainId),
  ]);
  const uetr = settings.uetrOf(payment.id);
  const id = compactUetr(uetr);
  const transfer = element("CdtTrfTxInf", [
    element("PmtId", [element("InstrId", id), element("EndToEndId", id), element("TxId", id), element("UETR", uetr)]),
    amountElement("IntrBkSttlmAmt", amounts.settled, amounts.settleCurrency, settings.rounding),
    payment.settledAt === null ? undefined : element("IntrBkSttlmDt", isoDay(Number(payment.settledAt), 0)),
    element("AccptncDtTm", `${new Date(payment.acceptedAt).toISOString().slice(0, 19)}Z`),
    exactAmount("InstdAmt", amounts.paid, amounts.payCurrency),
    exchangeRate(amounts, settings),
    element("ChrgBr", "CRED"),
    charges(facts, amounts),
    element("Dbtr", [element("Nm", partyName(payment.payer, facts.payerName))]),
    otherAccount("DbtrAcct", payment.payer),
    ledgerAgent("DbtrAgt", ledger, chainId),
    ledgerAgent("CdtrAgt", ledger, chainId),
    element("Cdtr", [element("Nm", partyName(payment.merchant, facts.merchantName))]),
    otherAccount("CdtrAcct", payment.merchant),
    remittance(remittanceLines(facts, amounts, settings)),
  ]);
  return `${ENVELOPE.start}${header ?? ""}${transfer ?? ""}${ENVELOPE.end}`;
}

function exchangeRate({ exchange }: AmountsOf, { currencyOf }: IsoSettings): Xml | undefined {
  return exchange === null ? undefined : element("XchgRate", rateOf(exchange, currencyOf));
}

function charges({ ledger, chainId }: PaymentFacts, { fee, settleCurrency }: AmountsOf): Xml | undefined {
  const amount = fee === 0n ? undefined : exactAmount("Amt", fee, settleCurrency);
  return amount === undefined ? undefined : element("ChrgsInf", [amount, ledgerAgent("Agt", ledger, chainId)]);
}

function remittanceLines(
  { payment }: PaymentFacts,
  amounts: AmountsOf,
  { currencyOf }: IsoSettings,
): (string | null)[] {
  const { settled, settleCurrency, fee, exchange, memo } = amounts;
  const kept = fee === 0n ? "" : `, fee ${exactText(fee, settleCurrency)}`;
  return [
    `payment ${payment.id}`,
    `memo ${memo}`,
    payment.transactionHash === null ? null : `tx ${payment.transactionHash}`,
    `exactly ${exactText(settled, settleCurrency)}${kept}`,
    exchange === null ? null : exchangeText(exchange, currencyOf),
    payment.terms === null ? null : "held in escrow; credited as it is captured",
  ];
}
