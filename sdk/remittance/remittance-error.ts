/**
 * Why something is no remittance record or disclosure: `invalid_field`, a member is missing, unknown or malformed; `wrong_sum`, amounts do
 * not add up; `not_canonical`, the text is not the canonical form of what it says; `unknown_pointer`, there is no such field;
 * `invalid_salt`; `invalid_disclosure`.
 */
export type RemittanceFailure =
  "invalid_field" | "wrong_sum" | "not_canonical" | "unknown_pointer" | "invalid_salt" | "invalid_disclosure";

/** Never carries a value: a message may be logged, and values are personal data. */
export class RemittanceError extends Error {
  /** @param field A JSON pointer (RFC 6901); empty: the whole. */
  constructor(
    readonly code: RemittanceFailure,
    readonly field: string,
    readonly expected: string,
  ) {
    super(`${field === "" ? "the document" : field}: expected ${expected}`);
    this.name = "RemittanceError";
  }
}
