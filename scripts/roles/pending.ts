import type { Deployment } from "../../sdk/deployment.ts";
import type { ManagerState } from "./manager-state.ts";
import { callText } from "./operation-text.ts";
import { roleName } from "./roles-of-deployment.ts";
import { targetName } from "./targets.ts";
import { delayText } from "./times.ts";

/** Something that is announced and does not count yet. */
export interface Pending {
  readonly kind: "grant" | "member_delay" | "grant_delay" | "admin_delay" | "operation";
  readonly subject: string;
  /** Unix seconds; an operation may be executed from then on, for as long as the AccessManager keeps it. */
  readonly from: number;
  readonly detail: string;
}

/** What is under way, the next first. @param now Unix seconds of the block that the state is of. */
export function pendingOf(deployment: Deployment, state: ManagerState, now: number): readonly Pending[] {
  const found: Pending[] = [];
  for (const { role, change, grantDelay, members } of state.roles.values()) {
    if (change !== null) {
      const detail = `a grant takes ${delayText(grantDelay)} until then, ${delayText(change.delay)} afterwards`;
      found.push({ kind: "grant_delay", subject: roleName(role), from: change.from, detail });
    }
    for (const { account, since, delay, change: next } of members) {
      if (since > now) {
        found.push({
          kind: "grant",
          subject: account,
          from: since,
          detail: `${roleName(role)}, with ${delayText(delay)}`,
        });
      }
      if (next === null) continue;
      const detail = `${roleName(role)} with ${delayText(delay)} until then, ${delayText(next.delay)} afterwards`;
      found.push({ kind: "member_delay", subject: account, from: next.from, detail });
    }
  }
  for (const { address, change, adminDelay } of state.targets.values()) {
    if (change === null) continue;
    const detail = `its administration takes ${delayText(adminDelay)} until then, ${delayText(change.delay)} afterwards`;
    found.push({ kind: "admin_delay", subject: targetName(deployment, address), from: change.from, detail });
  }
  for (const { id, at, caller, target, data } of state.operations) {
    const detail = `${targetName(deployment, target)}.${callText(data)} by ${caller}`;
    found.push({ kind: "operation", subject: id, from: at, detail });
  }
  return found.sort((a, b) => a.from - b.from);
}
