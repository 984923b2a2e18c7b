import { JsonRpcProvider, type JsonRpcPayload, type JsonRpcResult, type JsonRpcError } from "ethers";
import type { Logger } from "pino";

import { AppError } from "../app-error.ts";

/** How a node is doing, as its answers say. */
export interface EndpointHealth {
  /** Without credentials and path. */
  readonly origin: string;
  readonly state: "up" | "down" | "lagging" | "other_chain";
  /** Its newest block when it was asked last. */
  readonly head: number | undefined;
}

/** The node did not answer, or not in JSON-RPC; or its answer was an error. */
export type RpcFailure = "no_answer" | "error";

export interface RpcObserver {
  onFailure(method: string, failure: RpcFailure): void;
}

/** Calls that revert, as they may, and say so by an error. */
const TRIALS = ["eth_call", "eth_estimateGas"];
/** Geth's code and those who follow it; Nethermind's. */
const REVERTED = [3, -32_015];

interface Endpoint {
  readonly origin: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  head: number | undefined;
  failures: number;
  /** {ms} of `Date.now`: not asked before, unless there is no other. */
  downUntil: number;
  /** Its chain id was asked and is the right one. */
  isChecked: boolean;
  isOtherChain: boolean;
}

type Answer = JsonRpcResult | JsonRpcError;

const TIMEOUT_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Blocks that a node may be behind the others before it is asked last. */
const MAX_LAG = 3;

/**
 * Several nodes of one chain as one provider. Questions go to one of them, as long as it answers, so that they see one
 * history; a node that fails, lags, or is of another chain is passed over. Transactions go to all of them.
 */
export class EndpointsProvider extends JsonRpcProvider {
  readonly #endpoints: readonly Endpoint[];
  readonly #log: Logger | undefined;
  #chainId: bigint | undefined;
  #preferred = 0;

  readonly #observer: RpcObserver | undefined;

