import { hexlify, randomBytes, Signature } from "ethers";

import type { Payment } from "../../sdk/payment.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { AMOUNT, compact, type Stage } from "./stage.ts";

/** One `settle` of as many payments, each of another payer. */
export async function settle(stage: Stage, count: number): Promise<{ gasUsed: number; hash: string }> {
  const { ledger, payee, payers, token, domain, deadline } = stage;
  const rows = [];
  for (const payer of payers.slice(0, count)) {
    const payment: Payment = {
      payer: payer.address,
      payee: payee.address,
      token,
      amount: AMOUNT,
      nonce: stage.nextNonce(payer.address),
      deadline,
      memo: hexlify(randomBytes(32)),
    };
    rows.push({ ...payment, ...compact(await signPayment(payer, domain, payment)) });
  }
  const sent = await ledger.settle([{ payee: payee.address, token, rows }]);
  const receipt = await sent.wait();
  if (receipt?.logs.length !== count + 1) throw new Error(`${count} rows, ${receipt?.logs.length ?? 0} logs`);
  return { gasUsed: Number(receipt.gasUsed), hash: receipt.hash };
}

/** The same token sent by its owner, to someone who has some. */
export async function transfer({ dollar, funder }: Stage): Promise<number> {
  await (await dollar.mint(funder.address, AMOUNT)).wait();
  const receipt = await (await dollar.transfer(funder.address, AMOUNT)).wait();
  return Number(receipt?.gasUsed ?? 0n);
}

/** The same token by an ERC-3009 authorization, relayed one at a time. */
export async function transferWithAuthorization(stage: Stage): Promise<number> {
  const { dollar, funder, token, deadline } = stage;
  const owner = stage.payers[0];
  if (owner === undefined) throw new Error("No payer");
  await (await dollar.mint(owner.address, 2n * AMOUNT)).wait();
  const nonce = hexlify(randomBytes(32));
  const value = {
    from: owner.address,
    to: funder.address,
    value: AMOUNT,
    validAfter: 0n,
    validBefore: deadline,
    nonce,
  };
  const signature = Signature.from(
    await owner.signTypedData(
      { name: "Test Dollar", version: "1", chainId: stage.domain.chainId, verifyingContract: token },
      {
        TransferWithAuthorization: [
          { name: "from", type: "address" },
          { name: "to", type: "address" },
          { name: "value", type: "uint256" },
          { name: "validAfter", type: "uint256" },
          { name: "validBefore", type: "uint256" },
          { name: "nonce", type: "bytes32" },
        ],
      },
      value,
    ),
  );
  const sent = await dollar.transferWithAuthorization(
    owner.address,
    funder.address,
    AMOUNT,
    0n,
    deadline,
    nonce,
    signature.v,
    signature.r,
    signature.s,
  );
  return Number((await sent.wait())?.gasUsed ?? 0n);
}
