import type { MovementKind } from "../../sdk/statement/movement-kinds.ts";
import type { StatementState } from "../../sdk/statement/statement.ts";

export const LANGUAGES = ["en", "zh-CN", "zh-TW"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Where a merchant's country says in which Chinese she reads; elsewhere English. */
const BY_COUNTRY: Readonly<Record<string, Language>> = { CN: "zh-CN", TW: "zh-TW", HK: "zh-TW", MO: "zh-TW" };

export function languageOf(country: string | null): Language {
  return BY_COUNTRY[country ?? ""] ?? "en";
}

/** What a statement says in one language. */
export interface Words {
  readonly title: string;
  readonly holder: string;
  readonly account: string;
  readonly currency: string;
  readonly period: string;
  readonly ledger: string;
  readonly opening: string;
  readonly credits: string;
  readonly debits: string;
  readonly closing: string;
  readonly time: string;
  readonly entry: string;
  readonly amount: string;
  readonly balance: string;
  readonly fee: string;
  readonly memo: string;
  readonly payment: string;
  readonly transaction: string;
  readonly block: string;
  readonly rate: string;
  readonly none: string;
  readonly page: (page: number, pages: number) => string;
  readonly entries: (count: number) => string;
  readonly upTo: (time: string) => string;
  readonly asOf: (block: string, time: string) => string;
  readonly states: Readonly<Record<StatementState, string>>;
  readonly kinds: Readonly<Record<MovementKind, string>>;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    ...{ title: "Account statement", holder: "Holder", account: "Account", currency: "Currency", period: "Period" },
    ...{
      ledger: "Ledger",
      opening: "Opening balance",
      credits: "Credits",
      debits: "Debits",
      closing: "Closing balance",
    },
    ...{
      time: "Time",
      entry: "Entry",
      amount: "Amount",
      balance: "Balance",
      fee: "fee",
      memo: "memo",
      payment: "payment",
    },
    ...{ transaction: "tx", block: "block", rate: "rate", none: "No entries in this period." },
    page: (page, pages) => `Page ${page} of ${pages}`,
    entries: (count) => (count === 1 ? "1 entry" : `${count} entries`),
    upTo: (time) => `before ${time}`,
    asOf: (block, time) => `As of block ${block}, ${time}`,
    states: {
      open: "Provisional: the period is not over.",
      closed: "Provisional: the last blocks of the period are not final.",
      final: "Final: nothing of this period changes any more.",
    },
    kinds: {
      ...{ payment: "Payment", fee: "Fee", transfer: "Transfer", deposit: "Deposit", withdrawal: "Withdrawal" },
      ...{ hold_opened: "Hold opened", hold_captured: "Hold captured", hold_voided: "Hold voided" },
      ...{ hold_reclaimed: "Hold reclaimed", hold_divided: "Dispute decided", hold_refunded: "Refund" },
      ...{ exchange: "Exchange", exchange_refunded: "Refund by exchange", brought_forward: "Brought forward" },
    },
  },
  "zh-CN": {
    ...{ title: "账户对账单", holder: "户名", account: "账户", currency: "币种", period: "期间", ledger: "账本合约" },
    ...{
      opening: "期初余额",
      credits: "收入合计",
      debits: "支出合计",
      closing: "期末余额",
      time: "时间",
      entry: "摘要",
    },
    ...{
      amount: "金额",
      balance: "余额",
      fee: "手续费",
      memo: "备注",
      payment: "付款编号",
      transaction: "交易",
      block: "区块",
    },
    ...{ rate: "汇率", none: "本期间没有记录。" },
    page: (page, pages) => `第 ${page} 页，共 ${pages} 页`,
    entries: (count) => `${count} 笔`,
    upTo: (time) => `${time} 之前`,
    asOf: (block, time) => `截至区块 ${block}，${time}`,
    states: {
      open: "暂定：本期间尚未结束。",
      closed: "暂定：本期间最后的区块尚未最终确定。",
      final: "最终：本期间的内容不会再改变。",
    },
    kinds: {
      ...{
        payment: "付款",
        fee: "手续费",
        transfer: "转账",
        deposit: "存入",
        withdrawal: "提现",
        hold_opened: "开立托管",
      },
      ...{ hold_captured: "托管扣款", hold_voided: "撤销托管", hold_reclaimed: "收回托管", hold_divided: "争议裁定" },
      ...{ hold_refunded: "退款", exchange: "兑换", exchange_refunded: "兑换退款", brought_forward: "结转" },
    },
  },
  "zh-TW": {
    ...{ title: "帳戶對帳單", holder: "戶名", account: "帳戶", currency: "幣別", period: "期間", ledger: "帳本合約" },
    ...{
      opening: "期初餘額",
      credits: "收入合計",
      debits: "支出合計",
      closing: "期末餘額",
      time: "時間",
      entry: "摘要",
    },
    ...{
      amount: "金額",
      balance: "餘額",
      fee: "手續費",
      memo: "備註",
      payment: "付款編號",
      transaction: "交易",
      block: "區塊",
    },
    ...{ rate: "匯率", none: "本期間沒有記錄。" },
    page: (page, pages) => `第 ${page} 頁，共 ${pages} 頁`,
    entries: (count) => `${count} 筆`,
    upTo: (time) => `${time} 之前`,
    asOf: (block, time) => `截至區塊 ${block}，${time}`,
    states: {
      open: "暫定：本期間尚未結束。",
      closed: "暫定：本期間最後的區塊尚未最終確定。",
      final: "最終：本期間的內容不會再改變。",
    },
    kinds: {
      ...{
        payment: "付款",
        fee: "手續費",
        transfer: "轉帳",
        deposit: "存入",
        withdrawal: "提領",
        hold_opened: "開立託管",
      },
      ...{ hold_captured: "託管扣款", hold_voided: "撤銷託管", hold_reclaimed: "收回託管", hold_divided: "爭議裁定" },
      ...{ hold_refunded: "退款", exchange: "兌換", exchange_refunded: "兌換退款", brought_forward: "結轉" },
    },
  },
};
