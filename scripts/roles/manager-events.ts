import { getAddress, type Interface } from "ethers";

import type { ChainLog } from "../../sdk/record/rpc-answers.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { ADMIN_ROLE } from "./roles-of-deployment.ts";

export const MANAGER: Interface = AccessManager__factory.createInterface();

/** A delay that counts from a time on. {s}, Unix seconds */
export interface DelayChange {
  readonly delay: number;
  readonly from: number;
}

export interface ScheduledOperation {
  readonly id: string;
  readonly caller: string;
  readonly target: string;
  readonly data: string;
}

/** What the events of an AccessManager come to; addresses with their checksum. */
export interface ManagerHistory {
  /** Whom the first grant of all made an administrator: whom the contract began with. Null: the first event is another. */
  readonly firstAdmin: string | null;
  readonly firstTransaction: string | null;
  /** Of each role everybody who was ever granted it, and whether she has it by the last event. */
  readonly members: ReadonlyMap<bigint, ReadonlyMap<string, boolean>>;
  readonly admins: ReadonlyMap<bigint, bigint>;
  readonly guardians: ReadonlyMap<bigint, bigint>;
  readonly labels: ReadonlyMap<bigint, string>;
  /** In the order in which they were made. */
  readonly grantDelays: ReadonlyMap<bigint, readonly DelayChange[]>;
  readonly adminDelays: ReadonlyMap<string, readonly DelayChange[]>;
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  readonly closed: ReadonlyMap<string, boolean>;
  /** Whatever was ever scheduled. */
  readonly operations: ReadonlyMap<string, ScheduledOperation>;
  /** Transactions of events that OpenZeppelin's contract does not have. */
  readonly unreadable: readonly string[];
}

/** @param logs All events of the AccessManager, in the chain's order. */
export function replayManager(logs: readonly ChainLog[]): ManagerHistory {
  const members = new Map<bigint, Map<string, boolean>>();
  const functions = new Map<string, Map<string, bigint>>();
  const [admins, guardians, labels] = [new Map<bigint, bigint>(), new Map<bigint, bigint>(), new Map<bigint, string>()];
  const [grantDelays, adminDelays] = [new Map<bigint, DelayChange[]>(), new Map<string, DelayChange[]>()];
  const [closed, operations] = [new Map<string, boolean>(), new Map<string, ScheduledOperation>()];
  const unreadable: string[] = [];
  let firstAdmin: string | null = null;

  for (const [index, log] of logs.entries()) {
    const event = parse(log);
    if (event === null) {
      unreadable.push(log.transactionHash);
      continue;
    }
    const [first, second, third, , fifth] = event.args as unknown as readonly unknown[];
    switch (event.name) {
      case "RoleGranted": {
        const [role, account] = [first as bigint, getAddress(second as string)];
        innerOf(members, role).set(account, true);
        if (index === 0 && role === ADMIN_ROLE && fifth === true) firstAdmin = account;
        break;
      }
      case "RoleRevoked":
        innerOf(members, first as bigint).set(getAddress(second as string), false);
        break;
      case "RoleAdminChanged":
        admins.set(first as bigint, second as bigint);
        break;
      case "RoleGuardianChanged":
        guardians.set(first as bigint, second as bigint);
        break;
      case "RoleLabel":
        labels.set(first as bigint, second as string);
        break;
      case "RoleGrantDelayChanged":
        listOf(grantDelays, first as bigint).push({ delay: Number(second), from: Number(third) });
        break;
      case "TargetAdminDelayUpdated":
        listOf(adminDelays, getAddress(first as string)).push({ delay: Number(second), from: Number(third) });
        break;
      case "TargetFunctionRoleUpdated":
        innerOf(functions, getAddress(first as string)).set(second as string, third as bigint);
        break;
      case "TargetClosed":
        closed.set(getAddress(first as string), second as boolean);
        break;
      case "OperationScheduled": {
        const { operationId: id, caller, target, data } = event.args as unknown as Readonly<Record<string, string>>;
        if (id === undefined || caller === undefined || target === undefined || data === undefined) break;
        operations.set(id, { id, caller: getAddress(caller), target: getAddress(target), data });
        break;
      }
      // Whether an operation still waits, the contract is asked.
      default:
        break;
    }
  }
  return {
    ...{ firstAdmin, firstTransaction: logs[0]?.transactionHash ?? null, members, admins, guardians, labels },
    ...{ grantDelays, adminDelays, functions, closed, operations, unreadable },
  };
}

function parse(log: ChainLog) {
  try {
    return MANAGER.parseLog({ topics: [...log.topics], data: log.data });
  } catch {
    return null;
  }
}

function innerOf<Key, Inner, Value>(outer: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const inner = outer.get(key) ?? new Map<Inner, Value>();
  outer.set(key, inner);
  return inner;
}

function listOf<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
