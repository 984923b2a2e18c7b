/** What a check of roles may find that nobody announced, by a stable code, with what it means; see docs/roles.md. */
export const FINDINGS = {
  no_code: "There is no contract at an address that the deployment names.",
  code_differs: "A contract's code is not what the deployment's file says.",
  manager_unknown:
    "The AccessManager's code is not OpenZeppelin's as this repository builds it, so its answers prove nothing.",
  authority_differs: "A contract obeys another AccessManager than the deployment names.",
  history_incomplete: "The AccessManager is older than the first block that was read, so grants may be unseen.",
  event_unreadable: "The AccessManager logged an event that OpenZeppelin's does not have.",
  events_disagree:
    "Events and the contract's state contradict each other: the node hides events, or lies about the state.",
  deployer_admin:
    "The account that the AccessManager began with is still an administrator, beside the one that should be.",
  member_unexpected: "An account has a role, or will have it, that it should not have.",
  member_missing: "An account has not the role that it should have.",
  role_empty: "Nobody has a role that a restricted function asks for.",
  delay_short: "A delay is, or is going to be, shorter than it should be.",
  role_admin_unexpected: "Another role than expected may grant and revoke a role.",
  role_guardian_unexpected: "Another role than expected may cancel what a role's members scheduled.",
  function_public: "A function is open to everybody.",
  function_role_unexpected: "A function asks for another role than it should.",
  target_closed: "A contract is closed: its restricted functions can be called by nobody.",
  target_unknown: "The AccessManager was told of a contract that is not of the deployment.",
  operation_scheduled: "An operation that was not expected waits for its time.",
} as const;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  /** A contract, a role, an account or an operation. */
  readonly subject: string;
  readonly detail: string;
}

export function finding(code: FindingCode, subject: string, detail: string): Finding {
  return { code, subject, detail };
}
