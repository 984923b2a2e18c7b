/** SQLSTATEs, and their classes, that say nothing about what was asked: the same may succeed a moment later. */
const TRANSIENT = [
  // Rolled back: a deadlock, a serialization failure.
  "40",
  // Connections.
  "08",
  // Too many connections.
  "53",
  // The server is shut down, or starts.
  "57P",
];
const NETWORK = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"];
/** What `pg` says without a code. */
const ENDED =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** Whether the database, or the way to it, failed rather than the question. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return NETWORK.includes(code) || TRANSIENT.some((start) => code.startsWith(start)) || ENDED.test(error.message);
}

/** Whether one SQL transaction was rolled back in favour of another one. */
export function wasRolledBack(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "40P01" || error.code === "40001");
}
