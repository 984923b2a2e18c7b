import { expect } from "chai";
import { AbiCoder, encodeBytes32String, id, JsonRpcProvider, toBeHex, ZeroHash } from "ethers";
import { network } from "hardhat";

import { readCurrencies } from "../../relayer/chain/currencies.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { type NodeAnswer, startTinyNode } from "./tiny-node.ts";

const TOKEN = "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707";
const SHORT = "0x5FC8…5707";
const CHAIN = 31_337n;

const encode = (types: string[], values: unknown[]): string => AbiCoder.defaultAbiCoder().encode(types, values);
const text = (value: string): string => encode(["string"], [value]);

/** A token that answers each question by its function's name; what it is not told, by a revert. */
async function read(answers: Record<string, string>) {
  const revert: NodeAnswer = { error: { code: 3, message: "execution reverted", data: "0x" } };
  const node = await startTinyNode((method, params) => {
    if (method !== "eth_call") return { result: "0x7a69" };
    const { data } = params[0] as { readonly data: string };
    const asked = Object.keys(answers).find((name) => id(`${name}()`).slice(0, 10) === data);
    return asked === undefined ? revert : { result: answers[asked] };
  });
  const provider = new JsonRpcProvider(node.url, 31_337, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 });
  const fallbacks: string[] = [];
  try {
    const [currency] = await readCurrencies(provider, CHAIN, [TOKEN], (token) => fallbacks.push(token));
    return { currency, fellBack: fallbacks.length > 0 };
  } finally {
    provider.destroy();
    await node.stop();
  }
}

function domain(changes: { fields?: string; chainId?: bigint; contract?: string; salt?: string } = {}): string {
  const { fields = "0x0f", chainId = CHAIN, contract = TOKEN, salt = ZeroHash } = changes;
  const types = ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"];
  return encode(types, [fields, "USD Coin", "2", chainId, contract, salt, []]);
}

const GOOD = { symbol: text("USDC"), name: text("USD Coin"), decimals: toBeHex(6, 32), eip712Domain: domain() };

describe("what tokens say of themselves", () => {
  it("is read from a real token, and asked for in the order of the tokens", async () => {
    const { ethers } = await network.create();
    const factory = new TestToken__factory(await ethers.provider.getSigner(0));
    const [dollar, yen] = await Promise.all([
      (await factory.deploy("Test Dollar", "tUSD", 6)).getAddress(),
      (await factory.deploy("Test Yen", "tJPY", 0)).getAddress(),
    ]);
    const provider = ethers.provider as unknown as JsonRpcProvider;
    const found = await readCurrencies(provider, (await provider.getNetwork()).chainId, [yen, dollar], () => {
      expect.fail("nothing is missing");
    });
    expect(found).to.deep.equal([
      { token: yen, code: "tJPY", name: "Test Yen", decimals: 0, signing: { name: "Test Yen", version: "1" } },
      { token: dollar, code: "tUSD", name: "Test Dollar", decimals: 6, signing: { name: "Test Dollar", version: "1" } },
    ]);
  });

  it("may be 32 bytes, as of old tokens, and without a domain", async () => {
    const { symbol, name } = { symbol: encodeBytes32String("MKR"), name: encodeBytes32String("Maker") };
    const { currency, fellBack } = await read({ symbol, name, decimals: toBeHex(18, 32) });
    expect(currency).to.deep.equal({ token: TOKEN, code: "MKR", name: "Maker", decimals: 18, signing: null });
    expect(fellBack).to.equal(false);
  });

  const unknown = { token: TOKEN, code: SHORT, name: SHORT, decimals: 0, signing: null };
  for (const [what, answers] of [
    ["nothing", {}],
    ["no decimals", { ...GOOD, decimals: "0x" }],
    ["39 decimals", { ...GOOD, decimals: toBeHex(39, 32) }],
    ["a text for decimals", { ...GOOD, decimals: text("6") }],
  ] as const) {
    it(`of one that answers ${what}, smallest units are shown by its address`, async () => {
      expect(await read(answers)).to.deep.equal({ currency: unknown, fellBack: true });
    });
  }

  for (const [what, symbol] of [
    ["a number", toBeHex(2n ** 255n, 32)],
    ["bytes that are no text", `${encode(["uint256", "uint256"], [32, 2])}ff00${"00".repeat(30)}`],
    ["no text at all", text("  ")],
    ["a text that turns others around", text("US\u202eDC")],
    ["17 characters", text("X".repeat(17))],
    ["half an answer", "0x00000020"],
  ] as const) {
    it(`has its decimals and its address if its symbol is ${what}`, async () => {
      const { currency, fellBack } = await read({ ...GOOD, symbol });
      expect(currency).to.include({ code: SHORT, name: "USD Coin", decimals: 6 });
      expect(fellBack).to.equal(true);
    });
  }

  for (const [what, eip712Domain] of [
    ["another chain", domain({ chainId: 1n })],
    ["another contract", domain({ contract: "0x0165878A594ca255338adfa4d48449f69242Eb8F" })],
    ["a salt", domain({ fields: "0x1f", salt: id("salt") })],
    ["nonsense", "0x1234"],
  ] as const) {
    it(`has no domain if that is of ${what}`, async () => {
      expect((await read({ ...GOOD, eip712Domain })).currency?.signing).to.equal(null);
    });
  }

  it("has its domain if that is its own", async () => {
    expect((await read(GOOD)).currency?.signing).to.deep.equal({ name: "USD Coin", version: "2" });
  });
});
