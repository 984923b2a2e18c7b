import { parseArgs } from "node:util";

import { hexlify, randomBytes, Wallet } from "ethers";
import { network } from "hardhat";

import { toCompactSignature } from "../sdk/signature.ts";
import type { Payment } from "../sdk/payment.ts";
import { signPayment } from "../sdk/typed-data.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../typechain-types/factories/contracts/mocks/TestToken__factory.ts";

/** `gasUsed` of whole transactions over their rows. */
interface Result {
  readonly path: string;
  readonly rows: number;
  readonly gasPerPayment: number;
}

/** The bar of the design for prefunded payments, and where it is measured. */
const BAR = { rows: 100, gas: 16_500 };
const SIZES = [1, 10, 50, 100, 500];
const AMOUNT = 12_345_678n;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const { ethers } = await network.create();
const [operator, funder] = await ethers.getSigners();
if (operator === undefined || funder === undefined) throw new Error("The chain has no accounts");

const manager = await ethers.deployContract("AccessManager", [operator.address]);
const ledgerContract = await ethers.deployContract("Ledger", [await manager.getAddress()]);
const tokenContract = await ethers.deployContract("TestToken", ["Test Dollar", "tUSD", 6]);
const ledgerAddress = await ledgerContract.getAddress();
const token = await tokenContract.getAddress();
const ledger = Ledger__factory.connect(ledgerAddress, operator);
const dollar = TestToken__factory.connect(token, operator);
const { chainId } = await ethers.provider.getNetwork();
const domain = { chainId, ledger: ledgerAddress };
const deadline = BigInt(Math.floor(Date.now() / 1000) + 7 * 86_400);

const payee = new Wallet(hexlify(randomBytes(32)), ethers.provider);
await operator.sendTransaction({ to: payee.address, value: 10n ** 18n });
// An existing merchant: she agreed to a fee, was paid before, and so was the operator.
await (await ledger.connect(payee).agree(operator.address, token, 30, 0)).wait();
const payers = Array.from({ length: Math.max(...SIZES) }, () => new Wallet(hexlify(randomBytes(32)), ethers.provider));
await (await dollar.mint(operator.address, 10n ** 18n)).wait();
await (await dollar.approve(ledgerAddress, 10n ** 18n)).wait();
for (const owner of [...payers, payee, operator]) {
  await (await ledger.deposit(token, owner.address, 10n ** 12n)).wait();
}

const nonces = new Map<string, bigint>();
const results: Result[] = [];
let measuredHash = "";
for (const rows of SIZES) {
  const { gasUsed, hash } = await settle(rows);
  if (rows === BAR.rows) measuredHash = hash;
  results.push({ path: "prefunded", rows, gasPerPayment: Math.round(gasUsed / rows) });
}
results.push({ path: "erc20-transfer", rows: 1, gasPerPayment: await transfer() });
results.push({ path: "erc3009-transfer", rows: 1, gasPerPayment: await transferWithAuthorization() });

process.stdout.write("path               rows   gas a payment\n");
for (const { path, rows, gasPerPayment } of results) {
  process.stdout.write(`${path.padEnd(18)} ${String(rows).padStart(4)}   ${String(gasPerPayment).padStart(13)}\n`);
}
const measured = results.find(({ path, rows }) => path === "prefunded" && rows === BAR.rows)?.gasPerPayment ?? Infinity;
for (const [part, gas] of await breakDown(measuredHash, BAR.rows)) {
  process.stdout.write(`  ${part.padEnd(42)} ${String(gas).padStart(6)}\n`);
}
process.stdout.write(`bar: at most ${BAR.gas} at ${BAR.rows} rows; measured ${measured}\n`);
if (values.json) process.stdout.write(`${JSON.stringify({ results })}\n`);
process.exit(measured <= BAR.gas ? 0 : 1);

async function settle(count: number): Promise<{ gasUsed: number; hash: string }> {
  const rows = [];
  for (const payer of payers.slice(0, count)) {
    const nonce = nonces.get(payer.address) ?? 0n;
    nonces.set(payer.address, nonce + 1n);
    const payment: Payment = {
      payer: payer.address,
      payee: payee.address,
      token,
      amount: AMOUNT,
      nonce,
      deadline,
      memo: hexlify(randomBytes(32)),
    };
    const signature = toCompactSignature(await signPayment(payer, domain, payment));
    if (signature === undefined) throw new Error("No signature");
    rows.push({ ...payment, ...signature });
  }
  const sent = await ledger.settle([{ payee: payee.address, token, rows }]);
  const receipt = await sent.wait();
  if (receipt?.logs.length !== count + 1) throw new Error(`${count} rows, ${receipt?.logs.length ?? 0} logs`);
  return { gasUsed: Number(receipt.gasUsed), hash: receipt.hash };
}

/** The same token sent by its owner, to someone who has some. */
async function transfer(): Promise<number> {
  await (await dollar.mint(funder?.address ?? "", AMOUNT)).wait();
  const receipt = await (await dollar.transfer(funder?.address ?? "", AMOUNT)).wait();
  return Number(receipt?.gasUsed ?? 0n);
}

/** The same token by an ERC-3009 authorization, relayed one at a time. */
async function transferWithAuthorization(): Promise<number> {
  const owner = payers[0];
  if (owner === undefined || funder === undefined) throw new Error("No payer");
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
  const signature = ethers.Signature.from(
    await owner.signTypedData(
      { name: "Test Dollar", version: "1", chainId, verifyingContract: token },
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

/** Where the gas of a payment goes: the transaction's instructions by kind, over its rows. */
async function breakDown(hash: string, rows: number): Promise<[string, number][]> {
  const options = { disableStorage: true, disableMemory: true, disableStack: true };
  const trace = (await ethers.provider.send("debug_traceTransaction", [hash, options])) as {
    gas: number | string;
    structLogs: { op: string; gasCost: number }[];
  };
  // A call's cost in a trace has the gas that it passes on in it; each here is to ECRECOVER, whose price is fixed.
  const RECOVERY = 3_000 + 100;
  const sums = { storage: 0, recovery: 0, logs: 0, hashing: 0, rest: 0 };
  for (const { op, gasCost } of trace.structLogs) {
    if (op === "SLOAD" || op === "SSTORE") sums.storage += gasCost;
    else if (op === "STATICCALL") sums.recovery += RECOVERY;
    else if (op.startsWith("LOG")) sums.logs += gasCost;
    else if (op === "KECCAK256") sums.hashing += gasCost;
    else sums.rest += gasCost;
  }
  const receipt = await ethers.provider.getTransactionReceipt(hash);
  const executed = Object.values(sums).reduce((total, part) => total + part, 0);
  const intrinsic = Number(receipt?.gasUsed ?? 0n) - executed;
  const each = (gas: number): number => Math.round(gas / rows);
  return [
    [`of ${rows} rows: signature recovery`, each(sums.recovery)],
    ["account slot: read and written once", each(sums.storage)],
    ["transaction and calldata", each(intrinsic)],
    ["event", each(sums.logs)],
    ["hashing: id, account's place", each(sums.hashing)],
    ["checks, decoding, fee, memory", each(sums.rest)],
  ];
}
