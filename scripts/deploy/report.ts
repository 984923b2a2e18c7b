import hre from "hardhat";

import type { Deployment } from "../../sdk/deployment.ts";
import { entriesOf } from "./check-chain.ts";
import { DEFAULT_OUT, type DeployOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { coins, grouped, tableOf } from "./print.ts";

/** What is known before the question: findings, steps, costs, addresses. */
export function planText(
  { network, settings }: DeployOptions,
  { findings, measurement, cost, balance, salt, resumes }: Plan,
): string {
  const verdicts = { ok: "ok", warning: "WARNING", failure: "FAILURE" } as const;
  const found = findings.map((one) => [
    ...[one.what, verdicts[one.verdict]],
    one.next === "" ? one.found : `${one.found} → ${one.next}`,
  ]);
  const steps = measurement.steps.map(({ step, gas }) => [step, grouped(gas)]);
  const sums = [
    ["gas, with the smoke payment", grouped(cost.gas)],
    ["expected to cost", `${coins(cost.expected)} coins`],
    ["needed", `${coins(cost.needed)} coins`],
    ["balance", `${coins(balance)} coins`],
    ["addresses", salt === undefined ? "by the deployer's nonce" : "by CREATE2, of this deployer, build and label"],
    ["final after", `${settings.finalityDepth} blocks of ${settings.blockTime} s`],
    ["state", resumes ? "begun: goes on where it was" : `nothing of it on ${network} yet`],
  ];
  const tables = [tableOf(found), tableOf([["step", "gas"], ...steps]), tableOf(sums)];
  if (salt !== undefined) tables.push(`Will be at:\n${tableOf(entriesOf(measurement.family.contracts))}`);
  return tables.join("\n\n");
}

/** Contracts and tokens, with links to an explorer where one is known. */
export function contractsText({ contracts, chainId, tokens }: Deployment): string {
  const explorers = hre.config.chainDescriptors.get(BigInt(chainId))?.blockExplorers;
  const base = explorers?.etherscan?.url ?? explorers?.blockscout?.url;
  const link = (address: string): string => (base === undefined ? "" : `${base}/address/${address}`);
  return tableOf([
    ...entriesOf(contracts).map(([name, address]) => [name, address, link(address)]),
    ...tokens.map(({ symbol, address }) => [symbol, address, link(address)]),
  ]);
}

/** Commands that run as they stand here, but for the relayer's, which needs keys. */
export function nextText({ network, settings, out, parameters }: DeployOptions, path: string): string {
  const elsewhere = out === DEFAULT_OUT ? "" : ` --out ${out}`;
  const given = parameters === undefined ? "" : ` --parameters ${parameters}`;
  const reference = out === DEFAULT_OUT ? String(settings.chainId) : path;
  // From the keystore no other command takes a node.
  const node = process.env[settings.urlVariable] === undefined ? " --rpc URL" : "";
  const inEnv = `CORRIDOR_DEPLOYMENT=${reference}, CORRIDOR_RPC_URL and CORRIDOR_LANE_KEYS`;
  return `Next:\n${tableOf([
    ["publish the sources", `npm run deploy:verify -- --network ${network}${elsewhere}${given}`],
    ["see who may do what", `npm run roles -- --deployment ${reference}${node}`],
    ["recompute everything", `npm run audit -- --deployment ${reference}${node}`],
    ["run a relayer", `npm run relayer, with ${inEnv} in .env`],
  ])}`;
}
