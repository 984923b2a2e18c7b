import { expect } from "chai";
import { Interface, keccak256, Wallet, ZeroHash } from "ethers";

import { readExchangeLogs } from "../../relayer/chain/exchange-reader.ts";
import { ROW_CODES } from "../../sdk/row-codes.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const ABI = new Interface(Exchange__factory.abi);
const [ID, OTHER, QUOTE, BACK, HASH] = ["0x01", "0x02", "0x03", "0x04", "0x05"].map((seed) => keccak256(seed)) as [
  string,
  string,
  string,
  string,
  string,
];
const [MAKER, PAYEE] = [new Wallet(ID).address, new Wallet(OTHER).address];
const OFFER = [MAKER, PAYEE, MAKER, 1n, 1n, 0n, 1n, ZeroHash];

type Logs = Parameters<typeof readExchangeLogs>[1];

function log(name: string, values: unknown[], blockNumber = 3): Logs[number] {
  const place = { transactionHash: HASH, blockNumber, blockHash: ID };
  return { ...ABI.encodeEventLog(name, values), ...place } as unknown as Logs[number];
}

const filled = (id: string) => log("QuoteFilled", [id, MAKER, PAYEE, OFFER, 1n, 1n, 1n, 1n]);
const place = { transactionHash: HASH, blockNumber: 3n };

describe("the Exchange's logs", () => {
  it("tell what payments came to, and which quotes gave it", () => {
    const logs = readExchangeLogs(ABI, [
      log("Exchanged", [ID, PAYEE, 44n, 40n, 2n, ZeroHash]),
      log("Held", [OTHER, HASH, 50n, 45n, 41n, 2n, 9n]),
      filled(QUOTE),
    ]);
    expect(logs.exchanged).to.deep.equal([
      { id: ID, paid: 44n, fee: 2n },
      { id: OTHER, paid: 45n, fee: 0n },
    ]);
    expect(logs.quotes).to.deep.equal([QUOTE]);
    expect(logs.refunds).to.deep.equal([]);
  });

  it("tell a refund with the quote that follows it, and no other", () => {
    const logs = readExchangeLogs(ABI, [
      filled(QUOTE),
      log("Refunded", [ID, HASH, 10n, 30n, 11n, 12n]),
      filled(BACK),
      log("Exchanged", [OTHER, PAYEE, 44n, 40n, 2n, ZeroHash]),
      filled(QUOTE),
    ]);
    expect(logs.refunds).to.deep.equal([
      { id: ID, amount: 10n, refunded: 30n, cost: 11n, returned: 12n, quote: BACK, maker: MAKER, ...place },
    ]);
    expect(logs.quotes).to.deep.equal([QUOTE, BACK]);
  });

  it("tell which quotes their makers voided", () => {
    const logs = readExchangeLogs(ABI, [
      log("QuoteCancelled", [QUOTE, MAKER]),
      log("GenerationRaised", [MAKER, 2n]),
      log("GuardRemoved", [MAKER, PAYEE]),
    ]);
    expect(logs.quotes).to.deep.equal([QUOTE]);
    expect(logs.makers).to.deep.equal([MAKER]);
  });

  it("tell why a row was refused, by every code", () => {
    for (const [number, code] of ROW_CODES.entries()) {
      const { rejected } = readExchangeLogs(ABI, [log("Rejected", [ID, number])]);
      expect(rejected).to.deep.equal([{ id: ID, code, ...place }]);
    }
  });
});
