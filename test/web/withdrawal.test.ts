import { expect } from "chai";

import { ProblemError } from "../../sdk/client.ts";
import {
  availableOf,
  composeWithdrawal,
  isFrozen,
  isSurelyRefused,
  readRecipient,
  readWithdrawalAmount,
  withdrawalFeeOf,
} from "../../web/merchant/balances/withdrawal.ts";

const OWNER = "0x5B38Da6a701c568545dCfcB03FcB875f56beddC4";
const LEDGER = "0x8A791620dd6260079BF849Dc5567aDC3F2FdC318";
const TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const CONTRACTS = { ledger: LEDGER, escrow: null, gateway: null, exchange: null, tokens: [TOKEN] };

describe("a merchant's withdrawal", () => {
  it("takes what nothing accepted will take", () => {
    expect(availableOf({ balance: "100", reserved: "30" })).to.equal(70n);
    expect(availableOf({ balance: "10", reserved: "30" })).to.equal(0n);
  });

  it("waits while the account is frozen", () => {
    expect(isFrozen({ frozenUntil: "101" }, 100n)).to.equal(true);
    expect(isFrozen({ frozenUntil: "100" }, 100n)).to.equal(false);
  });

  it("goes to an address whose checksum fits, and to none that keeps money for ever", () => {
    expect(readRecipient(` ${OWNER} `, CONTRACTS)).to.deep.equal({ address: OWNER });
    expect(readRecipient(OWNER.toLowerCase(), CONTRACTS)).to.deep.equal({ address: OWNER });
    expect(readRecipient(OWNER.replace("B38", "b38"), CONTRACTS)).to.deep.equal({ fault: "checksum" });
    for (const bad of ["", OWNER.slice(2), OWNER.slice(0, -1), `${OWNER}0`, "shop.eth"]) {
      expect(readRecipient(bad, CONTRACTS), bad).to.deep.equal({ fault: "malformed" });
    }
    for (const nowhere of [LEDGER, TOKEN.toLowerCase(), `0x${"0".repeat(40)}`]) {
      expect(readRecipient(nowhere, CONTRACTS), nowhere).to.deep.equal({ fault: "contract" });
    }
  });

  it("is more than its fee and no more than is available", () => {
    const limits = { available: 5_000_000n, fee: 10_000n, decimals: 6 };
    expect(readWithdrawalAmount("5", limits)).to.deep.equal({ amount: 5_000_000n });
    expect(readWithdrawalAmount("5.000001", limits)).to.deep.equal({ fault: "over_available" });
    expect(readWithdrawalAmount("0.010001", limits)).to.deep.equal({ amount: 10_001n });
    expect(readWithdrawalAmount("0.01", limits)).to.deep.equal({ fault: "not_over_fee" });
    expect(readWithdrawalAmount("1,000.00", limits)).to.deep.equal({ fault: "malformed" });
  });

  it("allows the fee that was shown, by the account's next number, for an hour", () => {
    expect(withdrawalFeeOf({ withdrawalFees: { [TOKEN.toLowerCase()]: "10000" } }, TOKEN)).to.equal(10_000n);
    expect(withdrawalFeeOf({ withdrawalFees: {} }, TOKEN)).to.equal(0n);
    const account = { owner: OWNER, token: TOKEN, nextNonce: "7" };
    expect(composeWithdrawal(account, { to: OWNER, amount: 9n, fee: 2n, now: 1_000n })).to.deep.equal({
      ...{ owner: OWNER, token: TOKEN, to: OWNER, amount: 9n },
      ...{ maxFee: 2n, nonce: 7n, deadline: 4_600n },
    });
  });

  it("is signed anew only if the relayer surely refused it", () => {
    const problem = (status: number) =>
      new ProblemError({ type: "about:blank", title: "", status, code: "some", detail: "" });
    expect(isSurelyRefused(problem(422))).to.equal(true);
    expect(isSurelyRefused(problem(503))).to.equal(false);
    expect(isSurelyRefused(new TypeError("Failed to fetch"))).to.equal(false);
  });
});
