import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";

/** A call within a transaction, and the calls that it made in turn, without those that failed. */
export interface CallFrame {
  readonly from: string;
  readonly to: string | null;
  readonly input: string;
  readonly calls: readonly CallFrame[];
}

/** How a transaction called what it called; null from a node that keeps no traces. @throws RpcError if it cannot be reached */
export async function readCallFrames(rpc: RpcCall, hash: string): Promise<CallFrame | null> {
  try {
    return frameOf(await rpc("debug_traceTransaction", [hash, { tracer: "callTracer" }]));
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return null;
    throw error;
  }
}

function frameOf(value: unknown): CallFrame | null {
  if (typeof value !== "object" || value === null) return null;
  const { from, to, input, calls, error, type } = value as Record<string, unknown>;
  if (error !== undefined || typeof from !== "string" || typeof input !== "string") return null;
  const inner = Array.isArray(calls) ? (calls as unknown[]).map(frameOf) : [];
  // A delegate call runs another's code in the caller's name: whom it calls, counts.
  const isOwn = type !== "DELEGATECALL" && type !== "CALLCODE" && typeof to === "string";
  return {
    ...{ from: from.toLowerCase(), to: isOwn ? to.toLowerCase() : null, input },
    calls: inner.filter((frame) => frame !== null),
  };
}
