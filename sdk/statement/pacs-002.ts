import type { PaymentState } from "../payment.ts";
import { exactAmount, type IsoSettings, ledgerAgent, otherAccount, partyName } from "./iso-parts.ts";
import { amountsOf } from "./payment-amounts.ts";
import type { PaymentFacts } from "./payment-message.ts";
import { isoTime } from "./statement-time.ts";
import { compactUetr } from "./uetr.ts";
import { element, envelope, oneLine, type Xml } from "./xml.ts";

export const PACS_002 = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10";
const ENVELOPE = envelope(PACS_002, ["Document", "FIToFIPmtStsRpt"]);

/**
 * ExternalPaymentTransactionStatus1Code. What is settled in a block that may still be reorganised is under way: settled is said of
 * what is final.
 */
const STATUS: Readonly<Record<PaymentState, string>> = {
  accepted: "ACCP",
  assigned: "ACCP",
  submitted: "ACSP",
  settled: "ACSP",
  final: "ACSC",
  rejected: "RJCT",
  expired: "RJCT",
};

/** The payment's state as a status report, pacs.002.001.10. */
export function pacs002(facts: PaymentFacts, settings: IsoSettings): string {
  const { payment, chainId, ledger } = facts;
  const uetr = settings.uetrOf(payment.id);
  const id = compactUetr(uetr);
  const header = element("GrpHdr", [
    element("MsgId", settings.messageId),
    element("CreDtTm", isoTime(settings.createdAt, 0)),
    ledgerAgent("InstgAgt", ledger, chainId),
  ]);
  const status = element("TxInfAndSts", [
    element("OrgnlInstrId", id),
    element("OrgnlEndToEndId", id),
    element("OrgnlTxId", id),
    element("OrgnlUETR", uetr),
    element("TxSts", STATUS[payment.state]),
    reason(facts),
    element("AccptncDtTm", `${new Date(payment.acceptedAt).toISOString().slice(0, 19)}Z`),
    original(facts, settings),
  ]);
  return `${ENVELOPE.start}${header ?? ""}${status ?? ""}${ENVELOPE.end}`;
}

/** A row code as it is: the External Code Sets have no words for most of them. */
function reason({ payment }: PaymentFacts): Xml | undefined {
  const { code, state, blockNumber, transactionHash } = payment;
  const texts = [
    `state ${state}`,
    blockNumber === null ? undefined : `block ${blockNumber}`,
    transactionHash === null ? undefined : `tx ${transactionHash}`,
  ];
  return element("StsRsnInf", [
    code === null ? undefined : element("Rsn", [element("Prtry", oneLine(code, 35))]),
    ...texts.map((text) => (text === undefined ? undefined : element("AddtlInf", oneLine(text, 105)))),
  ]);
}

function original(facts: PaymentFacts, settings: IsoSettings): Xml | undefined {
  const { payment, payerName, merchantName } = facts;
  const { settled, settleCurrency } = amountsOf(facts, settings);
  const party = (name: string, address: string, shown: string | null): Xml | undefined =>
    element(name, [element("Pty", [element("Nm", partyName(address, shown))])]);
  return element("OrgnlTxRef", [
    exactAmount("IntrBkSttlmAmt", settled, settleCurrency),
    party("Dbtr", payment.payer, payerName),
    otherAccount("DbtrAcct", payment.payer),
    party("Cdtr", payment.merchant, merchantName),
    otherAccount("CdtrAcct", payment.merchant),
  ]);
}
