import { expect } from "chai";

import type { RecordStep } from "../../sdk/record/record-steps.ts";
import { parseOwnSource } from "../../web/auditor/node/source.ts";
import { shownFields } from "../../web/auditor/payments/step-fields.ts";

const [DOLLAR, EURO] = [`0x${"aa".repeat(20)}`, `0x${"bb".repeat(20)}`];
const TOKENS = { paid: DOLLAR, settled: EURO };
const ID = `0x${"01".repeat(32)}`;

function step(contract: RecordStep["contract"], event: string, fields: RecordStep["fields"]): RecordStep {
  const place = { blockNumber: 1, blockHash: ID, transactionHash: ID, logIndex: 0, timestamp: 0 };
  return { contract, event, fields, ...place };
}

describe("an event's fields for an auditor", () => {
  it("have what was paid and what settled in currencies of their own", () => {
    const exchanged = step("exchange", "Exchanged", { id: ID, paid: 3n, settled: 2n, fee: 1n });
    expect(shownFields(exchanged, TOKENS, ID)).to.deep.equal([
      { path: "paid", kind: "amount", token: DOLLAR, value: 3n },
      { path: "settled", kind: "amount", token: EURO, value: 2n },
      { path: "fee", kind: "amount", token: EURO, value: 1n },
    ]);
  });

  it("have a hold's amounts in the currency that is held, and a payment's in the payer's", () => {
    const [captured] = shownFields(step("escrow", "Captured", { amount: 5n }), TOKENS);
    const [paid] = shownFields(step("ledger", "Settled", { amount: 5n }), TOKENS);
    expect(captured).to.include({ token: EURO });
    expect(paid).to.include({ token: DOLLAR });
  });

  it("name the reason of a rejection, and no currency that the chain does not say", () => {
    expect(shownFields(step("ledger", "Rejected", { code: 4n }), TOKENS)).to.deep.equal([
      { path: "code", kind: "code", value: "expired" },
    ]);
    const [unknown] = shownFields(step("escrow", "Voided", { amount: 5n }), { paid: DOLLAR, settled: null });
    expect(unknown).to.include({ token: null });
  });
});

describe("an auditor's own node", () => {
  it("is read back as it was kept", () => {
    const own = { rpcUrl: "https://node.example/", contracts: { ledger: DOLLAR }, fromBlock: 7 };
    expect(parseOwnSource(JSON.stringify(own))).to.deep.equal(own);
  });

  it("is left out where it cannot be read", () => {
    for (const text of [null, "{", "null", '{"rpcUrl":"javascript:1","contracts":{"ledger":"0x1"},"fromBlock":-1}']) {
      expect(parseOwnSource(text)).to.deep.equal({});
    }
  });
});
