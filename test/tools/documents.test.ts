import { readFileSync } from "node:fs";

import { expect } from "chai";

import { anchorsOf, codeBlocks, documents, faultOf, linksIn } from "./document-links.ts";

const read = (file: string): string => readFileSync(file, "utf8");

describe("the documents", () => {
  it("link to what is there: files, headings, and the functions and tests that they name", () => {
    const faults = documents().flatMap((file) =>
      linksIn(read(file)).flatMap((link) => {
        const fault = faultOf(file, link);
        return fault === undefined ? [] : [`${file}: ${fault}`];
      }),
    );
    expect(faults).to.deep.equal([]);
  });

  it("are found out if a function, a test or a heading is renamed", () => {
    const links = [
      ["`Ledger.settleAll`", "../contracts/Ledger.sol"],
      ["`test_3_ReplayIsAllowed`", "../test/contracts/Ledger.settle.t.sol"],
      ['"reserves what it refused"', "../test/journeys/payments.test.ts"],
      ["Ledger", "../contracts/Ledgers.sol"],
      ["payer", "threat-model.md#payers"],
    ] as const;
    for (const [text, target] of links) {
      expect(faultOf("docs/threat-model.md", { text, target }), text).to.be.a("string");
    }
  });

  it("name a test for everything in the threat model that somebody cannot do", () => {
    const rows = read("docs/threat-model.md")
      .split("\n")
      .filter((line) => /^\|/.test(line) && !/^\|(?:-|.*\| test \|$)/.test(line));
    const untested = rows.filter((row) => !/\]\(\.\.\/test\/[^)]+\) \|$/.test(row));
    expect(rows).to.have.length.greaterThan(50);
    expect(untested).to.deep.equal([]);
  });

  it("have ten stops on the way through the code, each at some function or file", () => {
    const stops = read("docs/reading.md")
      .split(/^\*\*\d+\. /m)
      .slice(1);
    expect(stops).to.have.length(10);
    for (const stop of stops) expect(linksIn(stop), stop.slice(0, 30)).not.to.have.length(0);
  });
});

describe("the README in Chinese", () => {
  const english = read("README.md");
  /** But for its table of words, which the English one has no need of. */
  const chinese = read("README.zh-CN.md").replace(/^## 术语$[\s\S]*?(?=^## )/m, "");
  /** A link to the other language, and from each to itself, differ. */
  const targets = (markdown: string): string[] =>
    linksIn(markdown)
      .map(({ target }) => target)
      .filter((target) => !/^README|^#/.test(target))
      .sort();
  const rowsOf = (markdown: string): string[] => markdown.split("\n").filter((line) => line.startsWith("|"));
  const codeIn = (line: string): string[] => [...line.matchAll(/`[^`]+`/g)].map(([code]) => code).sort();

  it("has the same commands and code, but for what is said in comments and drawings", () => {
    const withoutWords = (code: string): string =>
      code
        .replace(/ *(?:\/\/|# ).*$/gm, "")
        .replace(/[^\x20-\x7e\n]/g, "")
        .trimEnd();
    const [drawing, ...blocks] = codeBlocks(english);
    const [drawingInChinese, ...blocksInChinese] = codeBlocks(chinese);
    expect(drawing).to.be.a("string");
    expect(drawingInChinese).to.be.a("string");
    expect(blocksInChinese.map(withoutWords)).to.deep.equal(blocks.map(withoutWords));
  });

  it("has the same links and pictures", () => {
    expect(targets(chinese)).to.deep.equal(targets(english));
    const pictures = (markdown: string): string[] =>
      [...markdown.matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, at]) => at ?? "");
    expect(pictures(chinese)).to.deep.equal(pictures(english));
  });

  it("has the same tables, with the same names in each row", () => {
    expect(rowsOf(chinese).map(codeIn)).to.deep.equal(rowsOf(english).map(codeIn));
  });

  it("has as many headings at each level", () => {
    const levels = (markdown: string): string[] => [...markdown.matchAll(/^(#+) /gm)].map(([, level]) => level ?? "");
    expect(levels(chinese)).to.deep.equal(levels(english));
    expect(anchorsOf(chinese).size).to.equal(anchorsOf(english).size);
  });

  it("is led to by the English one, and leads back", () => {
    expect(linksIn(english).map(({ target }) => target)).to.include("README.zh-CN.md");
    expect(linksIn(chinese).map(({ target }) => target)).to.include("README.md");
  });
});
