/**
 * Why there is no answer: `reorged`, the chain changed while it was read, so read again; `contradiction`, the node's answers do not
 * fit together or do not answer the question; `no_block`, the chain has no such block.
 */
export type RecordFailure = "reorged" | "contradiction" | "no_block";

export class RecordError extends Error {
  constructor(
    readonly failure: RecordFailure,
    message: string,
  ) {
    super(message);
    this.name = "RecordError";
  }
}
