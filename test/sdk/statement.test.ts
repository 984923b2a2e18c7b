import { readFileSync } from "node:fs";

import { expect } from "chai";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { validateXML } from "xmllint-wasm";

import { camt053End, camt053Entry, camt053Start } from "../../sdk/statement/camt-053.ts";
import { camt054 } from "../../sdk/statement/camt-054.ts";
import { csvEnd, csvEntry, csvStart } from "../../sdk/statement/csv.ts";
import { AmountTooLong, isoAmount, isoRate, plainDecimal, roundToCurrency } from "../../sdk/statement/iso-amount.ts";
import { isoCurrencyOf, isoPlaces } from "../../sdk/statement/iso-currency.ts";
import { CurrencyNotMapped } from "../../sdk/statement/iso-parts.ts";
import { MOVEMENT_KINDS } from "../../sdk/statement/movement-kinds.ts";
import { pacs002 } from "../../sdk/statement/pacs-002.ts";
import { pacs008 } from "../../sdk/statement/pacs-008.ts";
import { BalanceMismatch, RunningBalance } from "../../sdk/statement/running-balance.ts";
import type { StatementEntry, StatementHead } from "../../sdk/statement/statement.ts";
import { isoTime, parseOffset, startOfDay } from "../../sdk/statement/statement-time.ts";
import { uetrOf } from "../../sdk/statement/uetr.ts";
import { oneLine } from "../../sdk/statement/xml.ts";
import { PAYMENT_STATES } from "../../sdk/payment.ts";
import {
  currencyOf,
  DAY,
  DOLLAR,
  EURO,
  hashOf,
  HOSTILE,
  LEDGER,
  newEntry,
  newPaymentView,
  newStatement,
  SETTINGS,
} from "./statement-fixture.ts";

/** What the schema has to say of messages; nothing, if all are valid. Its worker is started once for all of them. */
async function complaints(message: string, ...documents: readonly string[]): Promise<string[]> {
  const schema = readFileSync(new URL(`./xsd/${message}.xsd`, import.meta.url), "utf8");
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: [schema] });
  return errors.map(({ message: text, loc }) => `${loc?.fileName ?? ""}: ${text}`);
}

const camt053 = (head: StatementHead, entries: readonly StatementEntry[], settings = SETTINGS): string =>
  [
    camt053Start(head, "fedcba9876543210fedcba9876543210", settings),
    ...entries.map((entry) => camt053Entry(head, entry, settings)),
    camt053End(head, settings),
  ].join("");

const EXCHANGE = { quote: hashOf("quote"), payToken: DOLLAR, paid: "21660000", settleToken: EURO, settled: "20000000" };
/** One entry of each kind, half of them with the least convenient texts. */
const EVERY_KIND = MOVEMENT_KINDS.map((kind, index) =>
  newEntry({
    kind,
    amount: index % 3 === 2 ? "-7000000" : "12340000",
    ...{
      logIndex: index,
      counterpartyName: HOSTILE[index % HOSTILE.length] ?? null,
      fee: index % 2 === 0 ? "30000" : "0",
    },
    ...{
      title: HOSTILE[(index + 3) % HOSTILE.length] ?? null,
      exchange: kind.startsWith("exchange") ? EXCHANGE : null,
    },
    ...(kind === "deposit" ? { paymentId: null, reference: null, memo: null, counterparty: null } : {}),
  }),
);
/** Within what messages take, in each currency's places. */
const AMOUNT = fc.bigInt({ min: 1n, max: 10n ** 15n });

