import type { DeployedContractName, Deployment } from "../../sdk/deployment.ts";
import { type Finding, finding } from "./findings.ts";
import type { ManagerHistory } from "./manager-events.ts";
import type { ManagerState } from "./manager-state.ts";
import { functionName } from "./operation-text.ts";
import { roleName } from "./roles-of-deployment.ts";
import { targetName } from "./targets.ts";

/** Whether what was read can be gone by: the contracts' code, whom they obey, and events and state that agree. */
export function judgeEvidence(
  deployment: Deployment,
  state: ManagerState,
  history: ManagerHistory,
): readonly Finding[] {
  return [...judgeCode(deployment, state), ...judgeHistory(deployment, state, history)];
}

function judgeCode({ contracts, codeHashes }: Deployment, state: ManagerState): readonly Finding[] {
  const found: Finding[] = [];
  for (const [name, hash] of state.codeHashes) {
    const wanted = codeHashes[name]?.toLowerCase();
    if (hash === null) found.push(finding("no_code", name, `nothing at ${contracts[name] ?? ""}`));
    else if (wanted !== undefined && hash !== wanted) {
      found.push(finding("code_differs", name, `${hash} at ${contracts[name] ?? ""}, not ${wanted}`));
    }
  }
  if (!state.isManagerKnown && state.codeHashes.get("manager") !== null) {
    found.push(finding("manager_unknown", "manager", `${contracts.manager} is of another code`));
  }
  for (const [name, authority] of state.authorities) {
    if (authority === contracts.manager) continue;
    found.push(
      finding("authority_differs", name, `obeys ${authority ?? "nobody that it names"}, not ${contracts.manager}`),
    );
  }
  return found;
}

function judgeHistory(deployment: Deployment, state: ManagerState, history: ManagerHistory): readonly Finding[] {
  const found = history.unreadable.map((transaction) =>
    finding("event_unreadable", "manager", `in transaction ${transaction}`),
  );
  const disagree = (subject: string, detail: string): void => {
    found.push(finding("events_disagree", subject, detail));
  };
  for (const [role, accounts] of history.members) {
    const members = state.roles.get(role)?.members ?? [];
    for (const [account, isGranted] of accounts) {
      if (members.some((member) => member.account === account) === isGranted) continue;
      disagree(
        account,
        `${isGranted ? "was" : "was not"} granted ${roleName(role)} by the last event, the contract denies it`,
      );
    }
  }
  for (const [role, { admin, guardian }] of state.roles) {
    const by = [history.admins.get(role) ?? 0n, history.guardians.get(role) ?? 0n] as const;
    if (admin !== by[0] || guardian !== by[1]) disagree(roleName(role), "another admin or guardian than by its events");
  }
  for (const { address, isClosed, functions } of state.targets.values()) {
    const name = targetName(deployment, address);
    if (isClosed !== (history.closed.get(address) ?? false)) disagree(name, "closed or open against its events");
    for (const [selector, role] of functions) {
      if (role !== (history.functions.get(address)?.get(selector) ?? 0n)) {
        disagree(`${name}.${functionName(selector)}`, "another role than by its events");
      }
    }
  }
  return found;
}

/** Contracts that the file has no hash of, so that their code is not compared with anything. */
export function withoutHash({ codeHashes }: Deployment, state: ManagerState): readonly DeployedContractName[] {
  return [...state.codeHashes.keys()].filter((name) => codeHashes[name] === undefined);
}
