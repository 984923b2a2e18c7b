import { Interface } from "ethers";

import { IEscrow__factory } from "../../typechain-types/factories/contracts/interfaces/IEscrow__factory.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import type { Movement } from "../movement.ts";
import { type ChainLog, createEventReader } from "./chain-log.ts";
import { type FollowedContracts, MovementTrail } from "./movement-trail.ts";

const readLedger = createEventReader(Ledger__factory.createInterface());
const readGateway = createEventReader(new Interface(IGateway__factory.abi));
const readEscrow = createEventReader(new Interface(IEscrow__factory.abi));
const readExchange = createEventReader(new Interface(IExchange__factory.abi));
const SETTLED = Ledger__factory.createInterface().getEvent("Settled").topicHash;

/** Pure: every change of every account that the logs tell, in their order. @param logs Whole transactions. */
export function readMovements(logs: readonly ChainLog[], contracts: FollowedContracts): Movement[] {
  const movements: Movement[] = [];
  let trail: MovementTrail | undefined;
  for (const log of logs) {
    if (trail?.transactionHash !== log.transactionHash) {
      if (trail !== undefined) movements.push(...trail.finish());
      trail = new MovementTrail(log.transactionHash, contracts);
    }
    follow(trail, log, contracts);
  }
  if (trail !== undefined) movements.push(...trail.finish());
  return movements;
}

function follow(trail: MovementTrail, log: ChainLog, { ledger, gateway, escrow, exchange }: FollowedContracts): void {
  switch (log.address) {
    case ledger:
      // Nearly all logs are of this kind, and are read without the decoder.
      if (log.topics[0] === SETTLED) trail.onSettled(log);
      else trail.onLedger(log, readLedger(log));
      break;
    case gateway:
      if (log.topics[0] === SETTLED) trail.onPulled(log);
      else trail.onGateway(log, readGateway(log));
      break;
    case escrow:
      trail.onEscrow(readEscrow(log));
      break;
    case exchange:
      trail.onExchange(readExchange(log));
      break;
    default:
  }
}
