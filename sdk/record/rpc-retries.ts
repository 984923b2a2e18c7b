import { type RpcCall, RpcError } from "./rpc.ts";

export interface RetryOptions {
  /** How often a call is made, at most. By default 5. */
  readonly attempts?: number;
  /** How long the first pause is; each next one is twice as long. By default 250. */
  readonly pauseMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

/** What nodes say when they are asked for too much at once: EIP-1474's "limit exceeded", and HTTP's 429 in a JSON body. */
const TOO_MANY = [-32_005, 429];

/**
 * The same node, asked again after a pause where it did not answer or was asked too often. What it refuses for good, it refuses at
 * once. Only for calls that change nothing.
 */
export function retryingRpc(rpc: RpcCall, options: RetryOptions = {}): RpcCall {
  const { attempts = 5, pauseMs = 250, wait = sleep } = options;
  return async (method, params) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await rpc(method, params);
      } catch (error) {
        if (attempt >= attempts || !mayPass(error)) throw error;
        await wait(pauseMs * 2 ** (attempt - 1));
      }
    }
  };
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof RpcError)) return false;
  return error.failure === "unreachable" || (error.failure === "refused" && TOO_MANY.includes(error.code ?? 0));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
