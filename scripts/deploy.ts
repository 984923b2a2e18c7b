import { createInterface } from "node:readline/promises";

import hre from "hardhat";

import { DEPLOYMENT_FORMAT, type DeployedRoles, type Deployment } from "../sdk/deployment.ts";
import { checkChain, entriesOf, requireMatch } from "./deploy/check-chain.ts";
import { DeployError } from "./deploy/deploy-error.ts";
import { sourcesCommit, writeDeployment } from "./deploy/deployment-file.ts";
import { deployFamily } from "./deploy/family.ts";
import { confirmedTransactions, hasJournal, recoverLostTransactions } from "./deploy/journal.ts";
import { type DeployOptions, parseDeploy } from "./deploy/options.ts";
import { type DeployParameters, readParameters } from "./deploy/parameters.ts";
import { chooseSmokeToken, findDeployment, makePlan, type Plan } from "./deploy/plan.ts";
import { coins, grouped, tableOf } from "./deploy/print.ts";
import { watchProgress } from "./deploy/progress.ts";
import { Secrets } from "./deploy/secrets.ts";
import { smokePayer, smokePayment, type SmokeResult } from "./deploy/smoke.ts";
import { type DeployTarget, openTarget } from "./deploy/target.ts";

const secrets = new Secrets();

function say(text = ""): void {
  process.stdout.write(`${secrets.clean(text)}\n`);
}

let wantsJson = false;
try {
  const options = parseDeploy(process.argv.slice(2), process.env);
  wantsJson = options.json;
  for (const name of ["CORRIDOR_DEPLOYER_KEY"]) secrets.addKey(process.env[name] ?? "");
  finish(await main(options));
} catch (error) {
  process.exitCode = 1;
  const known = error instanceof DeployError;
  process.stderr.write(
    `${secrets.clean(known ? error.message : String(error instanceof Error ? error.stack : error))}\n`,
  );
  if (wantsJson) finish({ ok: false, code: known ? error.code : "unexpected" });
}

