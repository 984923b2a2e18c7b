import { getBytes, hexlify, keccak256, type Provider } from "ethers";
import hre from "hardhat";

import type { DeployedContractName, DeployedContracts, DeployedRoles } from "../../sdk/deployment.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { Gateway__factory } from "../../typechain-types/factories/contracts/Gateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { X402Settler__factory } from "../../typechain-types/factories/contracts/X402Settler__factory.ts";
import { Escrow__factory } from "../../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";
import { DeployError } from "./deploy-error.ts";

/** The artifact of each contract. */
export const ARTIFACTS: Readonly<Record<DeployedContractName, string>> = {
  manager: "@openzeppelin/contracts/access/manager/AccessManager.sol:AccessManager",
  verifier: "contracts/SignatureVerifier.sol:SignatureVerifier",
  ledger: "contracts/Ledger.sol:Ledger",
  escrow: "contracts/schemes/Escrow.sol:Escrow",
  gateway: "contracts/Gateway.sol:Gateway",
  exchange: "contracts/schemes/Exchange.sol:Exchange",
  x402: "contracts/X402Settler.sol:X402Settler",
};

const ADMIN_ROLE = 0n;
const COMPLIANCE_ROLE = 1n;
const GUARD_ROLE = 2n;

/** What stands on a chain that does not match the build or the parameters; empty if all does. */
export interface ChainCheck {
  readonly differences: readonly string[];
  readonly codeHashes: Readonly<Record<string, string>>;
}

export interface Expected {
  readonly contracts: DeployedContracts;
  readonly permit2: string;
  readonly x402Proxy: string | null;
  readonly roles: DeployedRoles;
  readonly deployer: string;
  /** When delays were set, in seconds since 1970: the AccessManager puts each in force five days later. */
  readonly deployedAt: number;
}

/** {s} `AccessManager.minSetback`. */
const SETBACK = 432_000;

export function entriesOf(contracts: DeployedContracts): [name: DeployedContractName, address: string][] {
  return Object.entries(contracts).flatMap(([name, address]: [string, string | null]) =>
    address === null ? [] : [[name as DeployedContractName, address] as [DeployedContractName, string]],
  );
}

/** Holds the chain against the build: code, what the contracts name each other, and who has which role. Asks only. */
export async function checkChain(provider: Provider, expected: Expected): Promise<ChainCheck> {
  const differences: string[] = [];
  const codeHashes: Record<string, string> = {};
  for (const [name, address] of entriesOf(expected.contracts)) {
    const code = await provider.getCode(address);
    codeHashes[name] = keccak256(code);
    if (!(await isBuilt(name, code))) differences.push(`the code of ${name} at ${address} is not this build's`);
  }
  for (const [what, found, wanted] of [...(await wiring(provider, expected)), ...(await rights(provider, expected))]) {
    if (found !== wanted) differences.push(`${what} is ${found}, not ${wanted}`);
  }
  return { differences, codeHashes };
}

/** @throws DeployError `code_differs` */
export function requireMatch(check: ChainCheck): void {
  if (check.differences.length === 0) return;
  throw new DeployError(
    "code_differs",
    `The chain does not match the build:\n  - ${check.differences.join("\n  - ")}`,
    "the code of this build, wired to itself, with the roles of the parameters",
    "do not use it; build the commit that was deployed, or deploy anew under another --label",
  );
}

/** Whether code is an artifact's, but for its immutables. */
async function isBuilt(name: DeployedContractName, code: string): Promise<boolean> {
  const { deployedBytecode, immutableReferences = {} } = await hre.artifacts.readArtifact(ARTIFACTS[name]);
  const [there, built] = [getBytes(code), getBytes(deployedBytecode)];
  if (there.length !== built.length) return false;
  for (const { start, length } of Object.values(immutableReferences).flat()) {
    there.fill(0, start, start + length);
    built.fill(0, start, start + length);
  }
  return hexlify(there) === hexlify(built);
}

type Comparison = readonly [what: string, found: string, wanted: string];