  constructor(urls: readonly string[], observer?: RpcObserver, log?: Logger) {
    // Nothing is cached, as a cached answer is a wrong one here; nothing is put together, as one failure is not another's.
    super(urls[0], undefined, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
    this.#log = log;
    this.#observer = observer;
    this.#endpoints = urls.map((url) => {
      const parsed = new URL(url);
      const { origin, username, password } = parsed;
      return {
        ...{ origin, ...withoutCredentials(url, username, password), head: undefined, failures: 0, downUntil: 0 },
        ...{ isChecked: false, isOtherChain: false },
      };
    });
  }

  /**
   * Asks every node for its chain's id; from then on a node of another chain is passed over.
   * @throws AppError `chain_unreachable` if none answers, `chain_mismatch` if they are of different chains.
   */
  async requireOneChain(): Promise<bigint> {
    const ids = (await this.sendToAll("eth_chainId", [])).map(({ value }) => BigInt(String(value)));
    const [first] = ids;
    if (first === undefined) {
      const origins = this.#endpoints.map(({ origin }) => origin).join(", ");
      throw new AppError("chain_unreachable", `No chain answers at ${origins}. See CORRIDOR_RPC_URL.`, {
        retriable: true,
      });
    }
    if (ids.some((id) => id !== first)) {
      throw new AppError("chain_mismatch", `The nodes are of the chains ${ids.join(", ")}. See CORRIDOR_RPC_URL.`);
    }
    this.#chainId = first;
    return first;
  }

  /** What every node answers that does; those of other chains are not asked. */
  async sendToAll(method: string, params: unknown[]): Promise<{ readonly origin: string; readonly value: unknown }[]> {
    const asked = this.#endpoints.filter(({ isOtherChain }) => !isOtherChain);
    const answers = await Promise.all(
      asked.map(async (endpoint) => {
        const answer = await this.#ask(endpoint, { id: 1, jsonrpc: "2.0", method, params }).catch(() => undefined);
        return answer === undefined || "error" in answer
          ? []
          : [{ origin: endpoint.origin, value: answer.result as unknown }];
      }),
    );
    return answers.flat();
  }

  /** How many nodes must say that something is not there before it is taken to be so. */
  get quorum(): number {
    return Math.floor(this.#endpoints.length / 2) + 1;
  }

  /** Looks how each node is doing. To be called every few seconds. */
  async checkHealth(): Promise<void> {
    await Promise.all(
      this.#endpoints.map(async (endpoint) => {
        if (endpoint.isOtherChain) endpoint.isChecked = false;
        const answer = await this.#ask(endpoint, {
          id: 1,
          jsonrpc: "2.0",
          method: "eth_blockNumber",
          params: [],
        }).catch(() => undefined);
        endpoint.head = answer === undefined || "error" in answer ? undefined : Number(answer.result);
      }),
    );
  }

  health(): EndpointHealth[] {
    return this.#endpoints.map((endpoint) => ({
      origin: endpoint.origin,
      state: endpoint.isOtherChain
        ? "other_chain"
        : endpoint.downUntil > Date.now()
          ? "down"
          : this.#isLagging(endpoint)
            ? "lagging"
            : "up",
      head: endpoint.head,
    }));
  }

  /** @returns results and errors alike: the base class tells them apart, though its type says results only. */
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const payloads = Array.isArray(payload) ? payload : [payload];
    const answers = await Promise.all(
      payloads.map((one) => (one.method === "eth_sendRawTransaction" ? this.#broadcast(one) : this.#askInTurn(one))),
    );
    return answers as JsonRpcResult[];
  }

  /**
   * Hands it to all nodes. Nobody waits for the others once one took it, nor for one that was down: a lane's transactions go
   * out one after another. @returns the first answer of a node that took it, else a refusal.
   */
  async #broadcast(payload: JsonRpcPayload): Promise<Answer> {
    const endpoints = this.#inOrder();
    const up = endpoints.filter(({ downUntil }) => downUntil <= Date.now()).length;
    const asked = endpoints.map((endpoint) => this.#ask(endpoint, payload));
    // In the order of rank, so those that are up stand first.
    const waitedFor = up === 0 ? asked : asked.slice(0, up);
    const others = Promise.allSettled(asked);
    const taken = await Promise.any(waitedFor.map(untilTaken)).catch(() => undefined);
    if (taken !== undefined) return taken;
    const some = await Promise.allSettled(waitedFor);
    const answers = some.some(({ status }) => status === "fulfilled") ? some : await others;
    const given = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    const answer = given.find((one) => !("error" in one)) ?? given[0];
    if (answer !== undefined) return answer;
    throw unreachable(answers.find((one) => one.status === "rejected")?.reason);
  }

  async #askInTurn(payload: JsonRpcPayload): Promise<Answer> {
    let failure: unknown;
    let refusal: Answer | undefined;
    for (const endpoint of this.#inOrder()) {
      try {
        const answer = await this.#ask(endpoint, payload);
        if (!isNodesFault(answer)) {
          this.#preferred = this.#endpoints.indexOf(endpoint);
          return answer;
        }
        refusal = answer;
        this.#failed(endpoint);
      } catch (error) {
        failure = error;
      }
    }
    if (refusal !== undefined) return refusal;
    throw unreachable(failure);
  }

  /** The preferred node first, those that are down or behind last, those of other chains not at all. */
  #inOrder(): Endpoint[] {
    const now = Date.now();
    const preferred = this.#endpoints[this.#preferred];
    const rank = (endpoint: Endpoint): number =>
      (endpoint.downUntil > now ? 4 : 0) + (this.#isLagging(endpoint) ? 2 : 0) + (endpoint === preferred ? 0 : 1);
    return this.#endpoints.filter(({ isOtherChain }) => !isOtherChain).sort((a, b) => rank(a) - rank(b));
  }

  #isLagging({ head }: Endpoint): boolean {
    const newest = Math.max(...this.#endpoints.map((endpoint) => endpoint.head ?? 0));
    return head !== undefined && newest - head > MAX_LAG;
  }

  /** @throws Error if the node does not answer, or is of another chain. */
  async #ask(endpoint: Endpoint, payload: JsonRpcPayload): Promise<Answer> {
    try {
      if (!endpoint.isChecked && this.#chainId !== undefined) await this.#checkChain(endpoint, this.#chainId);
      const answer = await post(endpoint, payload);
      if ("error" in answer && !isRevert(payload.method, answer)) this.#observer?.onFailure(payload.method, "error");
      endpoint.failures = 0;
      endpoint.downUntil = 0;
      return answer;
    } catch (error) {
      this.#observer?.onFailure(payload.method, "no_answer");
      this.#failed(endpoint);
      throw error;
    }
  }

  async #checkChain(endpoint: Endpoint, expected: bigint): Promise<void> {
    const answer = await post(endpoint, { id: 1, jsonrpc: "2.0", method: "eth_chainId", params: [] });
    if ("error" in answer) throw new Error("The node does not tell its chain's id");
    const isOther = BigInt(String(answer.result)) !== expected;
    if (isOther && !endpoint.isOtherChain) {
      this.#log?.error({ origin: endpoint.origin, expected, answered: String(answer.result) }, "node of another chain");
    }
    endpoint.isOtherChain = isOther;
    endpoint.isChecked = !isOther;
    if (isOther) throw new Error(`${endpoint.origin} is a node of another chain`);
  }

  /** Whoever failed is asked for its chain again before anything else: another node may stand behind the address. */
  #failed(endpoint: Endpoint): void {
    if (endpoint.downUntil <= Date.now()) this.#log?.debug({ origin: endpoint.origin }, "node failed");
    endpoint.downUntil = Date.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** endpoint.failures);
    endpoint.failures += 1;
    endpoint.isChecked = false;
  }
}

