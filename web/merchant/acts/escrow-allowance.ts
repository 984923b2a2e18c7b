import { Interface } from "ethers";

import { client } from "../../app/client.ts";
import type { InstructionView, NetworkView } from "../../../sdk/client.ts";
import { MAX_ALLOWANCE, signInstruction } from "../../../sdk/instructions.ts";
import { askNode } from "../../chain/ask-node.ts";
import type { Wallet } from "../../wallets/wallet.ts";

const LEDGER = new Interface([
  "function allowance(address owner, address spender, uint256 id) view returns (uint256)",
  "function isOperator(address owner, address spender) view returns (bool)",
]);

const APPROVAL_SECONDS = 3_600;

/** What the Escrow may take out of an account, by the chain. @returns undefined if there is no node to ask. */
export async function escrowAllowance(network: NetworkView, owner: string, token: string): Promise<bigint | undefined> {
  const { rpcUrl, ledger, escrow } = network;
  if (rpcUrl === null || escrow === null) return undefined;
  const ask = (data: string) => askNode<string>(rpcUrl, "eth_call", [{ to: ledger, data }, "latest"]);
  const [isOperator, allowance] = await Promise.all([
    ask(LEDGER.encodeFunctionData("isOperator", [owner, escrow])),
    ask(LEDGER.encodeFunctionData("allowance", [owner, escrow, BigInt(token)])),
  ]);
  return BigInt(isOperator) === 1n ? MAX_ALLOWANCE : BigInt(allowance);
}

/** Lets the Escrow take `amount` in all, and waits until the chain knows. @throws WalletError, ProblemError */
export async function approveEscrow(
  wallet: Wallet,
  network: NetworkView,
  token: string,
  amount: bigint,
): Promise<InstructionView> {
  if (network.escrow === null) throw new Error("No holds are served here");
  const { nextNonce } = await client.account(wallet.address, token);
  const message = {
    ...{ owner: wallet.address, spender: network.escrow, token, amount, nonce: BigInt(nextNonce) },
    deadline: BigInt(Math.floor(Date.now() / 1_000) + APPROVAL_SECONDS),
  };
  const domain = { chainId: BigInt(network.chainId), ledger: network.ledger };
  const { id } = await client.submitInstruction(
    "approval",
    message,
    await signInstruction(wallet, domain, "approval", message),
  );
  return client.instructionDecided(id);
}
