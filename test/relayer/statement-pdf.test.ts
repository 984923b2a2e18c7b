import { readFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";

import { expect } from "chai";

import { statementPdf } from "../../relayer/reports/statement-pdf.ts";
import { LANGUAGES, languageOf } from "../../relayer/reports/statement-words.ts";
import { unpackWoff } from "../../relayer/reports/woff.ts";
import type { StatementEntry } from "../../sdk/statement/statement.ts";
import { currencyOf, HOSTILE, newEntry, newStatement } from "../sdk/statement-fixture.ts";

async function* inPages(entries: readonly StatementEntry[]): AsyncGenerator<readonly StatementEntry[]> {
  await Promise.resolve();
  for (let start = 0; start < entries.length; start += 100) yield entries.slice(start, start + 100);
}

/** How many pages a PDF says that it has. */
const pagesOf = (pdf: Buffer): number => Number(/\/Type \/Pages\s*\/Count (\d+)/.exec(pdf.toString("latin1"))?.[1]);

describe("a statement as PDF", () => {
  for (const language of LANGUAGES) {
    it(`is whole in ${language}, whatever names and titles say`, async () => {
      for (const name of HOSTILE) {
        const { head, entries } = newStatement([newEntry({ title: name, counterpartyName: name })], 5n, { name });
        const pdf = await statementPdf(head, inPages(entries), language, currencyOf);
        expect(pdf.toString("latin1", 0, 5)).to.equal("%PDF-");
        expect(pdf.toString("latin1").trimEnd().endsWith("%%EOF")).to.equal(true);
        // A name of any length is a line of a page or two, and glyphs that are not shown are not embedded.
        expect(pagesOf(pdf)).to.equal(1);
        expect(pdf.length).to.be.lessThan(200_000);
      }
    });
  }

  it("goes on over many pages, and lets others have their turn", async () => {
    const changes = Array.from({ length: 600 }, (_, index) =>
      newEntry({ logIndex: index, title: index % 3 === 0 ? "青花瓷" : null }),
    );
    const { head, entries } = newStatement(changes);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const pdf = await statementPdf(head, inPages(entries), "zh-CN", currencyOf);
    delay.disable();
    expect(pagesOf(pdf)).to.be.within(30, 80);
    expect(delay.max / 1e6).to.be.lessThan(1_500);
    expect(pagesOf(await statementPdf({ ...head, state: "open" }, inPages([]), "en", currencyOf))).to.equal(1);
  });

  it("is in the language of the merchant's country", () => {
    expect(["CN", "TW", "HK", "PT", null].map(languageOf)).to.deep.equal(["zh-CN", "zh-TW", "zh-TW", "en", "en"]);
  });

  it("unpacks the very fonts, and nothing else", async () => {
    const file = await readFile(
      new URL("../../relayer/reports/fonts/noto-sans-sc-latin-400-normal.woff", import.meta.url),
    );
    const font = await unpackWoff(file);
    // What the WOFF says that the font without its packing is.
    expect(font.length).to.equal(file.readUInt32BE(16));
    const refused: unknown = await unpackWoff(Buffer.from("%PDF-1.7")).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RangeError);
  });
});
