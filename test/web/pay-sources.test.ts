import { expect } from "chai";

import type { AccountView, QuotedView } from "../../sdk/client.ts";
import { missingOf, paySources } from "../../web/checkout/pay-sources.ts";

const account = (token: string, balance: string, reserved = "0"): [string, AccountView] => [
  token,
  { owner: "0xA", token, balance, reserved, nextNonce: "3", frozenUntil: "0" },
];
const quote = { payToken: "0xUSD", payAmount: "110", settleToken: "0xEUR", settleAmount: "100" } as QuotedView;
const request = { token: "0xEUR", amount: "100" };

describe("what a request can be paid with", () => {
  it("is the merchant's currency first, then what is quoted", () => {
    const sources = paySources(
      request,
      [quote],
      new Map([account("0xEUR", "99"), account("0xUSD", "120", "10")]),
      undefined,
    );
    expect(sources.map(({ token, cost, funding }) => ({ token, cost, funding }))).to.deep.equal([
      { token: "0xEUR", cost: 100n, funding: "account" },
      { token: "0xUSD", cost: 110n, funding: "account" },
    ]);
    expect(sources.map(missingOf)).to.deep.equal([1n, 0n]);
  });

  it("does not count what payments under way will take, nor below nothing", () => {
    const [own] = paySources(request, [], new Map([account("0xEUR", "5", "9")]), undefined);
    expect(own?.available).to.equal(0n);
    expect(own === undefined ? undefined : missingOf(own)).to.equal(100n);
  });

  it("says nothing is missing while nothing is known", () => {
    const [own] = paySources(request, [], new Map(), undefined);
    expect(own?.nextNonce).to.equal(undefined);
    expect(own === undefined ? undefined : missingOf(own)).to.equal(0n);
  });

  it("offers the tokens that the wallet holds itself, where it holds any", () => {
    const held = paySources(request, [], new Map([account("0xEUR", "0")]), 250n).at(-1);
    expect(held).to.deep.include({ funding: "erc3009", token: "0xEUR", cost: 100n, available: 250n });
    expect(paySources(request, [], new Map(), 0n)).to.have.length(1);
  });
});
