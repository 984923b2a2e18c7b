import { mkdirSync } from "node:fs";

import { HardhatArtifactResolver } from "@nomicfoundation/hardhat-ignition/helpers";
import {
  deploy,
  type DeployConfig,
  type DeploymentParameters,
  DeploymentResultType,
  type DeploymentResult,
  type EIP1193Provider,
  type IgnitionModule,
  type IgnitionModuleResult,
  type ModuleParameters,
} from "@nomicfoundation/ignition-core";
import { concat, dataSlice, getAddress, id } from "ethers";
import hre from "hardhat";

import corridor from "../../ignition/modules/corridor.ts";
import handover from "../../ignition/modules/handover.ts";
import testDollar from "../../ignition/modules/test-dollar.ts";
import x402 from "../../ignition/modules/x402.ts";
import type { DeployedContracts } from "../../sdk/deployment.ts";
import { DeployError } from "./deploy-error.ts";
import type { DeployParameters } from "./parameters.ts";

/** What is deployed where, and how its addresses come about. */
export interface FamilyPlan {
  readonly rpc: EIP1193Provider;
  readonly deployer: string;
  readonly parameters: DeployParameters;
  /** Ignition's journal. */
  readonly journal: string;
  readonly testToken: boolean;
  /** `undefined`: addresses follow from the deployer's nonce. */
  readonly salt: string | undefined;
  readonly config: Partial<DeployConfig>;
}

export interface Family {
  readonly contracts: DeployedContracts;
  readonly testToken: string | null;
}

/**
 * CreateX keeps a salt that begins with an address, and a zero, for that address: nobody else can deploy at these addresses, on
 * this chain or on another (github.com/pcaversaccio/createx, "Permissioned Deploy Protection").
 */
export function saltOf(deployer: string, label: string): string {
  return concat([getAddress(deployer), "0x00", dataSlice(id(label), 0, 11)]);
}

/** Deploys all modules, or goes on where the journal ends. @throws DeployError `parameters_changed`, `step_failed` */
export async function deployFamily(plan: FamilyPlan): Promise<Family> {
  const { parameters, deployer } = plan;
  mkdirSync(plan.journal, { recursive: true });
  const admin = parameters.Corridor.admin ?? deployer;
  const core = await runModule(plan, corridor);
  const settler = parameters.X402 === undefined ? null : (await runModule(plan, x402)).settler;
  const dollar = plan.testToken ? (await runModule(plan, testDollar)).dollar : null;
  if (admin !== deployer) await runModule(plan, handover);
  const of = (name: string): string => required(core[name], name);
  return {
    contracts: {
      ...{ manager: of("manager"), verifier: of("verifier"), ledger: of("ledger"), escrow: of("escrow") },
      ...{
        gateway: of("gateway"),
        exchange: of("exchange"),
        x402: settler === null ? null : required(settler, "x402"),
      },
    },
    testToken: dollar === null ? null : required(dollar, "dollar"),
  };
}

function required(address: string | undefined, name: string): string {
  if (address === undefined) throw new Error(`Ignition says nothing of ${name}`);
  return address;
}

type Module = IgnitionModule<string, string, IgnitionModuleResult<string>>;

/** @returns the addresses by the names of the module's results */
async function runModule(plan: FamilyPlan, ignitionModule: Module): Promise<Readonly<Record<string, string>>> {
  const { Corridor, X402 } = plan.parameters;
  const deploymentParameters: DeploymentParameters = {
    Corridor: JSON.parse(JSON.stringify(Corridor)) as ModuleParameters,
    ...(X402 === undefined ? {} : { X402 }),
  };
  const result = await deploy({
    ...{ ignitionModule, deploymentParameters, provider: plan.rpc, deploymentDir: plan.journal, config: plan.config },
    ...{ artifactResolver: new HardhatArtifactResolver(hre.artifacts), accounts: [plan.deployer] },
    ...(plan.salt === undefined ? {} : { strategy: "create2" as const, strategyConfig: { salt: plan.salt } }),
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw failureOf(result);
  return Object.fromEntries(
    Object.entries(ignitionModule.results).map(([name, future]) => {
      return [name, required(result.contracts[future.id]?.address, name)];
    }),
  );
}

function failureOf(
  result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>,
): DeployError {
  switch (result.type) {
    case DeploymentResultType.RECONCILIATION_ERROR:
      return new DeployError(
        "parameters_changed",
        `The deployment was begun with other parameters: ${said(result.errors)}`,
        "the parameters and contracts of the first run",
        "put the parameters back, or begin a deployment of its own by --reset and --label",
      );
    case DeploymentResultType.VALIDATION_ERROR:
      return step(`Ignition refuses: ${said(result.errors)}`, "see the parameters");
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      return step(
        `A step failed in an earlier run: ${said(result.errors)}`,
        "npx hardhat ignition wipe DEPLOYMENT FUTURE, with the names that stand above, then run the command again",
      );
    case DeploymentResultType.EXECUTION_ERROR: {
      const steps = [...result.failed, ...result.held].map((one) => JSON.stringify(one));
      const late = result.timedOut.map(({ futureId }) => `${futureId} was not mined in time`);
      return step([...steps, ...late].join("; "), "see the transaction; run the command again to go on");
    }
  }
}

function step(found: string, next: string): DeployError {
  return new DeployError("step_failed", found, "that every step succeeds", next);
}

function said(errors: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(errors)
    .map(([future, texts]) => `${future}: ${texts.join(", ")}`)
    .join("; ");
}
