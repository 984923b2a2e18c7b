import { createServer, type IncomingHttpHeaders } from "node:http";

/** What a node answers: a result or an error in JSON-RPC, a status with any text, a dropped connection, or nothing ever. */
export type NodeAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message?: string; readonly data?: unknown } }
  | { readonly status: number; readonly text?: string }
  | "drop"
  | "silence";

export interface Asked {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly headers: IncomingHttpHeaders;
}

/** A JSON-RPC node that answers as it is told to and remembers what it was asked. */
export interface TinyNode {
  readonly url: string;
  readonly asked: Asked[];
  answer: (method: string, params: readonly unknown[]) => NodeAnswer;
  /** The methods that it was asked since the last time. */
  take(): string[];
  stop(): Promise<void>;
}

export async function startTinyNode(answer: TinyNode["answer"]): Promise<TinyNode> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(Buffer.concat(parts).toString()) as Asked & { readonly id: number };
      node.asked.push({ method, params, headers: request.headers });
      const answered = node.answer(method, params);
      if (answered === "silence") return;
      if (answered === "drop") request.socket.destroy();
      else if ("status" in answered) response.writeHead(answered.status).end(answered.text);
      else {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answered }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const node: TinyNode = {
    ...{ url: `http://127.0.0.1:${address.port}`, asked: [], answer },
    take: () => node.asked.splice(0).map(({ method }) => method),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return node;
}
