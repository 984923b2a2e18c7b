import { Interface } from "ethers";

import { askNode } from "../chain/ask-node.ts";

const CALLS = new Interface([
  "function mint(address to, uint256 amount)",
  "function approve(address spender, uint256 amount)",
  "function deposit(address token, address owner, uint256 amount)",
]);

/** Gives test money of a local chain into an account of the Ledger. Resolves when it is there. @param amount Smallest units. */
export async function giveTestMoney(
  chain: { readonly rpcUrl: string; readonly bank: string; readonly ledger: string },
  owner: string,
  token: string,
  amount: bigint,
): Promise<void> {
  const steps = [
    { to: token, data: CALLS.encodeFunctionData("mint", [chain.bank, amount]) },
    { to: token, data: CALLS.encodeFunctionData("approve", [chain.ledger, amount]) },
    { to: chain.ledger, data: CALLS.encodeFunctionData("deposit", [token, owner, amount]) },
  ];
  for (const { to, data } of steps) {
    await askNode<string>(chain.rpcUrl, "eth_sendTransaction", [{ from: chain.bank, to, data }]);
  }
}
