import { expect } from "chai";
import { concat, getAddress, hexlify } from "ethers";
import fc from "fast-check";

import { unwrapSignature, wrapSignature } from "../../sdk/erc6492.ts";

const MARK = `0x${"6492".repeat(16)}`;
const bytes = (maxLength: number): fc.Arbitrary<string> => fc.uint8Array({ maxLength }).map((value) => hexlify(value));
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((value) => getAddress(hexlify(value)));
const wrapped = fc.record({ factory: address, factoryCalldata: bytes(300), signature: bytes(300) });

describe("a signature of a wallet that is not deployed yet", () => {
  it("is wrapped as ERC-6492 says", () => {
    const word = (hex: string): string => hex.padStart(64, "0");
    expect(wrapSignature({ factory: `0x${"11".repeat(20)}`, factoryCalldata: "0xaabb", signature: "0xcc" })).to.equal(
      [
        ...["0x", word("11".repeat(20)), word("60"), word("a0")],
        ...[word("2"), "aabb".padEnd(64, "0"), word("1"), "cc".padEnd(64, "0")],
        "6492".repeat(16),
      ].join(""),
    );
  });

  it("is unwrapped to what was wrapped, in small letters or capitals", () => {
    fc.assert(
      fc.property(wrapped, (value) => {
        expect(unwrapSignature(wrapSignature(value))).to.deep.equal(value);
        expect(unwrapSignature(`0x${wrapSignature(value).slice(2).toUpperCase()}`)).to.deep.equal(value);
      }),
    );
  });

  it("is not seen in what has no mark, or nothing sensible before it", () => {
    const good = wrapSignature({ factory: `0x${"11".repeat(20)}`, factoryCalldata: "0xaabb", signature: "0xcc" });
    const dirty = `0x01${good.slice(4)}`;
    for (const text of [
      "",
      "0x",
      MARK,
      MARK.slice(2),
      `${MARK}0`,
      good.slice(0, -2),
      `${good}00`,
      good.slice(2),
      dirty,
    ]) {
      expect(unwrapSignature(text), text).to.equal(undefined);
    }
    // Members that lie beyond the end.
    expect(unwrapSignature(concat([`0x${good.slice(2, 2 + 64 * 3)}`, MARK]))).to.equal(undefined);
  });

  it("never throws, whatever stands before the mark", () => {
    const noise = fc.oneof(bytes(400), fc.string(), fc.tuple(wrapped, fc.nat(800), fc.integer({ min: 0, max: 15 })));
    fc.assert(
      fc.property(noise, (value) => {
        const text =
          typeof value === "string"
            ? value
            : wrapSignature(value[0]).replace(/./g, (digit, at) =>
                at === 2 + value[1] ? value[2].toString(16) : digit,
              );
        for (const candidate of [text, `${text}${MARK.slice(2)}`]) {
          const found = unwrapSignature(candidate);
          expect(found === undefined || typeof found.signature === "string").to.equal(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