function finish(result: object): void {
  if (!wantsJson) return;
  say(JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
}

async function main(options: DeployOptions): Promise<object> {
  const parameters = readParameters(options.network, options.parameters);
  const target = await openTarget(options, secrets);
  try {
    const known = await findDeployment(options, target);
    return known === undefined
      ? await deployAnew(options, target, parameters)
      : await revisit(options, target, parameters, known);
  } finally {
    await target.connection.close();
  }
}

async function deployAnew(options: DeployOptions, target: DeployTarget, parameters: DeployParameters): Promise<object> {
  const { settings, network } = options;
  say(`${network}, chain ${settings.chainId}, as ${target.deployer.address}\n`);
  const plan = await makePlan(options, target, parameters);
  sayPlan(options, plan);
  const failures = plan.findings.filter(({ verdict }) => verdict === "failure");
  if (failures.length > 0) {
    throw new DeployError(
      "not_ready",
      failures.map(({ what, found }) => `${what}: ${found}`).join("\n"),
      "no failure in the table above",
      failures.map(({ next }) => next).join("; "),
    );
  }
  const predicted = plan.salt === undefined ? null : plan.measurement.family.contracts;
  const figures = { ...{ gas: plan.cost.gas, expected: plan.cost.expected, needed: plan.cost.needed }, predicted };
  if (options.dryRun) return { ok: true, dryRun: true, network, chainId: settings.chainId, ...figures };
  await confirm(options, plan);

  const deployment = await runPlan(options, target, parameters, plan);
  const path = writeDeployment(options.out, deployment);
  say(`\nWritten: ${path}\n`);
  sayContracts(deployment);
  const smoke = await trySmoke(options, target, parameters, deployment);
  sayNext(options, path);
  const transactions = confirmedTransactions(options.journal).length;
  return { ok: true, network, chainId: settings.chainId, path, transactions, ...figures, smoke, deployment };
}

/** Deploys what the plan says, hands over, and holds the chain against the build. */
async function runPlan(
  options: DeployOptions,
  target: DeployTarget,
  parameters: DeployParameters,
  plan: Plan,
): Promise<Deployment> {
  const { provider, deployer, connection } = target;
  const { settings } = options;
  if (hasJournal(options.journal)) {
    const found = await recoverLostTransactions(options.journal, provider, connection.provider, deployer.address);
    for (const hash of found) say(`Found a transaction of the last run that the journal did not know: ${hash}`);
  }
  const pollMs = Math.min(1_000, Math.max(50, settings.blockTime * 250));
  const progress = watchProgress(options.journal, plan.measurement.steps.length);
  let family;
  try {
    family = await deployFamily({
      ...{ rpc: connection.provider, deployer: deployer.address, parameters, journal: options.journal },
      ...{ testToken: plan.testToken, salt: plan.salt },
      config: { requiredConfirmations: settings.confirmations, blockPollingInterval: pollMs },
    });
  } finally {
    progress.stop();
  }
  const { Corridor, X402, Tokens } = parameters;
  const roles: DeployedRoles = {
    admin: Corridor.admin ?? deployer.address,
    compliance: Corridor.compliance ?? deployer.address,
    guard: Corridor.guard ?? deployer.address,
    guardDelay: Corridor.guardDelay,
  };
  const expected = { contracts: family.contracts, permit2: Corridor.permit2, x402Proxy: X402?.proxy ?? null, roles };
  const deployedAt = Math.floor(Date.now() / 1_000);
  const check = await checkChain(provider, { ...expected, deployer: deployer.address, deployedAt });
  requireMatch(check);
  say("The chain matches the build: code, wiring, roles.");
  const testDollar = family.testToken === null ? [] : [{ address: family.testToken, symbol: "tUSD", decimals: 6 }];
  return {
    ...{ format: DEPLOYMENT_FORMAT, chainId: settings.chainId, network: options.network, contracts: family.contracts },
    permit2: Corridor.permit2,
    startBlock: Math.min(...confirmedTransactions(options.journal).map(({ blockNumber }) => blockNumber)),
    ...{ finalityDepth: settings.finalityDepth, blockTime: settings.blockTime },
    tokens: [...Tokens.list, ...testDollar],
    ...{ roles, codeHashes: check.codeHashes, commit: sourcesCommit() },
    deployedAt,
  };
}

/** A deployment that is there: checked again, and paid with again if the caller agrees. */
async function revisit(
  options: DeployOptions,
  target: DeployTarget,
  parameters: DeployParameters,
  known: Deployment,
): Promise<object> {
  say(
    `${options.network} has a deployment of ${new Date(known.deployedAt * 1_000).toISOString()}; nothing is deployed.\n`,
  );
  const { contracts, permit2, roles, deployedAt } = known;
  const expected = { contracts, permit2, roles, deployedAt, x402Proxy: parameters.X402?.proxy ?? null };
  requireMatch(await checkChain(target.provider, { ...expected, deployer: target.deployer.address }));
  say("The chain matches the build: code, wiring, roles.\n");
  sayContracts(known);
  const smoke = options.yes && !options.dryRun ? await trySmoke(options, target, parameters, known) : null;
  if (!options.yes) say("\nWith --yes the smoke payment is repeated.");
  return { ok: true, network: options.network, chainId: known.chainId, transactions: 0, smoke, deployment: known };
}

async function trySmoke(
  options: DeployOptions,
  target: DeployTarget,
  parameters: DeployParameters,
  deployment: Deployment,
): Promise<SmokeResult | null> {
  if (!options.smoke) return null;
  const own = deployment.tokens.find(({ address }) =>
    parameters.Tokens.list.every((token) => token.address !== address),
  );
  const token = await chooseSmokeToken(target, parameters, own?.address ?? null);
  if (token === undefined) return null;
  const { chainId, contracts } = deployment;
  const payer = await smokePayer(target.deployer, chainId, contracts.ledger);
  const where = { chainId, ledger: contracts.ledger, token, confirmations: options.settings.confirmations };
  const result = await smokePayment(target.provider, target.deployer, payer, where);
  say(
    `\nSmoke payment ${result.payment}: ${result.amount} of ${result.token} deposited, settled, withdrawn;` +
      ` ${result.transactions} transactions, ${grouped(result.gas)} gas, ${coins(result.fee)} coins.`,
  );
  return result;
}

async function confirm(options: DeployOptions, plan: Plan): Promise<void> {
  if (options.yes) return;
  if (!process.stdin.isTTY) {
    throw new DeployError(
      "no_terminal",
      "Nobody can be asked: standard input is no terminal.",
      "a terminal, or --yes",
      "run it in a terminal, or add --yes if you agree to what the table says it costs",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\nDeploy, for about ${coins(plan.cost.expected)} coins? Type "yes": `);
  terminal.close();
  if (answer.trim() !== "yes") throw new DeployError("refused", "Nothing was sent.", '"yes"', "run the command again");
}

function sayPlan(
  { network, settings }: DeployOptions,
  { findings, measurement, cost, balance, salt, resumes }: Plan,
): void {
  const verdicts = { ok: "ok", warning: "WARNING", failure: "FAILURE" } as const;
  say(
    tableOf(
      findings.map(({ what, verdict, found, next }) => [
        what,
        verdicts[verdict],
        next === "" ? found : `${found} → ${next}`,
      ]),
    ),
  );
  say(`\n${tableOf([["step", "gas"], ...measurement.steps.map(({ step, gas }) => [step, grouped(gas)])])}`);
  say(
    `\n${tableOf([
      ["gas, with the smoke payment", grouped(cost.gas)],
      ["expected to cost", `${coins(cost.expected)} coins`],
      ["needed", `${coins(cost.needed)} coins`],
      ["balance", `${coins(balance)} coins`],
      ["addresses", salt === undefined ? "by the deployer's nonce" : "by CREATE2, of this deployer, build and label"],
      ["final after", `${settings.finalityDepth} blocks of ${settings.blockTime} s`],
      ["state", resumes ? "begun: goes on where it was" : `nothing of it on ${network} yet`],
    ])}`,
  );
  if (salt !== undefined) {
    say(`\nWill be at:\n${tableOf(entriesOf(measurement.family.contracts).map(([name, address]) => [name, address]))}`);
  }
}

function sayContracts({ contracts, chainId, tokens }: Deployment): void {
  const explorers = hre.config.chainDescriptors.get(BigInt(chainId))?.blockExplorers;
  const base = explorers?.etherscan?.url ?? explorers?.blockscout?.url;
  const link = (address: string): string => (base === undefined ? "" : `${base}/address/${address}`);
  say(
    tableOf([
      ...entriesOf(contracts).map(([name, address]) => [name, address, link(address)]),
      ...tokens.map(({ symbol, address }) => [symbol, address, link(address)]),
    ]),
  );
}

function sayNext({ network }: DeployOptions, path: string): void {
  say(
    `\nNext:\n${tableOf([
      ["publish the sources", `npm run deploy:verify -- --network ${network}`],
      ["run a relayer", `CORRIDOR_DEPLOYMENT=${path} CORRIDOR_RPC_URL=… CORRIDOR_LANE_KEYS=… npm run relayer`],
      ["see who may do what", `npm run roles -- --deployment ${path}`],
    ])}`,
  );
}
