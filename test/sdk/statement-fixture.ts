import { keccak256, toUtf8Bytes } from "ethers";

import type { PaymentView } from "../../sdk/client.ts";
import { isoCurrencyOf } from "../../sdk/statement/iso-currency.ts";
import type { IsoSettings } from "../../sdk/statement/iso-parts.ts";
import { RunningBalance } from "../../sdk/statement/running-balance.ts";
import type {
  StatementCurrency,
  StatementEntry,
  StatementHead,
  UnbalancedEntry,
} from "../../sdk/statement/statement.ts";
import { uetrOf } from "../../sdk/statement/uetr.ts";

export const EURO = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
export const DOLLAR = "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707";
export const MERCHANT = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
export const PAYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
export const LEDGER = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
/** 2026-10-02, 00:00 UTC. */
export const DAY = 1_790_899_200;

/** What somebody could call herself who wants to break a file. */
export const HOSTILE = [
  '<script>&amp;"quoted"\'</script>]]>',
  '=HYPERLINK("http://evil","x")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "zero\u0000bell\u0007tab\tline\r\nbreak\u2028sep",
  "turned \u202Eevil\u202C \u2066around\u2069",
  "lone \ud800 surrogate \udfff, \ufffe\uffff",
  "上海丝绸进出口有限公司 العربية 🫖 ไทย",
  "x".repeat(3_000),
  "   ",
];

export const hashOf = (text: string): string => keccak256(toUtf8Bytes(text));

export function currencyOf(token: string): StatementCurrency {
  const code = token === EURO ? "tEUR" : "tUSD";
  return { token, code, decimals: 6, iso: isoCurrencyOf(code) };
}

export const SETTINGS: IsoSettings = {
  ...{ messageId: "0123456789abcdef0123456789abcdef", createdAt: DAY + 90_000, rounding: "none", currencyOf, uetrOf },
};

export function newEntry(changes: Partial<UnbalancedEntry> = {}): UnbalancedEntry {
  return {
    ...{ kind: "payment", amount: "12340000", fee: "0", reference: hashOf("payment"), paymentId: hashOf("payment") },
    ...{ counterparty: PAYER, counterpartyName: null, memo: hashOf("memo"), title: null, exchange: null },
    ...{ blockNumber: "120", logIndex: 3, part: 0, transactionHash: hashOf("tx"), at: DAY + 3_600 },
    ...changes,
  };
}

/** A statement of the entries, which adds up. */
export function newStatement(
  entries: readonly UnbalancedEntry[],
  opening = 1_000_000_000n,
  changes: Partial<StatementHead> = {},
): { head: StatementHead; entries: StatementEntry[] } {
  const running = new RunningBalance(opening);
  const balanced = entries.map((entry) => running.add(entry));
  const side = (sign: bigint) => {
    const amounts = entries.map(({ amount }) => BigInt(amount) * sign).filter((amount) => amount > 0n);
    return { entries: amounts.length, sum: amounts.reduce((sum, amount) => sum + amount, 0n).toString() };
  };
  const head: StatementHead = {
    ...{ account: MERCHANT, name: null, chainId: "31337", ledger: LEDGER, currency: currencyOf(EURO) },
    ...{
      from: DAY,
      to: DAY + 86_400,
      offset: 0,
      state: "final",
      asOf: { blockNumber: "150", timestamp: DAY + 90_000 },
    },
    ...{ opening: opening.toString(), closing: running.balance.toString(), credits: side(1n), debits: side(-1n) },
    ...changes,
  };
  return { head, entries: balanced };
}

export function newPaymentView(changes: Partial<PaymentView> = {}): PaymentView {
  return {
    ...{ id: hashOf("payment"), state: "final", status: "succeeded", code: null, funding: "account", payer: PAYER },
    ...{ payee: MERCHANT, merchant: MERCHANT, token: EURO, amount: "12340000", nonce: "0", deadline: "1790985600" },
    ...{
      memo: hashOf("memo"),
      terms: null,
      hold: null,
      exchange: null,
      requestId: null,
      transactionHash: hashOf("tx"),
    },
    ...{ blockNumber: "120", settledAt: String(DAY + 3_600), acceptedAt: "2026-10-02T00:59:58.123Z" },
    ...changes,
  };
}
