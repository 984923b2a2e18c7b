import { expect } from "chai";

import { readSearch } from "../../web/auditor/search-text.ts";

const WORD = `0x${"ab".repeat(32)}`;
const ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

describe("what an auditor's search text is", () => {
  it("takes 32 bytes for an id, a memo or a hash, with or without 0x", () => {
    for (const text of [WORD, ` ${WORD}\n`, WORD.slice(2), WORD.toUpperCase()]) {
      expect(readSearch(text)).to.deep.equal({ kind: "word", word: WORD });
    }
  });

  it("takes 20 bytes for an address and writes its checksum", () => {
    expect(readSearch(ADDRESS.toLowerCase())).to.deep.equal({ kind: "address", address: ADDRESS });
  });

  it("says so when the checksum is wrong", () => {
    expect(readSearch(ADDRESS.replace("aAeb", "AAeb"))).to.deep.equal({ kind: "bad_checksum" });
  });

  it("does not guess at anything else", () => {
    expect(readSearch("  ")).to.deep.equal({ kind: "nothing" });
    for (const text of ["0x12", WORD.slice(0, -1), `${WORD}0`, "hello", `0x${"zz".repeat(20)}`]) {
      expect(readSearch(text)).to.deep.equal({ kind: "unreadable" });
    }
  });
});
