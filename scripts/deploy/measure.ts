import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Contract, dataLength, parseEther, type Provider, toQuantity, Wallet } from "ethers";
import { network as networks } from "hardhat";

import { SignatureVerifier__factory } from "../../typechain-types/factories/contracts/SignatureVerifier__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { deployFamily, type Family, type FamilyPlan } from "./family.ts";
import { confirmedTransactions } from "./journal.ts";
import { smokePayment } from "./smoke.ts";

/** What one transaction takes. */
export interface MeasuredStep {
  readonly step: string;
  readonly gas: bigint;
  /** {bytes} of its calldata. */
  readonly bytes: number;
}

export interface Measurement {
  readonly family: Family;
  readonly steps: readonly MeasuredStep[];
  /** Of the payment at the end. */
  readonly smokeGas: bigint;
}

/** Takes all steps on a chain in this process's memory: what they cost, and with CREATE2 which addresses come out. */
export async function measureFamily(
  plan: Omit<FamilyPlan, "rpc" | "journal" | "config">,
  target: Provider,
): Promise<Measurement> {
  const connection = await networks.create({ network: "hardhat" });
  const journal = mkdtempSync(join(tmpdir(), "corridor-measure-"));
  const { provider } = connection.ethers;
  try {
    await provider.send("hardhat_impersonateAccount", [plan.deployer]);
    await provider.send("hardhat_setBalance", [plan.deployer, toQuantity(parseEther("1000"))]);
    for (const address of [plan.parameters.Corridor.permit2, plan.parameters.X402?.proxy]) {
      if (address !== undefined) await provider.send("hardhat_setCode", [address, await target.getCode(address)]);
    }
    const family = await deployFamily({
      ...plan,
      rpc: connection.provider,
      journal,
      config: { blockPollingInterval: 20 },
    });
    const steps: MeasuredStep[] = [];
    for (const { futureId, hash } of confirmedTransactions(journal)) {
      const [receipt, sent] = [await provider.getTransactionReceipt(hash), await provider.getTransaction(hash)];
      steps.push({ step: futureId, gas: receipt?.gasUsed ?? 0n, bytes: dataLength(sent?.data ?? "0x") });
    }
    const deployer = await connection.ethers.getSigner(plan.deployer);
    const coin = await (await new TestToken__factory(deployer).deploy("Test Dollar", "tUSD", 6)).getAddress();
    const token = { address: coin, symbol: "tUSD", decimals: 6, mintable: true };
    const where = { chainId: 31_337, ledger: family.contracts.ledger, token, confirmations: 1 };
    const smoke = await smokePayment(provider, deployer, new Wallet(Wallet.createRandom().privateKey), where);
    return { family, steps, smokeGas: smoke.gas };
  } finally {
    rmSync(journal, { recursive: true, force: true });
    await connection.close();
  }
}

export interface Cost {
  readonly gas: bigint;
  /** At the price of this moment. {wei} */
  readonly expected: bigint;
  /** What must be there: the dearest price that is offered, and half as much again. {wei} */
  readonly needed: bigint;
}

/** An OP Stack chain's predeploy that tells what a transaction's data costs on the chain below. */
const GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F";
const ORACLE_ABI = ["function getL1FeeUpperBound(uint256 unsignedTxSize) view returns (uint256)"];
/** Of a transaction, beside its calldata. */
const ENVELOPE_BYTES = 120;

/** What a network asks beside the same code's gas here, of code that is kept and of words that are written. 1: the same. */
export interface GasSchedule {
  /** {hundredths} */
  readonly code: bigint;
  /** {hundredths} */
  readonly words: bigint;
}

/** Deploys nothing and writes two new words. */
const TWO_WORDS = "0x60015f556001600155";

/** Holds a network's prices of gas against those that the contracts, and the relayer's limits, were measured with. */
export async function compareGas(target: Provider, deployer: string): Promise<GasSchedule> {
  const { data: code } = await new SignatureVerifier__factory().getDeployTransaction();
  const connection = await networks.create({ network: "hardhat" });
  try {
    const ratio = async (data: string): Promise<bigint> => {
      const [there, here] = [
        await target.estimateGas({ from: deployer, data }),
        await connection.ethers.provider.estimateGas({ data }),
      ];
      return (there * 100n + here - 1n) / here;
    };
    return { code: await ratio(code), words: await ratio(TWO_WORDS) };
  } finally {
    await connection.close();
  }
}

/** What the steps cost on a network: by how it counts gas, its price, and what data costs below. */
export async function estimateCost(
  target: Provider,
  chainType: "l1" | "op" | "generic",
  schedule: GasSchedule,
  steps: readonly MeasuredStep[],
  extraGas: bigint,
): Promise<Cost> {
  const counted = steps.reduce((sum, { gas }) => sum + gas, extraGas);
  const dearest = [100n, schedule.code, schedule.words].reduce((most, ratio) => (ratio > most ? ratio : most));
  const gas = (counted * dearest) / 100n;
  const { gasPrice, maxFeePerGas } = await target.getFeeData();
  const price = gasPrice ?? maxFeePerGas ?? 0n;
  const most = maxFeePerGas !== null && maxFeePerGas > price ? maxFeePerGas : price;
  let below = 0n;
  if (chainType === "op") {
    const oracle = new Contract(GAS_PRICE_ORACLE, ORACLE_ABI, target);
    for (const { bytes } of steps) {
      below += BigInt(String(await oracle.getFunction("getL1FeeUpperBound").staticCall(bytes + ENVELOPE_BYTES)));
    }
  }
  return { gas, expected: gas * price + below, needed: ((gas * most + below) * 3n) / 2n };
}