/** Credentials in a URL become a header, as `fetch` takes none in its URL. */
function withoutCredentials(text: string, username: string, password: string): Pick<Endpoint, "url" | "headers"> {
  const headers = { "content-type": "application/json" };
  if (username === "") return { url: text, headers };
  const url = new URL(text);
  url.username = "";
  url.password = "";
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
  return { url: url.href, headers: { ...headers, authorization } };
}

/** A node closes connections that were idle, and may do so just as one is used again. */
const CLOSED = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/** Asks once more if the connection broke, as whatever is asked of a node may be asked twice. */
async function request(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(url, { ...init, signal }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
    if (!CLOSED.includes(code)) throw error;
    return fetch(url, { ...init, signal });
  });
}

async function untilTaken(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  if ("error" in answer) throw new Error("The node did not take it");
  return answer;
}

async function post({ url, headers }: Endpoint, payload: JsonRpcPayload): Promise<Answer> {
  const body = JSON.stringify(payload);
  const response = await request(url, { method: "POST", headers, body });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The node answered ${response.status}`);
  }
  const answer = (await response.json()) as Answer | Answer[];
  const one: Answer | undefined = Array.isArray(answer) ? answer[0] : answer;
  if (one === undefined) throw new Error("No JSON-RPC answer");
  if ("error" in one) return { id: payload.id, error: one.error };
  if (!("result" in one)) throw new Error("No JSON-RPC answer");
  return { id: payload.id, result: one.result as unknown };
}

function isRevert(method: string, { error }: JsonRpcError): boolean {
  return TRIALS.includes(method) && (REVERTED.includes(error.code) || error.data !== undefined);
}

/** "Internal error" without the data of a revert, and limits: another node may do better. Their texts are no evidence. */
function isNodesFault(answer: Answer): boolean {
  if (!("error" in answer)) return false;
  const error: { readonly code: number; readonly data?: unknown } = answer.error;
  return (error.code === -32603 && error.data === undefined) || error.code === -32005 || error.code === 429;
}

function unreachable(cause: unknown): AppError {
  return new AppError("chain_unreachable", "No node answers.", { retriable: true, cause });
}
