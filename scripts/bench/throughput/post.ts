import { Agent, request } from "node:http";

import type { SignedRequest } from "./sign.ts";

/** When the relayer answered that it has a payment, by the payment's id. {ms of `performance.now`} */
export interface Posted {
  readonly acceptedAt: ReadonlyMap<string, number>;
  /** How long each request took. {ms} */
  readonly times: readonly number[];
  /** Requests that were not accepted, by answer. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Clients that wait for an answer at the same time. */
const AT_ONCE = 128;
/** After this the request counts as refused. */
const TRIES = 20;

/** Posts all requests over HTTP to relayers in turn, a bounded number at a time, each again while the relayer says that it is to come later. */
export async function postAll(urls: readonly string[], requests: readonly SignedRequest[]): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const acceptedAt = new Map<string, number>();
  const times: number[] = [];
  const refused = new Map<string, number>();
  let next = 0;

  async function client(target: URL): Promise<void> {
    for (;;) {
      const item = requests[next];
      next += 1;
      if (item === undefined) return;
      const started = performance.now();
      const answer = await postUntilTaken(target, item);
      const now = performance.now();
      times.push(now - started);
      if (answer === "202" || answer === "200") acceptedAt.set(item.id, now);
      else refused.set(answer, (refused.get(answer) ?? 0) + 1);
    }
  }

  async function postUntilTaken(target: URL, { body }: SignedRequest): Promise<string> {
    let answer = { status: "0", retryAfterMs: 0 };
    for (let tries = 0; tries < TRIES; tries += 1) {
      answer = await post(target, agent, body);
      if (answer.status !== "503" && answer.status !== "429") break;
      await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs));
    }
    return answer.status;
  }

  const each = Math.ceil(AT_ONCE / urls.length);
  const targets = urls.map((url) => new URL("/v1/payments", url));
  await Promise.all(targets.flatMap((target) => Array.from({ length: each }, () => client(target))));
  agent.destroy();
  return { acceptedAt, times, refused };
}

function post(target: URL, agent: Agent, body: Buffer): Promise<{ status: string; retryAfterMs: number }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const sent = request(target, { agent, method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => {
        const retryAfterMs = 1_000 * Number(response.headers["retry-after"] ?? 1);
        resolve({ status: String(response.statusCode), retryAfterMs });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
