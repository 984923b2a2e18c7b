/** A node that refused, or did not answer. */
export class NodeError extends Error {
  constructor(
    readonly code: number | "unreachable",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "NodeError";
  }
}

/** One JSON-RPC call. @throws NodeError */
export async function askNode<T>(rpcUrl: string, method: string, params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    credentials: "omit",
    referrerPolicy: "no-referrer",
  }).catch((cause: unknown) => {
    throw new NodeError("unreachable", `${rpcUrl} does not answer`, { cause });
  });
  const answer = (await response.json().catch(() => ({}))) as {
    readonly result?: T;
    readonly error?: { readonly code: number; readonly message: string };
  };
  if (answer.error !== undefined) throw new NodeError(answer.error.code, answer.error.message);
  if (!("result" in answer)) throw new NodeError("unreachable", `${rpcUrl} answered with status ${response.status}`);
  return answer.result;
}