async function wiring(provider: Provider, { contracts, permit2, x402Proxy }: Expected): Promise<Comparison[]> {
  const ledger = Ledger__factory.connect(contracts.ledger, provider);
  const escrow = Escrow__factory.connect(contracts.escrow, provider);
  const gateway = Gateway__factory.connect(contracts.gateway, provider);
  const exchange = Exchange__factory.connect(contracts.exchange, provider);
  const found: Comparison[] = [
    ["the Ledger's authority", await ledger.authority(), contracts.manager],
    ["the Ledger's verifier", await ledger.signatureVerifier(), contracts.verifier],
    ["the Escrow's Ledger", await escrow.ledger(), contracts.ledger],
    ["the Escrow's verifier", await escrow.signatureVerifier(), contracts.verifier],
    ["the Gateway's Ledger", await gateway.ledger(), contracts.ledger],
    ["the Gateway's Escrow", await gateway.escrow(), contracts.escrow],
    ["the Gateway's Permit2", await gateway.permit2(), permit2],
    ["the Exchange's authority", await exchange.authority(), contracts.manager],
    ["the Exchange's Escrow", await exchange.escrow(), contracts.escrow],
    ["the Exchange's Ledger", await exchange.ledger(), contracts.ledger],
  ];
  if (contracts.x402 !== null && x402Proxy !== null) {
    const settler = X402Settler__factory.connect(contracts.x402, provider);
    found.push(["the X402Settler's proxy", await settler.proxy(), x402Proxy]);
  }
  return found;
}

async function rights(provider: Provider, { contracts, roles, deployer, deployedAt }: Expected): Promise<Comparison[]> {
  const manager = AccessManager__factory.connect(contracts.manager, provider);
  const has = async (role: bigint, account: string): Promise<string> =>
    String((await manager.hasRole(role, account))[0]);
  const roleOf = async (target: string, selector: string): Promise<string> =>
    String(await manager.getTargetFunctionRole(target, selector));
  const delayOf = async (role: bigint, account: string): Promise<string> =>
    String((await manager.hasRole(role, account))[1]);
  const ledger = Ledger__factory.createInterface();
  const exchange = Exchange__factory.createInterface();
  const found: Comparison[] = [
    ["admin's role", await has(ADMIN_ROLE, roles.admin), "true"],
    ["compliance's role", await has(COMPLIANCE_ROLE, roles.compliance), "true"],
    ["guard's role", await has(GUARD_ROLE, roles.guard), "true"],
    ["guard's delay", await delayOf(GUARD_ROLE, roles.guard), String(roles.guardDelay)],
    ["who may freeze", await roleOf(contracts.ledger, ledger.getFunction("freeze").selector), String(COMPLIANCE_ROLE)],
    [
      "who may unfreeze",
      await roleOf(contracts.ledger, ledger.getFunction("unfreeze").selector),
      String(COMPLIANCE_ROLE),
    ],
    [
      "who may set guards",
      await roleOf(contracts.exchange, exchange.getFunction("setGuard").selector),
      String(GUARD_ROLE),
    ],
    [
      "who may remove guards",
      await roleOf(contracts.exchange, exchange.getFunction("removeGuard").selector),
      String(GUARD_ROLE),
    ],
  ];
  const named = [
    [ADMIN_ROLE, "admin", roles.admin],
    [COMPLIANCE_ROLE, "compliance", roles.compliance],
    [GUARD_ROLE, "guard", roles.guard],
  ] as const;
  const { timestamp: now } = (await provider.getBlock("latest")) ?? { timestamp: 0 };
  if (now > deployedAt + SETBACK) {
    const delays = [
      ["the delay of changes to the Exchange's roles", await manager.getTargetAdminDelay(contracts.exchange)],
      ["the delay of grants of the guard's role", await manager.getRoleGrantDelay(GUARD_ROLE)],
    ] as const;
    for (const [what, delay] of delays) found.push([what, String(delay), String(roles.guardDelay)]);
  }
  for (const [role, name, holder] of named) {
    if (holder !== deployer) found.push([`the deployer's ${name} role`, await has(role, deployer), "false"]);
  }
  return found;
}
