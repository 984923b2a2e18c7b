import type { DeployedContractName, Deployment } from "../../sdk/deployment.ts";
import { readEnd, readLogs, requireSameEnd } from "../../sdk/record/chain-logs.ts";
import { type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { type BlockHeader, blockTag } from "../../sdk/record/rpc-answers.ts";
import type { ExpectedRoles } from "./expected-roles.ts";
import { type Finding, finding } from "./findings.ts";
import { judgeEvidence, withoutHash } from "./judge-evidence.ts";
import { judgeMembers } from "./judge-members.ts";
import { judgeTargets } from "./judge-targets.ts";
import { type ManagerHistory, replayManager } from "./manager-events.ts";
import { type ManagerState, readManagerState } from "./manager-state.ts";
import { callText } from "./operation-text.ts";
import { type Pending, pendingOf } from "./pending.ts";
import { type Right, rightsOf } from "./rights.ts";
import { targetName } from "./targets.ts";
import { timeText } from "./times.ts";

export interface RolesReport {
  /** Whether there are no findings. */
  readonly ok: boolean;
  readonly block: BlockHeader;
  readonly state: ManagerState;
  readonly labels: ReadonlyMap<bigint, string>;
  readonly rights: readonly Right[];
  readonly pending: readonly Pending[];
  readonly findings: readonly Finding[];
  /** What could not be looked at, and is no finding. */
  readonly notes: readonly string[];
}

/**
 * Who can do what on a deployment, from the chain alone: every event of the AccessManager says what to ask for, and the contract
 * is asked for all of it at one block. @throws RpcError, RecordError (`reorged`: ask again)
 */
export async function checkRoles(
  rpc: RpcCall,
  deployment: Deployment,
  expected: ExpectedRoles,
  at: number | "latest" | "finalized",
): Promise<RolesReport> {
  const { manager } = deployment.contracts;
  const block = await readEnd(rpc, at);
  const logs = await readLogs(rpc, { address: [manager], topics: [] }, deployment.startBlock, block);
  const history = replayManager(logs);
  const state = await readManagerState(rpc, deployment, history, block);
  const beginning = await readBeginning(rpc, deployment, history);
  await requireSameEnd(rpc, block);
  const findings = [
    ...beginning.findings,
    ...judgeEvidence(deployment, state, history),
    ...judgeMembers(state, history, expected, block.timestamp),
    ...judgeTargets(deployment, state, history, expected),
    ...judgeOperations(deployment, state, expected),
  ];
  return {
    ...{ ok: findings.length === 0, block, state, labels: history.labels, findings },
    rights: rightsOf(deployment, state),
    pending: pendingOf(deployment, state, block.timestamp),
    notes: [...beginning.notes, ...withoutHash(deployment, state).map(noteOfHash)],
  };
}

interface Beginning {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** Whether the first event that was read is the first of all: else somebody may have been granted a role before. */
async function readBeginning(rpc: RpcCall, deployment: Deployment, history: ManagerHistory): Promise<Beginning> {
  const { contracts, startBlock } = deployment;
  const incomplete = (detail: string): Beginning => ({
    findings: [finding("history_incomplete", "manager", detail)],
    notes: [],
  });
  if (history.firstAdmin === null || history.firstTransaction === null) {
    return incomplete(`its first event from block ${startBlock} on is not the grant that it begins with`);
  }
  if (startBlock === 0) return { findings: [], notes: [] };
  try {
    const code = await rpc("eth_getCode", [contracts.manager, blockTag(startBlock - 1)]);
    return code === "0x" ? { findings: [], notes: [] } : incomplete(`it was there before block ${startBlock}`);
  } catch (error) {
    if (!(error instanceof RpcError) || error.failure !== "refused") throw error;
  }
  // The node keeps no state of that time. A transaction that deployed the contract by itself says so.
  const receipt = await rpc("eth_getTransactionReceipt", [history.firstTransaction]);
  const created =
    typeof receipt === "object" && receipt !== null && "contractAddress" in receipt && receipt.contractAddress;
  if (typeof created === "string" && created.toLowerCase() === contracts.manager.toLowerCase()) {
    return { findings: [], notes: [] };
  }
  const note = `The node keeps no state of block ${startBlock - 1}: that nothing was granted before cannot be seen by it.`;
  return { findings: [], notes: [note] };
}

function judgeOperations(deployment: Deployment, state: ManagerState, expected: ExpectedRoles): readonly Finding[] {
  return state.operations
    .filter(({ id }) => !expected.operations.includes(id))
    .map(({ id, at, caller, target, data }) => {
      const call = `${targetName(deployment, target)}.${callText(data)}`;
      return finding("operation_scheduled", id, `${call} by ${caller}, from ${timeText(at)} on`);
    });
}

function noteOfHash(name: DeployedContractName): string {
  return `The deployment's file has no hash of the code of ${name}: it is not compared.`;
}
