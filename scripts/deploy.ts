import { createInterface } from "node:readline/promises";

import { DEPLOYMENT_FORMAT, type DeployedRoles, type Deployment } from "../sdk/deployment.ts";
import { checkChain, requireMatch } from "./deploy/check-chain.ts";
import { DeployError } from "./deploy/deploy-error.ts";
import { sourcesCommit, writeDeployment } from "./deploy/deployment-file.ts";
import { deployFamily } from "./deploy/family.ts";
import { requireReady } from "./deploy/findings.ts";
import { confirmedTransactions, hasJournal, recoverLostTransactions, setJournalAside } from "./deploy/journal.ts";
import { DEPLOYER_KEY } from "./deploy/networks.ts";
import { type DeployOptions, parseDeploy } from "./deploy/options.ts";
import { type DeployParameters, readParameters } from "./deploy/parameters.ts";
import { chooseSmokeToken, findDeployment, makePlan, type Plan } from "./deploy/plan.ts";
import { coins, grouped } from "./deploy/print.ts";
import { watchProgress } from "./deploy/progress.ts";
import { contractsText, nextText, planText } from "./deploy/report.ts";
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
  secrets.addKey(process.env[DEPLOYER_KEY] ?? "");
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
  say(planText(options, plan));
  requireReady(plan.findings);
  const predicted = plan.salt === undefined ? null : plan.measurement.family.contracts;
  const figures = { ...{ gas: plan.cost.gas, expected: plan.cost.expected, needed: plan.cost.needed }, predicted };
  if (options.dryRun) return { ok: true, dryRun: true, network, chainId: settings.chainId, ...figures };
  await confirm(options, plan);

  const deployment = await runPlan(options, target, parameters, plan);
  const path = writeDeployment(options.out, deployment);
  say(`\nWritten: ${path}\n`);
  say(contractsText(deployment));
  const smoke = await trySmoke(options, target, parameters, deployment);
  say(`\n${nextText(options, path)}`);
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
  const aside = options.reset ? setJournalAside(options.journal) : undefined;
  if (aside !== undefined) say(`The journal of the last deployment is in ${aside} now.`);
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
  say(contractsText(known));
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
