import { createHmac } from "node:crypto";

import { expect } from "chai";
import { concat, hexlify, keccak256, randomBytes, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import { keccak256 as viemKeccak256 } from "viem";

import { EXAMPLE_RECORD } from "../../relayer/api/schemas/record-example.ts";
import { invoiceMemo } from "../../sdk/record/memo.ts";
import { createRecord, recordMemo, verifyRecord } from "../../sdk/remittance/commit-record.ts";
import { disclose, type Disclosure, verifyDisclosure } from "../../sdk/remittance/disclosure.ts";
import { buildTree, fieldSalt, leafHash, memoOf, openTree } from "../../sdk/remittance/field-tree.ts";
import { canonicalText, fieldsOf, readRecord } from "../../sdk/remittance/fields.ts";
import { fileMemos } from "../../sdk/remittance/file-memos.ts";
import { PURPOSE_CODES } from "../../sdk/remittance/purpose-codes.ts";
import { RemittanceError } from "../../sdk/remittance/remittance-error.ts";
import { parseRecord, type RemittanceRecord } from "../../sdk/remittance/remittance-record.ts";

const RUNS = { numRuns: 25 };
const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const word = fc
  .stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} .,'-]{0,30}[\p{L}\p{N}]$/u)
  .map((text) => text.normalize("NFC"))
  .filter((text) => text.length <= 35 && /\S/.test(text));

