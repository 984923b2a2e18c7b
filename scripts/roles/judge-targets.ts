import type { Deployment } from "../../sdk/deployment.ts";
import type { ExpectedRoles } from "./expected-roles.ts";
import { type Finding, finding } from "./findings.ts";
import type { DelayChange, ManagerHistory } from "./manager-events.ts";
import type { ManagerState, TargetState } from "./manager-state.ts";
import { functionName } from "./operation-text.ts";
import { ADMIN_ROLE, GUARD_ROLE, PUBLIC_ROLE, RESTRICTED, roleName } from "./roles-of-deployment.ts";
import { targetName } from "./targets.ts";
import { delayText, timeText } from "./times.ts";

/** Which function asks for which role, whether contracts are open, and how long changes of that take, against what should be. */
export function judgeTargets(
  deployment: Deployment,
  state: ManagerState,
  history: ManagerHistory,
  { guardDelay }: ExpectedRoles,
): readonly Finding[] {
  const { exchange } = deployment.contracts;
  const found = [...state.targets.values()].flatMap((target) => judgeTarget(deployment, target));
  const administration = state.targets.get(exchange);
  if (administration !== undefined) {
    const { adminDelay, change } = administration;
    const subject = "exchange";
    found.push(
      ...judgeDelay(
        subject,
        "its administration takes",
        adminDelay,
        change,
        history.adminDelays.get(exchange),
        guardDelay,
      ),
    );
  }
  const guard = state.roles.get(GUARD_ROLE);
  if (guard !== undefined) {
    const { grantDelay, change } = guard;
    const subject = roleName(GUARD_ROLE);
    found.push(
      ...judgeDelay(subject, "a grant takes", grantDelay, change, history.grantDelays.get(GUARD_ROLE), guardDelay),
    );
  }
  return found;
}

function judgeTarget(deployment: Deployment, target: TargetState): readonly Finding[] {
  const name = targetName(deployment, target.address);
  if (name === target.address) {
    const detail = `${target.functions.size} functions${target.isClosed ? ", closed" : ""}`;
    return [finding("target_unknown", target.address, detail)];
  }
  const found: Finding[] = [];
  if (target.isClosed) found.push(finding("target_closed", name, "closed"));
  for (const [selector, role] of target.functions) {
    const restricted = RESTRICTED.find((one) => one.contract === name && one.selector === selector);
    const wanted = restricted?.role ?? ADMIN_ROLE;
    if (role === wanted) continue;
    const subject = `${name}.${functionName(selector)}`;
    found.push(
      role === PUBLIC_ROLE
        ? finding("function_public", subject, `open to everybody, not ${roleName(wanted)}`)
        : finding("function_role_unexpected", subject, `asks for ${roleName(role)}, not for ${roleName(wanted)}`),
    );
  }
  return found;
}

/**
 * The first delay of all counts only after the AccessManager's own five days; until then it is on its way, and nothing is wrong.
 * A delay that was taken away and set again would look the same, but for its earlier changes.
 */
function judgeDelay(
  subject: string,
  what: string,
  delay: number,
  change: DelayChange | null,
  changes: readonly DelayChange[] | undefined,
  least: number,
): readonly Finding[] {
  const isFirst = change !== null && changes?.length === 1 && change.delay >= least;
  if (isFirst) return [];
  const short = (seconds: number, when: string): readonly Finding[] =>
    seconds >= least
      ? []
      : [finding("delay_short", subject, `${what} ${delayText(seconds)}${when}, not ${delayText(least)}`)];
  return [...short(delay, ""), ...(change === null ? [] : short(change.delay, ` from ${timeText(change.from)} on`))];
}
