import { getAddress, isHexString, keccak256 } from "ethers";

import { codeOf } from "../../audit/contract-code.ts";
import type { DeployedContractName, Deployment } from "../../sdk/deployment.ts";
import { type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import type { BlockHeader } from "../../sdk/record/rpc-answers.ts";
import { type DelayChange, MANAGER, type ManagerHistory, type ScheduledOperation } from "./manager-events.ts";
import { ADMIN_ROLE, COMPLIANCE_ROLE, GUARD_ROLE, RESTRICTED } from "./roles-of-deployment.ts";
import { targetsOf } from "./targets.ts";

/** Who has a role, or will have it. Delays in {s}, times in Unix seconds. */
export interface MemberState {
  readonly account: string;
  /** From when on she has it; 0: she has it not. */
  readonly since: number;
  readonly isMember: boolean;
  /** Between scheduling an operation and executing it; 0: she calls at once. */
  readonly delay: number;
  readonly change: DelayChange | null;
}

export interface RoleState {
  readonly role: bigint;
  readonly admin: bigint;
  readonly guardian: bigint;
  /** Between a grant and its effect. */
  readonly grantDelay: number;
  readonly change: DelayChange | null;
  readonly members: readonly MemberState[];
}

export interface TargetState {
  readonly address: string;
  readonly isClosed: boolean;
  /** Between the announcement and the effect of a change of who may call what. */
  readonly adminDelay: number;
  readonly change: DelayChange | null;
  /** By selector. */
  readonly functions: ReadonlyMap<string, bigint>;
}

export interface OperationState extends ScheduledOperation {
  /** When it may be executed. */
  readonly at: number;
}

/** What an AccessManager answers at one block. */
export interface ManagerState {
  readonly roles: ReadonlyMap<bigint, RoleState>;
  readonly targets: ReadonlyMap<string, TargetState>;
  /** Those that wait. */
  readonly operations: readonly OperationState[];
  /** Hashes of the contracts' code; null: there is none. */
  readonly codeHashes: ReadonlyMap<DeployedContractName, string | null>;
  readonly isManagerKnown: boolean;
  /** Which AccessManager Ledger and Exchange obey; null: they do not say. */
  readonly authorities: ReadonlyMap<"ledger" | "exchange", string | null>;
}

const ACCESS_MANAGER = "@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager.json";
/** `authority()` of OpenZeppelin's AccessManaged. */
const AUTHORITY = "0xbf7e214f";

/** Asks for everything that events named, and what a deployment always has, at one block's hash. @throws RpcError */
export async function readManagerState(
  rpc: RpcCall,
  deployment: Deployment,
  history: ManagerHistory,
  block: BlockHeader,
): Promise<ManagerState> {
  const at = { blockHash: block.hash, requireCanonical: true };
  const { contracts } = deployment;
  const call = async (to: string, data: string): Promise<string> => {
    const answer = await rpc("eth_call", [{ to, data }, at]);
    if (!isHexString(answer)) throw new RpcError("malformed", "The node answers with no bytes");
    return answer;
  };
  const ask = async (getter: string, ...args: readonly unknown[]): Promise<readonly unknown[]> => {
    const answer = await call(contracts.manager, MANAGER.encodeFunctionData(getter, args));
    try {
      return [...MANAGER.decodeFunctionResult(getter, answer)] as unknown[];
    } catch (cause) {
      throw new RpcError("malformed", `The AccessManager does not answer ${getter}`, null, { cause });
    }
  };

  const readMember = async (role: bigint, account: string): Promise<MemberState> => {
    const [[since, delay, pending, from], [isMember]] = await Promise.all([
      ask("getAccess", role, account),
      ask("hasRole", role, account),
    ]);
    const change = Number(from) === 0 ? null : { delay: Number(pending), from: Number(from) };
    return { account, since: Number(since), isMember: isMember === true, delay: Number(delay), change };
  };
  const readRole = async (role: bigint): Promise<RoleState> => {
    const accounts = [...(history.members.get(role)?.keys() ?? [])];
    const [[admin], [guardian], [grantDelay], members] = await Promise.all([
      ask("getRoleAdmin", role),
      ask("getRoleGuardian", role),
      ask("getRoleGrantDelay", role),
      Promise.all(accounts.map((account) => readMember(role, account))),
    ]);
    const change = pendingOf(history.grantDelays.get(role), block.timestamp);
    return {
      ...{ role, admin: admin as bigint, guardian: guardian as bigint, grantDelay: Number(grantDelay), change },
      members: members.filter(({ since }) => since !== 0),
    };
  };
  const readTarget = async (address: string): Promise<TargetState> => {
    const expected = RESTRICTED.filter(({ contract }) => contracts[contract] === address);
    const selectors = new Set([
      ...expected.map(({ selector }) => selector),
      ...(history.functions.get(address)?.keys() ?? []),
    ]);
    const [[isClosed], [adminDelay], functions] = await Promise.all([
      ask("isTargetClosed", address),
      ask("getTargetAdminDelay", address),
      Promise.all(
        [...selectors].map(async (selector) => {
          const [role] = await ask("getTargetFunctionRole", address, selector);
          return [selector, role as bigint] as const;
        }),
      ),
    ]);
    const change = pendingOf(history.adminDelays.get(address), block.timestamp);
    return {
      ...{ address, isClosed: isClosed === true, adminDelay: Number(adminDelay), change },
      functions: new Map(functions),
    };
  };
  const readOperation = async (operation: ScheduledOperation): Promise<OperationState> => {
    const [time] = await ask("getSchedule", operation.id);
    return { ...operation, at: Number(time) };
  };
  const readCode = async (address: string): Promise<string> => {
    const code = await rpc("eth_getCode", [address, at]);
    if (!isHexString(code)) throw new RpcError("malformed", "The node answers with no code");
    return code.toLowerCase();
  };
  const readAuthority = async (contract: "ledger" | "exchange") => {
    const answer = await call(contracts[contract], AUTHORITY).catch((error: unknown) => {
      if (error instanceof RpcError && error.failure === "refused") return null;
      throw error;
    });
    return [contract, isHexString(answer, 32) ? getAddress(`0x${answer.slice(-40)}`) : null] as const;
  };

  const named = Object.entries(contracts).flatMap(([name, address]: [string, string | null]) =>
    address === null ? [] : [[name as DeployedContractName, address] as const],
  );
  const codes = new Map(
    await Promise.all(named.map(async ([name, address]) => [name, await readCode(address)] as const)),
  );
  const codeHashes = new Map([...codes].map(([name, code]) => [name, code === "0x" ? null : keccak256(code)] as const));
  const isManagerKnown = (await codeOf(ACCESS_MANAGER)).isCodeOf(codes.get("manager") ?? "0x");
  const none = { roles: new Map(), targets: new Map(), operations: [], authorities: new Map() };
  // What is no AccessManager cannot be asked.
  if (codes.get("manager") === "0x") return { ...none, codeHashes, isManagerKnown };

  const [roles, targets, operations, authorities] = await Promise.all([
    Promise.all(rolesOf(history).map(readRole)),
    Promise.all(targetsOf(deployment, history).map(readTarget)),
    Promise.all([...history.operations.values()].map(readOperation)),
    Promise.all((["ledger", "exchange"] as const).map(readAuthority)),
  ]);
  return {
    roles: new Map(roles.map((role) => [role.role, role])),
    targets: new Map(targets.map((target) => [target.address, target])),
    operations: operations.filter((operation) => operation.at !== 0),
    ...{ codeHashes, isManagerKnown, authorities: new Map(authorities) },
  };
}

/** Every role that an event names, and those that a deployment has. */
function rolesOf(history: ManagerHistory): readonly bigint[] {
  const { members, admins, guardians, labels, grantDelays, functions } = history;
  const named = [members, admins, guardians, labels, grantDelays].flatMap((map) => [...map.keys()]);
  const asked = [...admins.values(), ...guardians.values(), ...[...functions.values()].flatMap((f) => [...f.values()])];
  return [...new Set([ADMIN_ROLE, COMPLIANCE_ROLE, GUARD_ROLE, ...named, ...asked])].sort((a, b) => (a < b ? -1 : 1));
}

/** The change that does not count yet. No getter tells it. */
function pendingOf(changes: readonly DelayChange[] | undefined, now: number): DelayChange | null {
  const last = changes?.at(-1);
  return last === undefined || last.from <= now ? null : last;
}
