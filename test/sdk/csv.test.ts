import { expect } from "chai";

import { toCsv } from "../../sdk/csv.ts";

const cells = (text: string): string => toCsv(["a"], [[text]]).split("\r\n")[1] ?? "";

describe("comma-separated values", () => {
  it("begins with a byte order mark and ends each row by CR LF", () => {
    expect(toCsv(["a", "b"], [[1, null]])).to.equal("\ufeffa,b\r\n1,\r\n");
  });

  it("quotes what would break a row", () => {
    expect(cells('say "hi", now')).to.equal('"say ""hi"", now"');
    expect(toCsv([], [["two\nlines"]])).to.equal('\ufeff\r\n"two\nlines"\r\n');
  });

  it("disarms what a spreadsheet would run", () => {
    for (const text of ["=1+1", "＝1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1"]) {
      expect(cells(text), text).to.match(/^"?'/);
    }
  });

  it("leaves numbers alone, also below zero and beyond 2^53", () => {
    expect(toCsv([], [[-5n, "-5.25", 10n ** 20n]])).to.equal("\ufeff\r\n-5,-5.25,100000000000000000000\r\n");
  });
});
