import { hexlify, MaxUint256, randomBytes, ZeroAddress } from "ethers";

import {
  erc3009Hold,
  erc3009Payment,
  permit2Payment,
  signTypedData,
  type TypedData,
} from "../../sdk/gateway-typed-data.ts";
import type { Payment } from "../../sdk/payment.ts";
import { AMOUNT, compact, DAY, type Result, type Stage } from "./stage.ts";

const ERC3009 = 0;
const PERMIT2 = 1;

/** Payers without an account pay by their token's authorization: to a merchant by either way, and into holds. */
export async function measurePulls(stage: Stage, count: number): Promise<Result[]> {
  const { gatewayDomain, tokenDomain, permit2 } = stage;
  return [
    await pay(stage, "pull-erc3009", ERC3009, count, (payment) => erc3009Payment(gatewayDomain, tokenDomain, payment)),
    await pay(stage, "pull-permit2", PERMIT2, count, (payment) => permit2Payment(gatewayDomain, permit2, payment)),
    await open(stage, count),
  ];
}

/** Permit2 moves what it was once allowed to. */
export async function approvePermit2({ ethers, dollar, payers, permit2 }: Stage): Promise<void> {
  for (const payer of payers) {
    await ethers.provider.send("hardhat_setBalance", [payer.address, "0xde0b6b3a7640000"]);
    await (await dollar.connect(payer).approve(permit2, MaxUint256)).wait();
  }
}

async function pay(
  stage: Stage,
  path: string,
  kind: number,
  count: number,
  toSign: (payment: Payment) => TypedData,
): Promise<Result> {
  const { gateway, payee, payers, token, deadline } = stage;
  const rows = [];
  for (const payer of payers.slice(0, count)) {
    const payment: Payment = {
      payer: payer.address,
      payee: payee.address,
      token,
      amount: AMOUNT,
      // Permit2 writes a word for 256 nonces, so a payer's second one costs less.
      nonce: stage.nextNonce(`${path} ${payer.address}`),
      deadline,
      memo: hexlify(randomBytes(32)),
    };
    rows.push({ ...payment, ...compact(await signTypedData(payer, toSign(payment))) });
  }
  const receipt = await (await gateway.pay(kind, [{ payee: payee.address, token, rows }], [])).wait();
  const settled = receipt?.logs.filter((log) => log.topics[0] === gateway.getEvent("Settled").fragment.topicHash);
  if (settled?.length !== count) throw new Error(`${path}: ${count} rows, ${settled?.length ?? 0} settled`);
  return { path, rows: count, gasPerPayment: Math.round(Number(receipt?.gasUsed) / count) };
}

async function open(stage: Stage, count: number): Promise<Result> {
  const { gateway, escrow, payee, payers, token, deadline, domain, gatewayDomain, tokenDomain } = stage;
  const path = "pull-erc3009-hold";
  const escrowAddress = await escrow.getAddress();
  const rows = [];
  for (const payer of payers.slice(0, count)) {
    const terms = {
      payee: payee.address,
      splits: [],
      captureDeadline: deadline + DAY,
      refundDeadline: deadline + 30n * DAY,
      arbiter: ZeroAddress,
      rulingPeriod: 0n,
      defaultPayerBps: 0,
      memo: hexlify(randomBytes(32)),
    };
    const payment = {
      ...{ payer: payer.address, payee: escrowAddress, token, amount: AMOUNT },
      ...{ nonce: stage.nextNonce(`${path} ${payer.address}`), deadline, terms },
    };
    const data = erc3009Hold(gatewayDomain, domain, tokenDomain, payment);
    rows.push({ hold: { ...payment, ...terms }, ...compact(await signTypedData(payer, data)) });
  }
  const batch = { payee: payee.address, token, splits: [], rows };
  const receipt = await (await gateway.open(ERC3009, [batch], [])).wait();
  const opened = receipt?.logs.filter((log) => log.topics[0] === escrow.getEvent("Opened").fragment.topicHash);
  if (opened?.length !== count) throw new Error(`${path}: ${count} rows, ${opened?.length ?? 0} opened`);
  return { path, rows: count, gasPerPayment: Math.round(Number(receipt?.gasUsed) / count) };
}
