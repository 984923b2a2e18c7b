import { getAddress, id as topicOf, Interface, type JsonRpcProvider, type Log, zeroPadValue } from "ethers";

import { authorizationNumber } from "../../sdk/gateway-typed-data.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import type { X402Terms } from "../x402-payment.ts";

const SETTLER = new Interface(IX402Settler__factory.abi);
const TRANSFER = topicOf("Transfer(address,address,uint256)");
const APPROVAL = topicOf("Approval(address,address,uint256)");
const AUTHORIZATION_USED = topicOf("AuthorizationUsed(address,bytes32)");
const PROXY_SETTLED = topicOf("Settled()");

/** Blocks asked for at once; providers bound the range of a log query. */
const RANGE = 500n;

/** The transfer that a payment's authorization was used for. */
export interface UsedFor {
  readonly transactionHash: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  /** Of the transfer, in its block: one transfer pays one payment. */
  readonly logIndex: number;
}

/** Looks on the chain for what became of authorizations that somebody else used. */
export interface X402Tracer {
  /** The transfer, in full and to the payee, since the block `from`; `undefined` if there is none. */
  findPayment(terms: X402Terms, from: bigint): Promise<UsedFor | undefined>;
  /** Whether the authorization is used or cancelled now. */
  isUsed(terms: X402Terms): Promise<boolean>;
}

export function createX402Tracer(
  provider: Pick<JsonRpcProvider, "getLogs" | "getBlockNumber" | "getTransaction" | "getTransactionReceipt" | "call">,
  settler: string,
  proxy: string,
): X402Tracer {
  async function logsOf(token: string, topics: (string | null)[], from: bigint): Promise<Log[]> {
    const head = BigInt(await provider.getBlockNumber());
    const found: Log[] = [];
    for (let start = from; start <= head; start += RANGE) {
      const end = start + RANGE - 1n < head ? start + RANGE - 1n : head;
      found.push(...(await provider.getLogs({ address: token, topics, fromBlock: start, toBlock: end })));
    }
    return found;
  }

  /** Of a transaction: its logs, and what it was called with. */
  async function read(hash: string): Promise<{ logs: readonly Log[]; data: string } | undefined> {
    const [receipt, transaction] = [await provider.getTransactionReceipt(hash), await provider.getTransaction(hash)];
    return receipt === null || transaction === null ? undefined : { logs: receipt.logs, data: transaction.data };
  }

  return {
    async findPayment(terms, from) {
      const topics =
        terms.kind === "erc3009"
          ? [AUTHORIZATION_USED, asTopic(terms.payer), terms.nonce]
          : [TRANSFER, asTopic(terms.payer), asTopic(terms.payee)];
      for (const log of await logsOf(terms.token, topics, from)) {
        const transaction = await read(log.transactionHash);
        if (transaction === undefined) continue;
        const transfer =
          terms.kind === "erc3009"
            ? transferAfter(transaction.logs, log, terms)
            : permittedTransfer(transaction, log, terms, { settler, proxy });
        if (transfer !== undefined) {
          const { transactionHash, blockNumber, blockHash, index } = transfer;
          return { transactionHash, blockNumber: BigInt(blockNumber), blockHash, logIndex: index };
        }
      }
      return undefined;
    },
    async isUsed({ kind, token, payer, nonce }) {
      const data = SETTLER.encodeFunctionData("isUsed", [authorizationNumber(kind), token, payer, nonce]);
      const answer = await provider.call({ to: settler, data });
      return SETTLER.decodeFunctionResult("isUsed", answer)[0] === true;
    },
  };
}

/**
 * Pure: the payment's transfer if it is what the token logged next after its `AuthorizationUsed`. Anywhere else in the
 * transaction it could be another authorization's.
 */
export function transferAfter(logs: readonly Log[], used: Log, terms: X402Terms): Log | undefined {
  const next = logs.find((log) => log.index > used.index && getAddress(log.address) === terms.token);
  return next !== undefined && isTransfer(next, terms) ? next : undefined;
}

/**
 * Pure: the transfer, if x402's proxy says after it that it settled something, in a transaction that was given the nonce.
 * The settler's own transactions do not count: what it settled, its own events say, and it is given the nonces of rows that
 * it refuses, too.
 */
export function permittedTransfer(
  transaction: { readonly logs: readonly Log[]; readonly data: string },
  transfer: Log,
  terms: X402Terms,
  { settler, proxy }: { readonly settler: string; readonly proxy: string },
): Log | undefined {
  const { logs, data } = transaction;
  if (!isTransfer(transfer, terms) || !data.toLowerCase().includes(terms.nonce.slice(2).toLowerCase()))
    return undefined;
  if (logs.some((log) => getAddress(log.address) === settler)) return undefined;
  // Some tokens log an approval, too.
  const next = logs.find((log) => log.index > transfer.index && log.topics[0] !== APPROVAL);
  const isSettled = next !== undefined && getAddress(next.address) === proxy && next.topics[0] === PROXY_SETTLED;
  return isSettled ? transfer : undefined;
}

function isTransfer(log: Log, { payer, payee, amount }: X402Terms): boolean {
  const [topic, from, to] = log.topics;
  const moved = topic === TRANSFER && from === asTopic(payer) && to === asTopic(payee);
  return moved && BigInt(log.data) === amount;
}

function asTopic(address: string): string {
  return zeroPadValue(address, 32).toLowerCase();
}
