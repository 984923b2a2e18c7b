import { DeployError } from "./deploy-error.ts";
import type { GasSchedule } from "./measure.ts";
import type { DeployOptions } from "./options.ts";
import type { DeployParameters } from "./parameters.ts";
import type { Finding } from "./probe.ts";

/** @throws DeployError `not_ready` */
export function requireReady(findings: readonly Finding[]): void {
  const failures = findings.filter(({ verdict }) => verdict === "failure");
  if (failures.length === 0) return;
  throw new DeployError(
    "not_ready",
    failures.map(({ what, found }) => `${what}: ${found}`).join("\n"),
    "a network, a deployer and parameters of which nothing fails",
    failures.map(({ next }) => next).join("; "),
  );
}

/** What was begun may need only the rest, which is not known before it goes on. */
export function lowBalance(deployer: string, resumes: boolean): Finding {
  return {
    ...{ what: "balance", verdict: resumes ? "warning" : "failure" },
    found: `${deployer} has less than ${resumes ? "a deployment from the beginning needs" : "is needed"}`,
    next: "send it what the table says is needed, from a faucet on a test network",
  };
}

export function tokenFinding(options: DeployOptions, parameters: DeployParameters, testToken: boolean): Finding {
  const what = "tokens";
  if (testToken && !options.settings.isTest) {
    const next = "leave --test-token out; on a network of your own say CORRIDOR_CUSTOM_IS_TEST=true";
    return { what, verdict: "failure", found: `${options.network} is no test network: no test currency there`, next };
  }
  const count = parameters.Tokens.list.length;
  if (count === 0 && !testToken)
    return { what, verdict: "failure", found: "none is named", next: "name them in Tokens.list" };
  return { what, verdict: "ok", found: `${count} named${testToken ? ", and Test Dollar is deployed" : ""}`, next: "" };
}

/** Of the gas that the relayer's limits were measured with. {hundredths} */
const MOST_GAS = 110n;

export function gasFinding({ code, words }: GasSchedule): Finding {
  const found = `code takes ${code} %, a new word ${words} % of the gas it takes on Ethereum's Osaka`;
  if (code <= MOST_GAS && words <= MOST_GAS) return { what: "prices of gas", verdict: "ok", found, next: "" };
  const next = "try payments there first: the relayer's limits are Ethereum's, and it refuses what runs out of gas";
  return { what: "prices of gas", verdict: "warning", found, next };
}

export function roleFindings({ Corridor }: DeployParameters, deployer: string): Finding[] {
  return (["admin", "compliance", "guard"] as const).map((role) => {
    const holder = Corridor[role];
    if (holder !== undefined && holder !== deployer) return { what: role, verdict: "ok", found: holder, next: "" };
    const next = `name Corridor.${role}: the deployer's key should have no rights afterwards`;
    return { what: role, verdict: "warning", found: `${deployer}, the deployer`, next };
  });
}
