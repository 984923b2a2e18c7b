/** One JSON-RPC call. @throws RpcError */
export type RpcCall = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** `refused` carries the node's own code; a `range_too_large` may go through in smaller steps. */
export type RpcFailure = "unreachable" | "refused" | "range_too_large" | "malformed";

export class RpcError extends Error {
  constructor(
    readonly failure: RpcFailure,
    message: string,
    /** The node's code of a refusal. */
    readonly code: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RpcError";
  }
}

export interface HttpRpcOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** How many calls travel in one request, at most. */
  readonly batchSize?: number;
  /** How many requests are under way at once, at most. By default one. */
  readonly concurrency?: number;
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A node over HTTP. Calls that are made together travel together, few at once, and by default one request at a time. */
export function httpRpc(url: string, options: HttpRpcOptions = {}): RpcCall {
  const { batchSize = 8, concurrency = 1, timeoutMs = 30_000 } = options;
  const queue: Waiting[] = [];
  let sending = 0;

  async function send(): Promise<void> {
    sending += 1;
    // What else is asked for in this turn travels along.
    await Promise.resolve();
    while (queue.length > 0) {
      const calls = queue.splice(0, batchSize);
      try {
        const answers = await post(url, calls, options.fetch ?? globalThis.fetch, timeoutMs);
        for (const [id, call] of calls.entries()) settle(call, answers.get(id));
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
    sending -= 1;
  }

  return (method, params) =>
    new Promise((resolve, reject) => {
      queue.push({ method, params, resolve, reject });
      if (sending < concurrency) void send();
    });
}

async function post(
  url: string,
  calls: readonly Waiting[],
  fetcher: typeof globalThis.fetch,
  timeoutMs: number,
): Promise<Map<number, Record<string, unknown>>> {
  const bodies = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
  const response = await fetcher(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(bodies.length === 1 ? bodies[0] : bodies),
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new RpcError("unreachable", "The node does not answer", null, { cause });
  });
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw new RpcError("unreachable", `The node answers with status ${response.status} and no JSON`, null, { cause });
  });
  const answers = new Map<number, Record<string, unknown>>();
  for (const answer of Array.isArray(body) ? (body as unknown[]) : [body]) {
    if (typeof answer !== "object" || answer === null) continue;
    const record = answer as Record<string, unknown>;
    // What is refused before it is read has no id: it is the answer to everything.
    if (typeof record.id === "number") answers.set(record.id, record);
    else for (const id of calls.keys()) answers.set(id, record);
  }
  return answers;
}

function settle({ method, resolve, reject }: Waiting, answer: Record<string, unknown> | undefined): void {
  if (answer === undefined) reject(new RpcError("malformed", `The node left ${method} without an answer`));
  else if (answer.error !== undefined && answer.error !== null) reject(refusal(method, answer.error));
  else if ("result" in answer) resolve(answer.result);
  else reject(new RpcError("malformed", `The node's answer to ${method} has no result`));
}

const RANGE = /range|too many|limit|exceed|more than|too large|response size|timed? ?out/i;

function refusal(method: string, error: unknown): RpcError {
  const { code, message } = typeof error === "object" ? (error as Record<string, unknown>) : {};
  const text = typeof message === "string" ? message : "no reason";
  const isRange = method === "eth_getLogs" && (code === -32_005 || RANGE.test(text));
  const failure = isRange ? "range_too_large" : "refused";
  return new RpcError(failure, `The node refuses ${method}: ${text}`, typeof code === "number" ? code : null);
}
