import { type ExpectedRoles } from "./expected-roles.ts";
import { type Finding, finding } from "./findings.ts";
import type { ManagerHistory } from "./manager-events.ts";
import type { ManagerState, MemberState, RoleState } from "./manager-state.ts";
import { ADMIN_ROLE, PUBLIC_ROLE, RESTRICTED, roleName } from "./roles-of-deployment.ts";
import { delayText, timeText } from "./times.ts";

/** Who has which role, against who should. */
export function judgeMembers(
  state: ManagerState,
  history: ManagerHistory,
  expected: ExpectedRoles,
  now: number,
): readonly Finding[] {
  const found: Finding[] = [];
  for (const role of state.roles.values()) {
    if (role.role === PUBLIC_ROLE) continue;
    found.push(...judgeRole(role, expected));
    for (const member of role.members) found.push(...judgeMember(role.role, member, history, expected, now));
    const isAsked = role.role === ADMIN_ROLE || RESTRICTED.some((restricted) => restricted.role === role.role);
    if (isAsked && role.members.length === 0) {
      found.push(finding("role_empty", roleName(role.role), "nobody has it"));
    }
  }
  for (const { role, account } of expected.members) {
    const members = state.roles.get(role)?.members ?? [];
    if (members.some((member) => member.account === account)) continue;
    found.push(finding("member_missing", account, `has not ${roleName(role)}`));
  }
  return found;
}

function judgeRole({ role, admin, guardian }: RoleState, expected: ExpectedRoles): readonly Finding[] {
  const wanted = {
    admin: expected.admins.get(role) ?? ADMIN_ROLE,
    guardian: expected.guardians.get(role) ?? ADMIN_ROLE,
  };
  const found: Finding[] = [];
  if (admin !== wanted.admin) {
    const detail = `its members are chosen by ${roleName(admin)}, not by ${roleName(wanted.admin)}`;
    found.push(finding("role_admin_unexpected", roleName(role), detail));
  }
  if (guardian !== wanted.guardian) {
    const detail = `what is scheduled for it may be cancelled by ${roleName(guardian)}, not by ${roleName(wanted.guardian)}`;
    found.push(finding("role_guardian_unexpected", roleName(role), detail));
  }
  return found;
}

function judgeMember(
  role: bigint,
  { account, since, delay, change }: MemberState,
  { firstAdmin }: ManagerHistory,
  expected: ExpectedRoles,
  now: number,
): readonly Finding[] {
  const wanted = expected.members.find((member) => member.role === role && member.account === account);
  if (wanted === undefined) {
    const from = since > now ? `from ${timeText(since)} on` : `since ${timeText(since)}`;
    const code = role === ADMIN_ROLE && account === firstAdmin ? "deployer_admin" : "member_unexpected";
    return [finding(code, account, `${roleName(role)} ${from}, with ${delayText(delay)}`)];
  }
  const short = (seconds: number, when: string): readonly Finding[] =>
    seconds >= wanted.leastDelay
      ? []
      : [
          finding(
            "delay_short",
            account,
            `acts as ${roleName(role)} with ${delayText(seconds)}${when}, not ${delayText(wanted.leastDelay)}`,
          ),
        ];
  return [...short(delay, ""), ...(change === null ? [] : short(change.delay, ` from ${timeText(change.from)} on`))];
}
