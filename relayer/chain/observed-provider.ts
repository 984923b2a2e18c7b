import { JsonRpcProvider, type JsonRpcError, type JsonRpcPayload, type JsonRpcResult } from "ethers";

import { annotate, ATTRIBUTES, traced } from "../tracing.ts";

/** The node did not answer, or not in JSON-RPC; or its answer was an error. */
export type RpcFailure = "no_answer" | "error";

export interface RpcObserver {
  onFailure(method: string, failure: RpcFailure): void;
}

/** Calls that revert, as they may, and say so by an error. */
const TRIALS = ["eth_call", "eth_estimateGas"];
/** Geth's code and those who follow it; Nethermind's. */
const REVERTED = [3, -32_015];

/** A connection to a node that tells what went wrong on it. Answers are not cached: a cached answer is a wrong one here. */
export class ObservedProvider extends JsonRpcProvider {
  constructor(
    url: string,
    private readonly observer: RpcObserver,
  ) {
    super(url, undefined, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const asked = Array.isArray(payload) ? payload : [payload];
    let answers: JsonRpcResult[];
    try {
      answers = await super._send(payload);
    } catch (error) {
      for (const { method } of asked) this.observer.onFailure(method, "no_answer");
      throw error;
    }
    // The base class declares results only; it hands out errors as well.
    for (const answer of answers as (JsonRpcResult | JsonRpcError)[]) {
      if (!("error" in answer)) continue;
      const method = asked.find(({ id }) => id === answer.id)?.method ?? "unknown";
      if (!isRevert(method, answer)) this.observer.onFailure(method, "error");
    }
    return answers;
  }

  override async send(method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> {
    if (method !== "eth_sendRawTransaction") return super.send(method, params);
    return traced("lane.broadcast", {}, async () => {
      const hash: unknown = await super.send(method, params);
      annotate({ [ATTRIBUTES.transaction]: String(hash) });
      return hash;
    });
  }
}

function isRevert(method: string, { error }: JsonRpcError): boolean {
  return TRIALS.includes(method) && (REVERTED.includes(error.code) || error.data !== undefined);
}
