import { setImmediate as nextTurn } from "node:timers/promises";

import PDFDocument from "pdfkit";

import type { CurrencyOf } from "../../sdk/statement/csv.ts";
import { plainDecimal } from "../../sdk/statement/iso-amount.ts";
import { rateOf } from "../../sdk/statement/iso-parts.ts";
import type { StatementEntry, StatementHead } from "../../sdk/statement/statement.ts";
import { isoTime, offsetText } from "../../sdk/statement/statement-time.ts";
import { oneLine } from "../../sdk/statement/xml.ts";
import { type Language, type Words, WORDS } from "./statement-words.ts";
import { loadFaces, Typesetter } from "./typesetter.ts";

/** The most entries that a PDF has: some 500 pages. */
export const MAX_PDF_ENTRIES = 5_000;
/** Entries that are set before others have their turn. */
const TURN = 25;

const PAGE = { left: 40, right: 555, top: 40, bottom: 790, foot: 806 };
const COLUMN = { time: 40, entry: 128, amount: 455, balance: 555 };
/** Beside the amount; what stands below it may be wider. */
const ENTRY_WIDTH = 228;
const DETAIL_WIDTH = PAGE.right - COLUMN.entry;
const BODY = 8;
const SMALL = 6.5;
const LEADING = 1.4;
const LONGEST_TEXT = 300;
const GREY = "#666666";
const RULE = "#cccccc";

interface Setting {
  readonly document: PDFKit.PDFDocument;
  readonly type: Typesetter;
  readonly words: Words;
  readonly head: StatementHead;
  readonly currencyOf: CurrencyOf;
}

/**
 * A statement for people, A4, in their language. Made in turns of a few milliseconds each.
 * @param pages Of entries; at most {@link MAX_PDF_ENTRIES} together.
 */
export async function statementPdf(
  head: StatementHead,
  pages: AsyncIterable<readonly StatementEntry[]>,
  language: Language,
  currencyOf: CurrencyOf,
): Promise<Buffer> {
  const words = WORDS[language];
  const info = { Title: `${words.title} ${head.account}`, Producer: "Corridor", Creator: "Corridor" };
  const document = new PDFDocument({ size: "A4", margin: 0, bufferPages: true, lang: language, info });
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => {
    document.on("end", resolve);
    document.on("error", reject);
  });
  const setting = { document, type: new Typesetter(document, language, await loadFaces()), words, head, currencyOf };
  let y = setHead(setting);
  let set = 0;
  for await (const page of pages) {
    for (const entry of page) {
      y = setEntry(setting, entry, y);
      set += 1;
      if (set % TURN === 0) await nextTurn();
    }
  }
  if (set === 0) setting.type.draw(words.none, COLUMN.entry, y + 6, BODY);
  const count = document.bufferedPageRange().count;
  for (let index = 0; index < count; index += 1) {
    document.switchToPage(index);
    setFoot(setting, index + 1, count);
    if (index % TURN === 0) await nextTurn();
  }
  document.end();
  await done;
  return Buffer.concat(chunks);
}

/** @returns where the entries begin. */
function setHead({ document, type, words, head }: Setting): number {
  const { currency, offset } = head;
  const amount = (value: string): string => `${grouped(value, currency.decimals)} ${currency.code}`;
  type.draw(words.title, PAGE.left, PAGE.top, 18);
  const name = head.name === null ? undefined : oneLine(head.name, LONGEST_TEXT);
  const facts: [string, string][] = [
    ...(name === undefined ? [] : [[words.holder, name] satisfies [string, string]]),
    [words.account, head.account],
    [words.currency, `${currency.code}${currency.iso === null ? "" : ` (${currency.iso})`}, ${currency.token}`],
    [words.period, `${shortTime(head.from, offset)} – ${words.upTo(shortTime(head.to, offset))} (UTC${zone(offset)})`],
    [words.ledger, `${head.ledger}, eip155:${head.chainId}`],
  ];
  let y = PAGE.top + 34;
  for (const [label, value] of facts) {
    document.fillColor(GREY);
    type.draw(label, PAGE.left, y, BODY);
    document.fillColor("black");
    for (const line of type.lines(value, BODY, PAGE.right - 128)) {
      type.draw(line, 128, y, BODY);
      y += BODY * LEADING + 2;
    }
  }
  y += 8;
  const sums: [string, string, string][] = [
    [words.opening, amount(head.opening), ""],
    [words.credits, amount(head.credits.sum), words.entries(head.credits.entries)],
    [words.debits, amount(`-${head.debits.sum}`), words.entries(head.debits.entries)],
    [words.closing, amount(head.closing), ""],
  ];
  document
    .rect(PAGE.left, y, PAGE.right - PAGE.left, 64)
    .fill("#f4f4f4")
    .fillColor("black");
  for (const [index, [label, value, count]] of sums.entries()) {
    const at = y + 8 + index * 13;
    type.draw(label, PAGE.left + 8, at, BODY);
    type.draw(count, 240, at, BODY);
    type.draw(value, PAGE.right - 8, at, BODY, "right");
  }
  y += 70;
  document.fillColor(GREY);
  const asOf = words.asOf(head.asOf.blockNumber, shortTime(head.asOf.timestamp, offset));
  type.draw(`${words.states[head.state]} ${asOf}`, PAGE.left, y, SMALL);
  document.fillColor("black");
  return setColumns({ document, type, words }, y + 18);
}

