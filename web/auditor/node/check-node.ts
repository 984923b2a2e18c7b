import { httpRpc, RpcError } from "../../../sdk/record/rpc.ts";

/** `silent`: it does not answer, or does not answer to browsers, which look the same from here. */
export type NodeAnswer =
  | { readonly kind: "good" }
  | { readonly kind: "silent" }
  | { readonly kind: "no_node" }
  | { readonly kind: "other_chain"; readonly chainId: string };

/** Whether a node speaks for the chain. */
export async function checkNode(rpcUrl: string, chainId: bigint): Promise<NodeAnswer> {
  try {
    const answer = await httpRpc(rpcUrl, { timeoutMs: 10_000 })("eth_chainId", []);
    if (typeof answer !== "string" || !/^0x[0-9a-f]+$/i.test(answer)) return { kind: "no_node" };
    return BigInt(answer) === chainId ? { kind: "good" } : { kind: "other_chain", chainId: String(BigInt(answer)) };
  } catch (error) {
    return { kind: error instanceof RpcError && error.failure === "unreachable" ? "silent" : "no_node" };
  }
}
