import type { Deployment } from "../../sdk/deployment.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { entriesOf } from "./check-chain.ts";
import { DeployError } from "./deploy-error.ts";
import { deploymentPath, readDeployment } from "./deployment-file.ts";
import { saltOf } from "./family.ts";
import { gasFinding, lowBalance, requireReady, roleFindings, tokenFinding } from "./findings.ts";
import { hasJournal, requireSameChain } from "./journal.ts";
import { compareGas, type Cost, estimateCost, type Measurement, measureFamily } from "./measure.ts";
import type { DeployOptions } from "./options.ts";
import type { DeployParameters } from "./parameters.ts";
import { type Finding, hasCreateX, probeChain } from "./probe.ts";
import { smokeAmount, type SmokeToken } from "./smoke.ts";
import type { DeployTarget } from "./target.ts";

/** All that is known before anything is spent. */
export interface Plan {
  readonly findings: readonly Finding[];
  readonly measurement: Measurement;
  readonly cost: Cost;
  /** {wei} */
  readonly balance: bigint;
  readonly salt: string | undefined;
  readonly testToken: boolean;
  /** A deployment was begun and is gone on with. */
  readonly resumes: boolean;
}

/**
 * A deployment that is there already, if one is. With `--reset` none is looked for.
 * @throws DeployError `deployment_gone`, `foreign_journal`
 */
export async function findDeployment(options: DeployOptions, target: DeployTarget): Promise<Deployment | undefined> {
  const { settings, out, journal } = options;
  if (options.reset) return undefined;
  const path = deploymentPath(out, settings.chainId);
  const known = readDeployment(out, settings.chainId);
  if (known === undefined) {
    await requireSameChain(journal, target.provider);
    return undefined;
  }
  for (const [name, address] of entriesOf(known.contracts)) {
    if ((await target.provider.getCode(address)) !== "0x") continue;
    throw new DeployError(
      "deployment_gone",
      `${path} names ${address} as ${name}, where the chain has no code.`,
      "a node of the chain that the file is about",
      "ask another node; if the chain began anew, forget the deployment by --reset",
    );
  }
  return known;
}

/** Asks the chain, and measures. Changes nothing. @throws DeployError `already_there`, `not_ready` where it cannot even be measured */
export async function makePlan(
  options: DeployOptions,
  target: DeployTarget,
  parameters: DeployParameters,
): Promise<Plan> {
  const { provider, deployer } = target;
  const { settings } = options;
  const findings = await probeChain(provider, parameters);
  const testToken = options.testToken || (parameters.Tokens.list.length === 0 && settings.isTest);
  findings.push(tokenFinding(options, parameters, testToken), ...roleFindings(parameters, deployer.address));
  const salt = (await hasCreateX(provider)) ? saltOf(deployer.address, options.label) : undefined;
  const resumes = !options.reset && hasJournal(options.journal);
  const family = { deployer: deployer.address, parameters, testToken, salt };
  const measurement = await measureFamily(family, provider).catch((error: unknown) => {
    // Without x402's proxy, for instance, its settler cannot be deployed in memory either.
    requireReady(findings);
    throw error;
  });
  if (salt !== undefined && !resumes) {
    for (const [name, address] of entriesOf(measurement.family.contracts)) {
      if ((await provider.getCode(address)) !== "0x") throw alreadyThere(name, address, options);
    }
  }
  const extraGas = options.smoke ? measurement.smokeGas : 0n;
  const schedule = await compareGas(provider, deployer.address);
  findings.push(gasFinding(schedule));
  const cost = await estimateCost(provider, settings.chainType, schedule, measurement.steps, extraGas);
  const balance = await provider.getBalance(deployer.address);
  if (balance < cost.needed) findings.push(lowBalance(deployer.address, resumes));
  if (options.smoke && !testToken) findings.push(await smokeFinding(target, parameters));
  return { findings, measurement, cost, balance, salt, testToken, resumes };
}

/** The token to try a payment with: the test currency, else the first that the deployer has a hundredth of. */
export async function chooseSmokeToken(
  target: DeployTarget,
  parameters: DeployParameters,
  testToken: string | null,
): Promise<SmokeToken | undefined> {
  if (testToken !== null) return { address: testToken, symbol: "tUSD", decimals: 6, mintable: true };
  for (const token of parameters.Tokens.list) {
    const coin = TestToken__factory.connect(token.address, target.provider);
    const balance = await coin.balanceOf(target.deployer.address).catch(() => 0n);
    if (balance >= smokeAmount(token.decimals)) return { ...token, mintable: false };
  }
  return undefined;
}

async function smokeFinding(target: DeployTarget, parameters: DeployParameters): Promise<Finding> {
  const token = await chooseSmokeToken(target, parameters, null);
  const what = "smoke payment";
  if (token !== undefined)
    return { what, verdict: "ok", found: `0.01 ${token.symbol} of the deployer's, and back`, next: "" };
  return {
    ...{ what, verdict: "failure", found: "the deployer has 0.01 of none of the tokens" },
    next: "send it some, or deploy a test currency by --test-token, or leave the payment out by --no-smoke",
  };
}

function alreadyThere(name: string, address: string, { label }: DeployOptions): DeployError {
  return new DeployError(
    "already_there",
    `${name} is at ${address} already, and neither file nor journal knows of it.`,
    `no code there: this deployer has not deployed this build under the label "${label}" yet`,
    "get the file of that deployment from whoever has it, or deploy another family by --label",
  );
}
