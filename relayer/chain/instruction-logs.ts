import { Interface } from "ethers";

import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { type ChainLog, createEventReader } from "./chain-log.ts";

const LEDGER = new Interface(Ledger__factory.abi);
const readLedgerEvent = createEventReader(LEDGER);
const readGatewayEvent = createEventReader(new Interface(IGateway__factory.abi));
const SETTLED = LEDGER.getEvent("Settled")?.topicHash;

interface Happened {
  readonly id: string;
  readonly transactionHash: string;
  readonly blockNumber: bigint;
}

/** What the logs of Ledger and Gateway say about instructions. */
export interface InstructionLogs {
  /** Nonces of accounts that were used by messages other than payments, or cancelled (`id` is zero then). */
  readonly nonces: readonly (Happened & { readonly owner: string; readonly token: string; readonly nonce: bigint })[];
  /** Withdrawals and deposits that took effect. */
  readonly effects: readonly Happened[];
}

/** Pure: what the logs say, in their order. @param gateway Where deposits are logged, if they are served. */
export function readInstructionLogs(logs: readonly ChainLog[], gateway: string | undefined): InstructionLogs {
  const nonces: InstructionLogs["nonces"][number][] = [];
  const effects: Happened[] = [];
  for (const log of logs) {
    // Nearly all logs are payments.
    if (log.topics[0] === SETTLED) continue;
    const ofGateway = log.address === gateway;
    const event = (ofGateway ? readGatewayEvent : readLedgerEvent)(log);
    if (event === undefined) continue;
    const args = event.args.toObject() as Record<string, unknown>;
    const place = { transactionHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
    const happened = { id: String(args.id), ...place };
    if (event.name === "NonceUsed") {
      const [owner, token] = [String(args.owner), String(args.token)];
      nonces.push({ ...happened, owner, token, nonce: args.nonce as bigint });
    }
    if (event.name === "Withdrawn" || (ofGateway && event.name === "Deposited")) effects.push(happened);
  }
  return { nonces, effects };
}
