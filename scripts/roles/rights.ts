import type { Deployment } from "../../sdk/deployment.ts";
import type { ManagerState, RoleState, TargetState } from "./manager-state.ts";
import { functionName } from "./operation-text.ts";
import { ADMIN_ROLE, PUBLIC_ROLE } from "./roles-of-deployment.ts";
import { targetName } from "./targets.ts";

/** Who may call a function, and how long after she announced it. {s} */
export interface Caller {
  readonly account: string;
  readonly delay: number;
  /** From when on, in Unix seconds; null: now. */
  readonly from: number | null;
}

export interface Right {
  readonly contract: string;
  readonly functions: readonly string[];
  /** What the functions are about: a contract, a role; null: nothing in particular. */
  readonly about: string | null;
  readonly role: bigint;
  /** Null: everybody. */
  readonly callers: readonly Caller[] | null;
  /** Between the call and its effect. {s} */
  readonly takesEffectAfter: number;
}

const OF_ADMINS = ["labelRole", "setRoleAdmin", "setRoleGuardian", "setGrantDelay", "setTargetAdminDelay"] as const;
const OF_TARGETS = ["setTargetFunctionRole", "setTargetClosed", "updateAuthority"] as const;

/**
 * Who may do what, by the rules of OpenZeppelin's AccessManager 5.7 (`canCall` and `_getAdminRestrictions`): functions of contracts by
 * their roles; the AccessManager's own by the administrators, those about a contract after its delay as well; grants by each role's admin.
 */
export function rightsOf(deployment: Deployment, state: ManagerState): readonly Right[] {
  const { roles, targets } = state;
  const membersOf = (role: bigint, least = 0): readonly Caller[] | null => callersOf(roles.get(role), role, least);
  const ofContracts = [...targets.values()].flatMap((target) =>
    [...target.functions].map(([selector, role]) => ({
      ...{ contract: targetName(deployment, target.address), functions: [functionName(selector)], about: null, role },
      ...{ callers: target.isClosed ? [] : membersOf(role), takesEffectAfter: 0 },
    })),
  );
  const own = { contract: "manager", takesEffectAfter: 0 };
  const aboutTarget = ({ address, adminDelay }: TargetState): Right => ({
    ...{ ...own, functions: OF_TARGETS, about: targetName(deployment, address), role: ADMIN_ROLE },
    callers: membersOf(ADMIN_ROLE, adminDelay),
  });
  const aboutRole = ({ role, admin, grantDelay }: RoleState): readonly Right[] => [
    {
      ...{ contract: "manager", functions: ["grantRole"], about: `role ${role}`, role: admin },
      ...{ callers: membersOf(admin), takesEffectAfter: grantDelay },
    },
    { ...own, functions: ["revokeRole"], about: `role ${role}`, role: admin, callers: membersOf(admin) },
  ];
  // Administrators cancel whatever it is, and whoever scheduled something cancels that.
  const cancelling = ({ role, guardian }: RoleState): Right => {
    const others = guardian === ADMIN_ROLE ? [] : membersOf(guardian);
    const callers = others === null ? null : [...(membersOf(ADMIN_ROLE) ?? []), ...others];
    return {
      ...{ ...own, functions: ["cancel"], about: `role ${role}`, role: guardian },
      callers: callers?.map((caller) => ({ ...caller, delay: 0 })) ?? null,
    };
  };
  const granted = [...roles.values()].filter(({ role }) => role !== PUBLIC_ROLE);
  return [
    ...ofContracts,
    { ...own, functions: OF_ADMINS, about: null, role: ADMIN_ROLE, callers: membersOf(ADMIN_ROLE) },
    ...[...targets.values()].map(aboutTarget),
    ...granted.flatMap(aboutRole),
    ...granted.map(cancelling),
  ];
}

function callersOf(state: RoleState | undefined, role: bigint, least: number): readonly Caller[] | null {
  if (role === PUBLIC_ROLE) return null;
  return (state?.members ?? []).map(({ account, delay, since, isMember }) => ({
    ...{ account, delay: Math.max(delay, least), from: isMember ? null : since },
  }));
}