describe("statements and messages about payments", () => {
  describe("camt.053", () => {
    it("is valid with every kind of entry and hostile texts", async () => {
      const documents = [null, ...HOSTILE].map((name) => {
        const { head, entries } = newStatement(EVERY_KIND, 1_000_000_000n, { name, offset: 480 });
        return camt053(head, entries);
      });
      expect(await complaints("camt.053.001.08", ...documents)).to.deep.equal([]);
    });

    it("is valid without entries, and says balances, counterparty, memo, fee, rate and transaction of others", async () => {
      const nothing = newStatement([]);
      expect(await complaints("camt.053.001.08", camt053(nothing.head, []))).to.deep.equal([]);
      const exchanged = newEntry({ kind: "exchange", amount: "19940000", fee: "60000", exchange: EXCHANGE });
      const { head, entries } = newStatement([exchanged]);
      const xml = camt053(head, entries);
      for (const part of [
        '<Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt>',
        '<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1019.94</Amt>',
        '<InstdAmt><Amt Ccy="USD">21.66</Amt><CcyXchg><SrcCcy>USD</SrcCcy><TrgtCcy>EUR</TrgtCcy><XchgRate>0.9233610341',
        '<Rcrd><Amt Ccy="EUR">0.06</Amt>',
        `<UETR>${uetrOf(hashOf("payment"))}</UETR>`,
        `<Ustrd>memo ${hashOf("memo")}</Ustrd><Ustrd>tx ${hashOf("tx")}</Ustrd>`,
        "fee 0.06 tEUR; paid 21.66 tUSD, settled 20 tEUR; block 120",
      ]) {
        expect(xml).to.contain(part);
      }
    });

    it("refuses what it has no room for, and rounds only if it is told to", async () => {
      const { head, entries } = newStatement([newEntry({ amount: "1234567" }), newEntry({ amount: "-234567" })]);
      expect(() => camt053(head, entries)).to.throw(AmountTooLong);
      const rounded = camt053(head, entries, { ...SETTINGS, rounding: "currency" });
      expect(await complaints("camt.053.001.08", rounded)).to.deep.equal([]);
      expect(rounded).to.contain("exactly 1.234567 tEUR").and.to.contain("exactly 0.234567 tEUR");
      expect(rounded).to.contain("rounded to the currency");
      const unknown = { ...head, currency: { ...head.currency, code: "WETH", iso: isoCurrencyOf("WETH") } };
      expect(() => camt053(unknown, [])).to.throw(CurrencyNotMapped);
    });

    it("adds up when it is rounded, each entry within one minor unit of what it is", () => {
      const currencies = fc.constantFrom("EUR", "JPY", "KWD");
      const amounts = fc.array(fc.tuple(fc.boolean(), AMOUNT), { maxLength: 30 });
      fc.assert(
        fc.property(currencies, fc.constantFrom(0, 3, 6, 18), amounts, (iso, decimals, moves) => {
          const opening = 10n ** 17n;
          const changes = moves.map(([isDebit, amount]) => newEntry({ amount: String(isDebit ? -amount : amount) }));
          const currency = { token: EURO, code: iso, decimals, iso };
          const { head, entries } = newStatement(changes, opening, { currency });
          const settings = { ...SETTINGS, rounding: "currency" as const, currencyOf: () => currency };
          const read = (xml: string): bigint => {
            const [, text = ""] = /<Amt Ccy="[A-Z]{3}">([\d.]+)</.exec(xml) ?? [];
            const places = isoPlaces(iso);
            const [whole = "", fraction = ""] = text.split(".");
            return BigInt(`${whole}${fraction.padEnd(places, "0")}`) * (xml.includes("DBIT") ? -1n : 1n);
          };
          const unit = 10n ** BigInt(Math.max(0, decimals - isoPlaces(iso)));
          const scale = 10n ** BigInt(Math.max(0, isoPlaces(iso) - decimals));
          const written = entries.map((entry) => read(camt053Entry(head, entry, settings)));
          for (const [index, amount] of written.entries()) {
            const off = amount * unit - BigInt(entries[index]?.amount ?? 0) * scale;
            expect(off < unit && off > -unit, `${amount}`).to.equal(true);
          }
          const [start, end] = [opening, BigInt(head.closing)].map((balance) =>
            roundToCurrency(balance, decimals, iso),
          );
          const sum = written.reduce((total, amount) => total + amount, 0n);
          expect(((start ?? 0n) * scale) / unit + sum).to.equal(((end ?? 0n) * scale) / unit);
        }),
      );
    });
  });

  describe("messages about a payment", () => {
    const facts = (payment = newPaymentView(), name: string | null = null) => {
      const { entries } = newStatement([newEntry({ amount: "12310000", fee: "30000" })], 0n);
      return { payment, entries, chainId: "31337", ledger: LEDGER, payerName: name, merchantName: name };
    };
    const exchanged = newPaymentView({
      ...{ token: DOLLAR, amount: "22000000" },
      exchange: {
        ...{ quote: hashOf("quote"), maker: LEDGER, rate: { payAmount: "108300", settleAmount: "100000" } },
        ...{ payee: newPaymentView().merchant, settleToken: EURO, settleAmount: "20000000", cost: "21660000" },
        ...{ paid: "21660000", fee: "60000", memo: hashOf("invoice"), refundRule: null, refundDeadline: "0" },
        ...{ refunded: "0", returned: "0" },
      },
    });

    it("are valid, plain and exchanged, with hostile names", async () => {
      const all = [null, ...HOSTILE].flatMap((name) => [newPaymentView(), exchanged].map((view) => facts(view, name)));
      const write = (writer: typeof pacs008) => all.map((each) => writer(each, SETTINGS));
      expect(await complaints("pacs.008.001.08", ...write(pacs008))).to.deep.equal([]);
      expect(await complaints("pacs.002.001.10", ...write(pacs002))).to.deep.equal([]);
      expect(await complaints("camt.054.001.08", ...write(camt054))).to.deep.equal([]);
    });

    it("say what was paid, settled and kept, in the currencies of both sides", () => {
      const plain = pacs008(facts(), SETTINGS);
      expect(plain).to.contain('<IntrBkSttlmAmt Ccy="EUR">12.31</IntrBkSttlmAmt>');
      expect(plain).to.contain(
        '<InstdAmt Ccy="EUR">12.34</InstdAmt><ChrgBr>CRED</ChrgBr><ChrgsInf><Amt Ccy="EUR">0.03<',
      );
      const fx = pacs008(facts(exchanged), SETTINGS);
      expect(fx).to.contain('<IntrBkSttlmAmt Ccy="EUR">19.94</IntrBkSttlmAmt>');
      expect(fx).to.contain('<InstdAmt Ccy="USD">21.66</InstdAmt><XchgRate>0.9233610341</XchgRate>');
      expect(fx).to.contain(`memo ${hashOf("invoice")}`);
      expect(camt054(facts(), SETTINGS)).to.contain('<Amt Ccy="EUR">12.31</Amt><CdtDbtInd>CRDT</CdtDbtInd>');
    });

    it("tell each state, and settled only of what is final", async () => {
      const codes = ["ACCP", "ACCP", "ACSP", "ACSP", "ACSC", "RJCT", "RJCT"];
      const documents = PAYMENT_STATES.map((state, index) => {
        const code = state === "rejected" ? "insufficient_balance" : null;
        const xml = pacs002(facts(newPaymentView({ state, code })), SETTINGS);
        expect(xml, state).to.contain(`<TxSts>${codes[index]}</TxSts>`);
        if (code !== null) expect(xml).to.contain(`<Prtry>${code}</Prtry>`);
        return xml;
      });
      expect(await complaints("pacs.002.001.10", ...documents)).to.deep.equal([]);
    });

    it("take a UETR that they are given, else one made of the id, which is a UUIDv4", () => {
      const given = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
      expect(pacs008(facts(), { ...SETTINGS, uetrOf: () => given })).to.contain(`<UETR>${given}</UETR>`);
      expect(uetrOf(`0x${"11".repeat(32)}`)).to.equal("2ddecbc3-f370-4a2f-b08f-27581cb57aee");
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
          const uetr = uetrOf(`0x${Buffer.from(bytes).toString("hex")}`);
          expect(uetr).to.match(/^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$/);
        }),
      );
    });
  });

  describe("CSV", () => {
    it("comes back as it went in, a line an entry, and nothing of it is a formula", () => {
      const { head, entries } = newStatement(EVERY_KIND);
      const text = csvStart(head) + entries.map((entry) => csvEntry(head, entry, currencyOf)).join("") + csvEnd(head);
      const rows: Record<string, string>[] = parse(text, { columns: true, bom: true, record_delimiter: "\r\n" });
      expect(rows).to.have.length(entries.length + 2);
      expect(rows[0]).to.include({ kind: "opening_balance", balance: "1000", currency: "tEUR" });
      expect(rows.at(-1)).to.include({ kind: "closing_balance", balance: plainDecimal(BigInt(head.closing), 6) });
      for (const [index, entry] of entries.entries()) {
        const row = rows[index + 1] ?? {};
        expect(row).to.include({
          kind: entry.kind,
          amount: plainDecimal(BigInt(entry.amount), 6),
          transaction: hashOf("tx"),
        });
        for (const cell of Object.values(row)) {
          expect(/^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell), cell).to.equal(false);
        }
      }
      expect(rows.find(({ kind }) => kind === "exchange")).to.include({
        paid: "21.66",
        paid_currency: "tUSD",
        settled: "20",
      });
    });
  });

  describe("amounts", () => {
    it("are exact, or are not written", () => {
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.nat(38), (amount, decimals) => {
          const text = isoAmount(amount, decimals, "EUR");
          if (text === undefined) return;
          expect(text).to.match(/^\d+\.\d{2,5}$/);
          expect(text.replace(".", "").replace(/^0/, "").length).to.be.at.most(18);
          const [whole = "", fraction = ""] = text.split(".");
          expect(BigInt(`${whole}${fraction}`) * 10n ** BigInt(decimals)).to.equal(
            amount * 10n ** BigInt(fraction.length),
          );
        }),
      );
      expect(isoAmount(1_234_567n, 6, "EUR")).to.equal(undefined);
      expect(isoAmount(1_234_560n, 6, "EUR")).to.equal("1.23456");
      expect(isoAmount(5n, 0, "JPY")).to.equal("5");
      expect(isoAmount(1_500n, 3, "KWD")).to.equal("1.500");
      expect(isoAmount(10n ** 22n - 10n, 6, "EUR")).to.equal(undefined);
    });

    it("have rates that fit, and none where nothing was paid", () => {
      expect(isoRate({ amount: 3n, decimals: 0 }, { amount: 1n, decimals: 0 })).to.equal("0.3333333333");
      expect(isoRate({ amount: 1n, decimals: 6 }, { amount: 123_456n, decimals: 2 })).to.equal("1234560000");
      expect(isoRate({ amount: 0n, decimals: 6 }, { amount: 1n, decimals: 6 })).to.equal(undefined);
    });

    it("are of currencies by the table, and of none otherwise", () => {
      const codes = ["USDC", "EURC", "tJPY", "CHF", "WETH", "usd", "XAU", "constructor"].map(isoCurrencyOf);
      expect(codes).to.deep.equal(["USD", "EUR", "JPY", "CHF", null, null, null, null]);
      expect(["EUR", "JPY", "KWD", "CLF"].map(isoPlaces)).to.deep.equal([2, 0, 3, 4]);
      expect(() => isoPlaces("XYZ")).to.throw(RangeError);
    });
  });

  it("adds entries up to the closing balance, and says if they do not come to it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), AMOUNT)), AMOUNT, (moves, opening) => {
        const running = new RunningBalance(opening);
        let balance = opening;
        for (const [isDebit, amount] of moves) {
          const change = isDebit && amount <= balance ? -amount : amount;
          balance += change;
          expect(running.add(newEntry({ amount: String(change) })).balance).to.equal(String(balance));
        }
        running.close(balance);
        expect(() => {
          running.close(balance + 1n);
        }).to.throw(BalanceMismatch);
        expect(() => running.add(newEntry({ amount: String(-balance - 1n) }))).to.throw(BalanceMismatch);
      }),
    );
  });

  it("cleans anybody's text to one line that XML can say, cut by characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.integer({ min: 1, max: 140 }), (text, limit) => {
        const line = oneLine(text, limit);
        if (line === undefined) return;
        expect(Array.from(line).length).to.be.at.most(limit);
        expect(line).to.not.match(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/u);
      }),
    );
    expect(HOSTILE.map((text) => oneLine(text, 20))).to.include.members(["turned evil around", undefined]);
  });

  it("knows days and offsets", () => {
    expect(["Z", "+08:00", "-03:30", "+14:00"].map(parseOffset)).to.deep.equal([0, 480, -210, 840]);
    expect(["8", "+8:00", "+14:30", "+08:60", "utc"].map(parseOffset)).to.deep.equal(Array(5).fill(undefined));
    expect(startOfDay("2026-10-02", 0)).to.equal(DAY);
    expect(startOfDay("2026-10-02", 480)).to.equal(DAY - 28_800);
    expect(startOfDay("2026-02-30", 0)).to.equal(undefined);
    expect([isoTime(DAY, 480), isoTime(DAY, -210), isoTime(DAY, 0)]).to.deep.equal([
      ...["2026-10-02T08:00:00+08:00", "2026-10-01T20:30:00-03:30", "2026-10-02T00:00:00Z"],
    ]);
  });
});