function setColumns({ document, type, words }: Pick<Setting, "document" | "type" | "words">, y: number): number {
  document.fillColor(GREY);
  type.draw(words.time, COLUMN.time, y, BODY);
  type.draw(words.entry, COLUMN.entry, y, BODY);
  type.draw(words.amount, COLUMN.amount, y, BODY, "right");
  type.draw(words.balance, COLUMN.balance, y, BODY, "right");
  document.fillColor("black");
  rule(document, y + 14);
  return y + 18;
}

/** @returns where the next one begins. */
function setEntry(setting: Setting, entry: StatementEntry, at: number): number {
  const { document, type, words, head } = setting;
  const { decimals } = head.currency;
  const counterparty = entry.counterpartyName === null ? undefined : oneLine(entry.counterpartyName, LONGEST_TEXT);
  const title = entry.title === null ? undefined : oneLine(entry.title, LONGEST_TEXT);
  const main = [words.kinds[entry.kind], counterparty, title].filter((part) => part !== undefined).join(" · ");
  const small = details(setting, entry);
  const bold = type.lines(main, BODY, ENTRY_WIDTH);
  const rest = small.flatMap((text) => type.lines(text, SMALL, DETAIL_WIDTH));
  const height = bold.length * BODY * LEADING + rest.length * SMALL * LEADING + 8;
  let y = at;
  if (y + height > PAGE.bottom) {
    document.addPage();
    y = setColumns(setting, PAGE.top);
  }
  const [day = "", time = ""] = isoTime(entry.at, head.offset).split("T");
  type.draw(`${day} ${time.slice(0, 8)}`, COLUMN.time, y, BODY);
  type.draw(grouped(entry.amount, decimals), COLUMN.amount, y, BODY, "right");
  type.draw(grouped(entry.balance, decimals), COLUMN.balance, y, BODY, "right");
  for (const line of bold) {
    type.draw(line, COLUMN.entry, y, BODY);
    y += BODY * LEADING;
  }
  document.fillColor(GREY);
  for (const line of rest) {
    type.draw(line, COLUMN.entry, y, SMALL);
    y += SMALL * LEADING;
  }
  document.fillColor("black");
  rule(document, y + 3);
  return y + 8;
}

function details({ words, head, currencyOf }: Setting, entry: StatementEntry): string[] {
  const { exchange } = entry;
  const texts = [
    entry.counterparty,
    BigInt(entry.fee) === 0n
      ? null
      : `${words.fee} ${grouped(entry.fee, head.currency.decimals)} ${head.currency.code}`,
    exchange === null ? null : rateText(words, exchange, currencyOf),
    entry.paymentId === null ? null : `${words.payment} ${entry.paymentId}`,
    entry.memo === null ? null : `${words.memo} ${entry.memo}`,
    [
      `${words.block} ${entry.blockNumber}`,
      ...(entry.transactionHash === null ? [] : [`${words.transaction} ${entry.transactionHash}`]),
    ].join(", "),
  ];
  return texts.flatMap((text) => (text === null ? [] : (oneLine(text, LONGEST_TEXT) ?? [])));
}

function rateText(words: Words, exchange: NonNullable<StatementEntry["exchange"]>, currencyOf: CurrencyOf): string {
  const [pay, settle] = [currencyOf(exchange.payToken), currencyOf(exchange.settleToken)];
  const paid = `${grouped(exchange.paid, pay.decimals)} ${pay.code}`;
  const settled = `${grouped(exchange.settled, settle.decimals)} ${settle.code}`;
  return `${paid} / ${settled}, ${words.rate} ${rateOf(exchange, currencyOf) ?? "–"}`;
}

function setFoot({ document, type, words, head }: Setting, page: number, pages: number): void {
  document.fillColor(GREY);
  type.draw(`${words.title} · ${head.account}`, PAGE.left, PAGE.foot, SMALL);
  type.draw(words.page(page, pages), PAGE.right, PAGE.foot, SMALL, "right");
  document.fillColor("black");
}

function rule(document: PDFKit.PDFDocument, y: number): void {
  document.moveTo(PAGE.left, y).lineTo(PAGE.right, y).lineWidth(0.5).stroke(RULE);
}

function shortTime(seconds: number, offset: number): string {
  return isoTime(seconds, offset).slice(0, 16).replace("T", " ");
}

function zone(offset: number): string {
  return offset === 0 ? "" : offsetText(offset);
}

/** With its thousands apart: 1,234,567.80; at least two places where the token has them. */
function grouped(amount: string, decimals: number): string {
  const [whole = "0", fraction = ""] = plainDecimal(BigInt(amount), decimals).split(".");
  const places = fraction.padEnd(Math.min(2, decimals), "0");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${places === "" ? "" : `.${places}`}`;
}
