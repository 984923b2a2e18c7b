import { Interface } from "ethers";

import { ILedger__factory } from "../../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { auditAccounts } from "../../../sdk/record/accounts.ts";
import { readLogs } from "../../../sdk/record/chain-logs.ts";
import { type BlockHeader, callContract } from "../../../sdk/record/rpc-answers.ts";
import type { RpcCall } from "../../../sdk/record/rpc.ts";
import type { Source } from "../node/source.ts";
import type { Reading } from "../node/use-chain-read.ts";
import { type AccountPayment, accountPayments, PAYMENT_EVENTS } from "./account-payments.ts";

const LEDGER = new Interface(ILedger__factory.abi);

export interface AccountBalance {
  readonly token: string;
  /** What the events come to. */
  readonly rebuilt: bigint;
  /** What the Ledger says at the same block. */
  readonly told: bigint;
}

export interface AccountRecord {
  readonly fromBlock: number;
  readonly end: BlockHeader;
  readonly balances: readonly AccountBalance[];
  readonly payments: readonly AccountPayment[];
}

/** An account's balances by the events and by the contract, and its payments. @throws RpcError; RecordError */
export async function readAccount(
  rpc: RpcCall,
  { contracts, fromBlock }: Source,
  address: string,
  reading: Reading,
): Promise<AccountRecord> {
  const { end, tokens } = await auditAccounts(rpc, contracts, { fromBlock, ...reading });
  const balances = await Promise.all(
    tokens.map(async ({ token, accounts }) => {
      const question = LEDGER.encodeFunctionData("balanceOf", [address, BigInt(token)]);
      const answer = await callContract(rpc, contracts.ledger, question, end.number);
      const told = LEDGER.decodeFunctionResult("balanceOf", answer)[0] as bigint;
      const own = accounts.find(({ owner }) => owner.toLowerCase() === address.toLowerCase());
      return { token, rebuilt: own?.balance ?? 0n, told };
    }),
  );
  const { ledger, gateway } = contracts;
  const filter = { address: gateway === null ? [ledger] : [ledger, gateway], topics: [PAYMENT_EVENTS] };
  const logs = await readLogs(rpc, filter, fromBlock, end, reading);
  return { fromBlock, end, balances, payments: accountPayments(logs, contracts, address) };
}
