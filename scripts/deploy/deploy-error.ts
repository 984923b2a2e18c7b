export type DeployErrorCode =
  | "usage"
  | "unknown_network"
  | "no_parameters"
  | "bad_parameters"
  | "no_key"
  | "no_url"
  | "bad_key"
  | "unreachable"
  | "wrong_chain"
  | "not_ready"
  | "deployment_gone"
  | "foreign_journal"
  | "already_there"
  | "no_terminal"
  | "refused"
  | "parameters_changed"
  | "step_failed"
  | "code_differs"
  | "smoke_failed"
  | "no_deployment"
  | "not_verified"
  | "bad_network";

/** Why a deployment does not go on: what was found, what was expected, and what to do next. Nothing of it is secret. */
export class DeployError extends Error {
  constructor(
    readonly code: DeployErrorCode,
    found: string,
    readonly expected: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(`${found}\n  expected: ${expected}\n  next:     ${next}`, options);
    this.name = "DeployError";
  }
}
