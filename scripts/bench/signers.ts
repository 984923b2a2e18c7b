import { hexlify, randomBytes, Wallet } from "ethers";

import { deviceNonce } from "../../sdk/device-nonce.ts";
import { p256Address } from "../../sdk/p256.ts";
import { p256PublicKey, signDigestWithP256 } from "../../sdk/p256-signer.ts";
import type { Payment } from "../../sdk/payment.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { assertionOf, signInSoftware } from "../vectors/software-passkey.ts";
import { AMOUNT, compact, type Result, type Stage } from "./stage.ts";

const ZERO = `0x${"00".repeat(32)}`;
const DEVICE = 1;

/** Who signs for an account, by which kind of signature. */
interface Signer {
  readonly owner: string;
  sign(digest: string): string;
}

type Kind = "signer-p256" | "signer-passkey" | "signer-wallet";

/** Payments by each kind of signature that travels beside the rows, and by devices; each of another payer. */
export async function measureSigners(stage: Stage, count: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const kind of ["signer-p256", "signer-passkey", "signer-wallet"] as const) {
    const signers: Signer[] = [];
    for (let i = 0; i < count; ++i) signers.push(await makeSigner(stage, kind));
    results.push({ path: kind, rows: count, gasPerPayment: Math.round((await settle(stage, signers)) / count) });
  }
  const anybody = await settleByDevices(stage, count, []);
  const listed = await settleByDevices(stage, count, [stage.payee.address]);
  results.push({ path: "device", rows: count, gasPerPayment: Math.round(anybody / count) });
  results.push({ path: "device-listed-payee", rows: count, gasPerPayment: Math.round(listed / count) });
  return results;
}

async function makeSigner(stage: Stage, kind: Kind): Promise<Signer> {
  const key = hexlify(randomBytes(32));
  const owner = kind === "signer-wallet" ? await deployWallet(stage, key) : p256Address(p256PublicKey(key));
  await (await stage.ledger.deposit(stage.token, owner, 10n * AMOUNT)).wait();
  switch (kind) {
    case "signer-p256":
      return { owner, sign: (digest) => signDigestWithP256(key, digest) };
    case "signer-passkey":
      return { owner, sign: (digest) => signInSoftware(key, assertionOf(digest)) };
    case "signer-wallet":
      return { owner, sign: (digest) => new Wallet(key).signingKey.sign(digest).serialized };
  }
}

async function deployWallet({ ethers }: Stage, key: string): Promise<string> {
  return (await ethers.deployContract("WalletMock", [new Wallet(key).address])).getAddress();
}

/** The second payment of each: accounts have been paid from before, as those of the other paths. */
async function settle(stage: Stage, signers: readonly Signer[]): Promise<number> {
  let gasUsed = 0;
  for (let round = 0; round < 2; ++round) {
    const rows = [];
    const signatures = [];
    for (const signer of signers) {
      const payment = paymentOf(stage, signer.owner, stage.nextNonce(signer.owner));
      const digest = paymentId(stage.domain, payment);
      rows.push({ ...payment, r: ZERO, vs: ZERO });
      signatures.push({ signer: signer.owner, digest, signature: signer.sign(digest) });
    }
    gasUsed = await send(stage, rows, signatures);
  }
  return gasUsed;
}

async function settleByDevices(stage: Stage, count: number, payees: readonly string[]): Promise<number> {
  const { ledger, payers, token, domain, deadline } = stage;
  const devices = payers.slice(0, count).map(() => new Wallet(hexlify(randomBytes(32))));
  for (const [index, device] of devices.entries()) {
    const payer = payers[index];
    if (payer === undefined) throw new Error("No payer");
    const limits = { expiry: deadline, perPayment: 10n ** 12n, perDay: 10n ** 15n };
    await (
      await ledger.connect(payer).bindDevice(token, DEVICE, { key: device.address, ...limits, payees: [...payees] })
    ).wait();
  }
  let gasUsed = 0;
  for (let round = 0; round < 2; ++round) {
    const rows = [];
    for (const [index, device] of devices.entries()) {
      const payer = payers[index]?.address ?? "";
      const payment = paymentOf(stage, payer, deviceNonce(DEVICE, stage.nextNonce(`device of ${payer}`)));
      rows.push({ ...payment, ...compact(await signPayment(device, domain, payment)) });
    }
    gasUsed = await send(stage, rows, []);
  }
  return gasUsed;
}

function paymentOf({ payee, token, deadline }: Stage, payer: string, nonce: bigint): Payment {
  const memo = hexlify(randomBytes(32));
  return { payer, payee: payee.address, token, amount: AMOUNT, nonce, deadline, memo };
}

type SettledRow = Payment & { readonly r: string; readonly vs: string };
type Beside = { readonly signer: string; readonly digest: string; readonly signature: string };

async function send({ ledger, payee, token }: Stage, rows: SettledRow[], signatures: Beside[]): Promise<number> {
  const batches = [{ payee: payee.address, token, rows }];
  const sent =
    signatures.length === 0
      ? await ledger.settle(batches)
      : await ledger.callWithSignatures(signatures, ledger.interface.encodeFunctionData("settle", [batches]));
  const receipt = await sent.wait();
  if (receipt?.logs.length !== rows.length + 1)
    throw new Error(`${rows.length} rows, ${receipt?.logs.length ?? 0} logs`);
  const settled = receipt.logs.filter((log) => log.topics[0] === ledger.getEvent("Settled").fragment.topicHash);
  if (settled.length !== rows.length) throw new Error(`${rows.length} rows, ${settled.length} settled`);
  return Number(receipt.gasUsed);
}
