import { expect } from "chai";
import { AbiCoder, getAddress, hexlify, id, type Log, randomBytes, zeroPadValue } from "ethers";

import { permittedTransfer, transferAfter } from "../../relayer/chain/x402-trace.ts";
import type { X402Terms } from "../../relayer/x402-payment.ts";

const [TOKEN, PAYER, PAYEE, PROXY, SETTLER, OTHER] = Array.from({ length: 6 }, () =>
  getAddress(hexlify(randomBytes(20))),
) as [string, string, string, string, string, string];
const NONCE = hexlify(randomBytes(32));
const TERMS = {
  ...{ token: TOKEN, payer: PAYER, payee: PAYEE, amount: 100n, validAfter: 0n, validBefore: 1n, nonce: NONCE },
};
const byToken: X402Terms = { ...TERMS, kind: "erc3009" };
const byPermit2: X402Terms = { ...TERMS, kind: "permit2" };
const places = { settler: SETTLER, proxy: PROXY };

function log(index: number, address: string, event: string, indexed: string[], data = "0x"): Log {
  const topics = [id(event), ...indexed.map((value) => zeroPadValue(value, 32).toLowerCase())];
  return { index, address, topics, data } as unknown as Log;
}

function transfer(index: number, from = PAYER, to = PAYEE, amount = 100n, token = TOKEN): Log {
  const data = AbiCoder.defaultAbiCoder().encode(["uint256"], [amount]);
  return log(index, token, "Transfer(address,address,uint256)", [from, to], data);
}

const used = (index: number): Log => log(index, TOKEN, "AuthorizationUsed(address,bytes32)", [PAYER, NONCE]);
const settled = (index: number, by = PROXY): Log => log(index, by, "Settled()", []);
const approval = (index: number): Log => log(index, TOKEN, "Approval(address,address,uint256)", [PAYER, PROXY]);

describe("what a used authorization was used for", () => {
  it("is, by ERC-3009, the transfer that the token logs next", () => {
    const mark = used(3);
    expect(transferAfter([mark, transfer(4)], mark, byToken)?.index).to.equal(4);
    expect(transferAfter([mark, settled(4, OTHER), transfer(5)], mark, byToken)?.index).to.equal(5);
  });

  it("is, by ERC-3009, no other transfer of the same transaction", () => {
    const mark = used(3);
    // Of another authorization, before it or after it.
    expect(transferAfter([transfer(2), mark, transfer(4, PAYER, PAYER, 1n)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark, transfer(4, PAYER, PAYER, 1n), transfer(5)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark, transfer(4, PAYER, PAYEE, 99n)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark, transfer(4, OTHER)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark, transfer(4, PAYER, OTHER)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark, transfer(4, PAYER, PAYEE, 100n, OTHER)], mark, byToken)).to.equal(undefined);
    expect(transferAfter([mark], mark, byToken)).to.equal(undefined);
  });

  const data = `0x12345678${NONCE.slice(2).toUpperCase()}`;

  it("is, by Permit2, the transfer before the proxy says so, in a transaction that was given the nonce", () => {
    const moved = transfer(3);
    expect(permittedTransfer({ logs: [moved, settled(4)], data }, moved, byPermit2, places)).to.equal(moved);
    const logs = [moved, approval(4), settled(5)];
    expect(permittedTransfer({ logs, data }, moved, byPermit2, places)).to.equal(moved);
  });

  it("is, by Permit2, no transfer that another nonce, another contract or the settler itself made", () => {
    const moved = transfer(3);
    const find = (logs: Log[], input = data, of = moved) =>
      permittedTransfer({ logs, data: input }, of, byPermit2, places);
    expect(find([moved, settled(4)], "0x12345678")).to.equal(undefined);
    expect(find([moved])).to.equal(undefined);
    expect(find([moved, settled(4, OTHER)])).to.equal(undefined);
    expect(find([moved, transfer(4), settled(5)])).to.equal(undefined);
    expect(find([moved, settled(4), settled(5, SETTLER)])).to.equal(undefined);
    const less = transfer(3, PAYER, PAYEE, 99n);
    expect(find([less, settled(4)], data, less)).to.equal(undefined);
  });
});