/** Records of one to eight lines of goods, with and without what may be left out. */
const records: fc.Arbitrary<RemittanceRecord> = fc
  .record({
    lines: fc.array(
      fc.record({
        description: word,
        quantity: fc.integer({ min: 1, max: 5_000 }),
        cents: fc.integer({ min: 1, max: 1_000_000 }),
        origin: fc.option(fc.constantFrom("PT", "JP", "CN", "DE"), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    ...{ reference: word, family: word, given: fc.option(word, { nil: undefined }), firm: word },
    purpose: fc.constantFrom(...PURPOSE_CODES),
    note: fc.option(word, { nil: undefined }),
    taxCents: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
  })
  .map(({ lines, reference, family, given, firm, purpose, note, taxCents }) => {
    const money = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
    const net = lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0);
    const { format, version, issuedOn, uetr, currency } = EXAMPLE_RECORD;
    const name = { primaryIdentifier: family, ...(given === undefined ? {} : { secondaryIdentifier: given }) };
    return {
      ...{ format, version, issuedOn, uetr, currency, reference, purpose, ...(note === undefined ? {} : { note }) },
      payer: { naturalPerson: { name: { nameIdentifier: [{ ...name, nameIdentifierType: "LEGL" as const }] } } },
      payee: {
        legalPerson: {
          name: { nameIdentifier: [{ legalPersonName: firm, legalPersonNameIdentifierType: "LEGL" as const }] },
        },
      },
      goods: lines.map(({ description, quantity, cents, origin }) => ({
        ...{ description, quantity: String(quantity), unit: "C62", unitPrice: money(cents) },
        ...{ amount: money(quantity * cents), ...(origin === undefined ? {} : { originCountry: origin }) },
      })),
      ...(taxCents === undefined
        ? {}
        : { taxes: [{ kind: "VAT" as const, rate: "23", base: money(net), amount: money(taxCents) }] }),
      totals: { net: money(net), tax: money(taxCents ?? 0), gross: money(net + (taxCents ?? 0)) },
    };
  });

function failure(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    if (error instanceof RemittanceError) return `${error.code} ${error.field}`;
    throw error;
  }
}

/** Whether something verifies; what is malformed does not. */
function holds(run: () => unknown): boolean {
  try {
    const answer = run();
    return answer !== false && answer !== undefined;
  } catch (error) {
    if (error instanceof RemittanceError) return false;
    throw error;
  }
}

describe("remittance records", () => {
  it("verify, written down and read again, by their salt and memo", () => {
    fc.assert(
      fc.property(records, hash32, (record, salt) => {
        const made = createRecord(record, salt);
        expect(verifyRecord(made.record, salt, made.memo)).to.equal(true);
        expect(verifyRecord(readRecord(made.text), salt, made.memo.toUpperCase().replace("0X", "0x"))).to.equal(true);
        expect(readRecord(`${made.text}\n`)).to.deep.equal(parseRecord(record));
      }),
      RUNS,
    );
  });

  it("do not verify with anything changed: a field, one left out, one added, the salt, the memo", () => {
    fc.assert(
      fc.property(records, hash32, fc.nat(), hash32, (record, salt, at, other) => {
        const { memo } = createRecord(record, salt);
        const fields = fieldsOf(parseRecord(record));
        const field = fields[at % fields.length] ?? { pointer: "", value: "" };
        const changed = structuredClone(record);
        let holder: unknown = changed;
        const parts = field.pointer.slice(1).split("/");
        for (const part of parts.slice(0, -1)) holder = (holder as Record<string, unknown>)[part];
        const [last = ""] = parts.slice(-1);
        for (const value of [`${field.value}0`, field.value.slice(1), undefined]) {
          (holder as Record<string, unknown>)[last] = value;
          expect(
            holds(() => verifyRecord(changed, salt, memo)),
            field.pointer,
          ).to.equal(false);
        }
        expect(holds(() => verifyRecord({ ...record, dueOn: "2031-01-01" }, salt, memo))).to.equal(false);
        expect(holds(() => verifyRecord(record, other, memo))).to.equal(false);
        expect(holds(() => verifyRecord(record, salt, other))).to.equal(false);
      }),
      RUNS,
    );
  });

  it("have one memo, whatever the order of members; other salts make others", () => {
    const turned = Object.fromEntries(Object.entries(EXAMPLE_RECORD).reverse()) as RemittanceRecord;
    const salt = hexlify(randomBytes(32));
    expect(canonicalText(turned)).to.equal(canonicalText(EXAMPLE_RECORD));
    expect(createRecord(turned, salt).memo).to.equal(createRecord(EXAMPLE_RECORD, salt).memo);
    expect(createRecord(EXAMPLE_RECORD).memo).to.not.equal(createRecord(EXAMPLE_RECORD).memo);
  });

  it("have the memo that docs/memos.md describes, made here by other means, from one release to the next", () => {
    const salt = Buffer.alloc(32, 0x11);
    const keccak = (...parts: readonly Uint8Array[]): Buffer =>
      Buffer.from(viemKeccak256(Buffer.concat(parts), "bytes"));
    const tag = (kind: string): Buffer => keccak(Buffer.from(`corridor.remittance.${kind}.v1`));
    const leaves = fieldsOf(EXAMPLE_RECORD).map(({ pointer, value }) => {
      const own = createHmac("sha256", salt).update(`corridor.remittance.salt.v1${pointer}`).digest();
      return keccak(tag("leaf"), own, keccak(Buffer.from(pointer)), keccak(Buffer.from(value)));
    });
    const node = (index: number): Buffer =>
      index >= leaves.length - 1
        ? (leaves[2 * leaves.length - 2 - index] ?? Buffer.alloc(0))
        : keccak(tag("node"), node(2 * index + 1), node(2 * index + 2));
    const outline = JSON.stringify(fieldsOf(EXAMPLE_RECORD).map(({ pointer }) => pointer));
    const count = Buffer.alloc(32);
    count.writeUInt32BE(leaves.length, 28);
    const memo = `0x${keccak(tag("memo"), count, keccak(Buffer.from(outline)), node(0)).toString("hex")}`;
    expect(createRecord(EXAMPLE_RECORD, hexlify(salt)).memo).to.equal(memo);
    expect(memo).to.equal("0x023fafb0b1488f7b4c4f0a7b6e5afaf2afeace5b9493c7e2b94d2049637b3f9c");
  });

  it("are refused with the field and what was expected of it", () => {
    const [line] = EXAMPLE_RECORD.goods;
    const { naturalPerson } = EXAMPLE_RECORD.payer;
    const firm = EXAMPLE_RECORD.payee.legalPerson;
    const name = { nameIdentifier: [{ primaryIdentifier: "X", nameIdentifierType: "ALIA" }] };
    const cases: readonly [unknown, string][] = [
      [[], "invalid_field "],
      [{ ...EXAMPLE_RECORD, extra: "1" }, "invalid_field /extra"],
      [{ ...EXAMPLE_RECORD, version: "2" }, "invalid_field /version"],
      [{ ...EXAMPLE_RECORD, purpose: "GOOD" }, "invalid_field /purpose"],
      [{ ...EXAMPLE_RECORD, currency: "USDC" }, "invalid_field /currency"],
      [{ ...EXAMPLE_RECORD, uetr: "5f3a2c1e-9b4d-1c7f-a012-3456789abcde" }, "invalid_field /uetr"],
      [{ ...EXAMPLE_RECORD, issuedOn: "2026-02-30" }, "invalid_field /issuedOn"],
      [{ ...EXAMPLE_RECORD, note: "a\u202eb" }, "invalid_field /note"],
      [{ ...EXAMPLE_RECORD, note: "e\u0301" }, "invalid_field /note"],
      [{ ...EXAMPLE_RECORD, goods: [] }, "invalid_field /goods"],
      [{ ...EXAMPLE_RECORD, travelRule: {} }, "invalid_field /travelRule"],
      [{ ...EXAMPLE_RECORD, goods: [{ ...line, amount: 87 }] }, "invalid_field /goods/0/amount"],
      [{ ...EXAMPLE_RECORD, goods: [{ ...line, quantity: "1e3" }] }, "invalid_field /goods/0/quantity"],
      [{ ...EXAMPLE_RECORD, goods: [{ ...line, quantity: "06" }] }, "invalid_field /goods/0/quantity"],
      [{ ...EXAMPLE_RECORD, goods: [{ ...line, amount: "87.01" }] }, "wrong_sum /goods/0/amount"],
      [{ ...EXAMPLE_RECORD, goods: [line] }, "wrong_sum /totals/net"],
      [{ ...EXAMPLE_RECORD, totals: { net: "125", tax: "1", gross: "126" } }, "wrong_sum /totals/tax"],
      [{ ...EXAMPLE_RECORD, totals: { net: "125", tax: "0", gross: "126" } }, "wrong_sum /totals/gross"],
      [{ ...EXAMPLE_RECORD, payer: { account: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" } }, "invalid_field /payer"],
      [
        { ...EXAMPLE_RECORD, payer: { account: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8", naturalPerson } },
        "invalid_field /payer/account",
      ],
      [
        { ...EXAMPLE_RECORD, payer: { naturalPerson: { name } } },
        "invalid_field /payer/naturalPerson/name/nameIdentifier",
      ],
      [
        {
          ...EXAMPLE_RECORD,
          payee: {
            legalPerson: {
              ...firm,
              nationalIdentification: { nationalIdentifier: "529900T8BM49AURSDO56", nationalIdentifierType: "LEIX" },
            },
          },
        },
        "invalid_field /payee/legalPerson/nationalIdentification/nationalIdentifier",
      ],
    ];
    for (const [value, expected] of cases) expect(failure(() => parseRecord(value))).to.equal(expected);
    const lei = { nationalIdentifier: "529900T8BM49AURSDO55", nationalIdentifierType: "LEIX" };
    const withLei = { ...EXAMPLE_RECORD, payee: { legalPerson: { ...firm, nationalIdentification: lei } } };
    expect(failure(() => parseRecord(withLei))).to.equal("none");
    const secret = "Tsukuyomi-1234";
    try {
      parseRecord({ ...EXAMPLE_RECORD, currency: secret });
      expect.fail("it was read");
    } catch (error) {
      expect(String(error)).to.not.contain(secret);
    }
  });

  it("are read in their canonical form only", () => {
    const text = canonicalText(EXAMPLE_RECORD);
    expect(failure(() => readRecord(text.replace("{", "{ ")))).to.equal("not_canonical ");
    expect(failure(() => readRecord(text.replace("{", '{"currency":"USD",')))).to.equal("not_canonical ");
    expect(failure(() => readRecord("{"))).to.equal("invalid_field ");
    for (const salt of ["", "0x", "0x11", "11".repeat(32)]) {
      expect(failure(() => createRecord(EXAMPLE_RECORD, salt))).to.equal("invalid_salt ");
    }
  });

  it("cannot be taken for a file, nor a file for a record", () => {
    const { text, salt, memo } = createRecord(EXAMPLE_RECORD);
    expect(invoiceMemo(toUtf8Bytes(text), salt)).to.not.equal(memo);
    expect(verifyRecord(EXAMPLE_RECORD, salt, invoiceMemo(toUtf8Bytes(text), salt))).to.equal(false);
    const asFile = { of: "file", memo: invoiceMemo(toUtf8Bytes(text), salt) };
    expect(fileMemos(toUtf8Bytes(text), salt)).to.deep.equal([asFile, { of: "record", memo }]);
    for (const other of [toUtf8Bytes(text.replace("{", "{ ")), Uint8Array.of(0xff, 0xfe), new Uint8Array()]) {
      expect(fileMemos(other, salt)).to.deep.equal([{ of: "file", memo: invoiceMemo(other, salt) }]);
    }
  });
});

describe("disclosures of remittance records", () => {
  const pointersOf = (record: RemittanceRecord): readonly string[] => fieldsOf(record).map(({ pointer }) => pointer);

  it("show the goods and not the price, to whoever has the memo", () => {
    const { record, salt, memo } = createRecord(EXAMPLE_RECORD);
    const names = ["description", "commodityCode", "originCountry", "quantity", "unit", "netWeightKg"];
    const pointers = record.goods.flatMap((_, line) => names.map((name) => `/goods/${line}/${name}`));
    const disclosure = JSON.parse(JSON.stringify(disclose(record, salt, pointers))) as Disclosure;
    const shown = verifyDisclosure(disclosure, memo);
    expect([...(shown?.fields.keys() ?? [])]).to.have.members(["/format", "/version", ...pointers]);
    expect(shown?.fields.get("/goods/0/description")).to.equal("Dinner plate, glazed stoneware, 27 cm");
    expect(shown?.hidden).to.include.members(["/goods/0/unitPrice", "/goods/1/amount", "/totals/gross"]);
    const text = JSON.stringify(disclosure);
    for (const hidden of ["Nakamura", "Yui", "14.50", "87.00", "125.00", "INV-2026-0117", salt]) {
      expect(text).to.not.contain(hidden);
    }
  });

  it("verify, of any fields of any record, and show these", () => {
    fc.assert(
      fc.property(records, hash32, fc.array(fc.nat(), { maxLength: 12 }), (record, salt, picks) => {
        const { memo } = createRecord(record, salt);
        const all = pointersOf(parseRecord(record));
        const asked = picks.map((pick) => all[pick % all.length] ?? "");
        const shown = verifyDisclosure(disclose(record, salt, asked), memo);
        const expected = new Set(["/format", "/version", ...asked]);
        expect([...(shown?.fields.keys() ?? [])]).to.have.members([...expected]);
        expect(shown?.hidden).to.deep.equal(all.filter((each) => !expected.has(each)));
        for (const { pointer, value } of fieldsOf(parseRecord(record))) {
          if (expected.has(pointer)) expect(shown?.fields.get(pointer)).to.equal(value);
        }
      }),
      RUNS,
    );
  });

  it("do not verify with a value, pointer, salt, node or name of a hidden field changed, moved or left out", () => {
    fc.assert(
      fc.property(
        records,
        hash32,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.nat(),
        hash32,
        (record, salt, picks, at, other) => {
          const { memo } = createRecord(record, salt);
          const all = pointersOf(parseRecord(record));
          const good = disclose(
            record,
            salt,
            picks.map((pick) => all[pick % all.length] ?? ""),
          );
          const { fields, hidden, proof } = good;
          const index = at % fields.length;
          const replaced = (change: object) =>
            fields.map((field, each) => (each === index ? { ...field, ...change } : field));
          const field = fields[index] ?? { pointer: "", value: "", salt: "" };
          const node = at % Math.max(1, proof.length);
          const next = fields[(index + 1) % fields.length] ?? field;
          const bad: readonly object[] = [
            { ...good, fields: replaced({ value: `${field.value} ` }) },
            { ...good, fields: replaced({ value: next.value === field.value ? "" : next.value }) },
            { ...good, fields: replaced({ pointer: hidden[0] ?? `${field.pointer}x` }) },
            { ...good, fields: replaced({ salt: other }) },
            { ...good, fields: fields.filter((_, each) => each !== index) },
            { ...good, fields: [...fields, field] },
            { ...good, proof: [...proof, other] },
            { ...good, hidden: [...hidden, "/zzz"] },
            ...(proof.length > 0
              ? [
                  { ...good, proof: proof.map((each, i) => (i === node ? other : each)) },
                  { ...good, proof: proof.slice(1) },
                ]
              : []),
            ...(proof.length > 1 ? [{ ...good, proof: [proof[1], proof[0], ...proof.slice(2)] }] : []),
            ...(hidden.length > 0
              ? [
                  { ...good, hidden: hidden.slice(1) },
                  { ...good, hidden: ["/a", ...hidden.slice(1)] },
                ]
              : []),
          ];
          for (const each of bad)
            expect(
              holds(() => verifyDisclosure(each, memo)),
              JSON.stringify(each),
            ).to.equal(false);
          expect(holds(() => verifyDisclosure(good, other))).to.equal(false);
          expect(holds(() => verifyDisclosure(good, memo))).to.equal(true);
        },
      ),
      RUNS,
    );
  });

  it("let nobody find a hidden value by trying all that it can be", () => {
    const { record, salt, memo } = createRecord(EXAMPLE_RECORD);
    const disclosure = disclose(record, salt, ["/goods", "/issuedOn"]);
    const known = new Set([memo, ...disclosure.proof]);
    const salts = [memo, `0x${"00".repeat(32)}`, ...disclosure.proof, ...disclosure.fields.map((field) => field.salt)];
    for (const value of PURPOSE_CODES) {
      for (const each of salts) {
        expect(known.has(leafHash({ pointer: "/purpose", value, salt: each }))).to.equal(false);
        // Nor is a salt that was shown the one that others are made of.
        expect(known.has(leafHash({ pointer: "/purpose", value, salt: fieldSalt(each, "/purpose") }))).to.equal(false);
        expect(known.has(keccak256(concat([each, keccak256(toUtf8Bytes(value))])))).to.equal(false);
      }
    }
    // The check can fail: with its own salt the hidden field is found among the nodes, or is one of a pair that makes one.
    const all = fieldsOf(record);
    const tree = buildTree(all.map((field) => leafHash({ ...field, salt: fieldSalt(salt, field.pointer) })));
    expect(tree).to.include(leafHash({ pointer: "/purpose", value: "GDDS", salt: fieldSalt(salt, "/purpose") }));
    const salts2 = all.map(({ pointer }) => fieldSalt(salt, pointer));
    expect(new Set(salts2).size).to.equal(all.length);
  });

  it("are of the same size and shape whatever is hidden, without a byte in common but what is shown", () => {
    const one = createRecord(EXAMPLE_RECORD);
    const other = createRecord({ ...EXAMPLE_RECORD, purpose: "SCVE", note: "Another one" });
    const [a, b] = [one, other].map(({ record, salt }) => disclose(record, salt, ["/goods"]));
    expect(JSON.stringify(a)).to.have.length(JSON.stringify(b).length);
    expect(a?.hidden).to.deep.equal(b?.hidden);
    expect(a?.proof.filter((node) => b?.proof.includes(node))).to.deep.equal([]);
  });

  it("cannot be made of a record that has one field twice, each time with another value", () => {
    const salt = hexlify(randomBytes(32));
    const fields = fieldsOf(EXAMPLE_RECORD);
    const pointers = fields.map(({ pointer }) => pointer);
    const at = pointers.indexOf("/goods/0/amount");
    // In the place of its neighbour stands a second amount, for another officer.
    const leafOf = (pointer: string, value: string) => ({ pointer, value, salt: fieldSalt(salt, pointer) });
    const planted = fields.map(({ pointer, value }, place) =>
      place === at + 1 ? leafOf("/goods/0/amount", "1.00") : leafOf(pointer, value),
    );
    const tree = buildTree(planted.map(leafHash));
    const memo = memoOf(pointers, tree[0] ?? "");
    const show = (place: number): object => {
      const places = [pointers.indexOf("/format"), pointers.indexOf("/version"), place].sort((a, b) => a - b);
      const shown = places.map((each) => planted[each] ?? leafOf("", ""));
      const names = new Set(shown.map(({ pointer }) => pointer));
      const hidden = pointers.filter((each) => !names.has(each));
      return {
        ...{ format: "corridor-disclosure", version: "1", hidden, proof: openTree(tree, places) },
        fields: shown,
      };
    };
    expect(verifyDisclosure(show(at), memo)?.fields.get("/goods/0/amount")).to.equal("87.00");
    expect(verifyDisclosure(show(at + 1), memo)).to.equal(undefined);
  });

  it("take no node for a field, and no field for a record", () => {
    const { record, salt, memo } = createRecord(EXAMPLE_RECORD);
    const all = fieldsOf(record);
    const tree = buildTree(all.map((field) => leafHash({ ...field, salt: fieldSalt(salt, field.pointer) })));
    // The root as if it were the only field, and each inner node as a memo.
    for (const node of tree) expect(node).to.not.equal(memo);
    expect(memoOf(["/format"], tree[0] ?? "")).to.not.equal(memo);
    expect(memoOf(pointersOf(record).slice(1), tree[0] ?? "")).to.not.equal(memo);
    expect(recordMemo(record, salt)).to.equal(memo);
  });

  it("are refused if they are none", () => {
    const { record, salt, memo } = createRecord(EXAMPLE_RECORD);
    const good = disclose(record, salt, ["/note"]);
    const verify = (value: unknown) => failure(() => verifyDisclosure(value, memo));
    expect(failure(() => disclose(record, salt, ["/nothing"]))).to.equal("unknown_pointer /nothing");
    expect(failure(() => disclose(record, salt, ["/not"]))).to.equal("unknown_pointer /not");
    expect(verify("text")).to.equal("invalid_field ");
    expect(verify({ ...good, extra: 1 })).to.equal("invalid_field /extra");
    expect(verify({ ...good, fields: [...good.fields, ...good.fields] })).to.equal("invalid_disclosure ");
    expect(verify({ ...good, hidden: [...good.hidden, "/note/x"] })).to.equal("invalid_disclosure /note/x");
    expect(verify({ ...good, fields: good.fields.filter(({ pointer }) => pointer !== "/format") })).to.equal(
      "invalid_disclosure /format",
    );
    expect(verify({ ...good, proof: ["0x11"] })).to.equal("invalid_field /proof/0");
  });
});
