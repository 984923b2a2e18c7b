import { Interface, type ParamType, Result } from "ethers";

import { IEscrow__factory } from "../../typechain-types/factories/contracts/interfaces/IEscrow__factory.ts";
import { IExchange__factory } from "../../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { IGateway__factory } from "../../typechain-types/factories/contracts/interfaces/IGateway__factory.ts";
import { ILedger__factory } from "../../typechain-types/factories/contracts/interfaces/ILedger__factory.ts";
import { IX402Settler__factory } from "../../typechain-types/factories/contracts/interfaces/IX402Settler__factory.ts";
import { type ContractName, nameOf, type RecordContracts } from "./contracts.ts";
import type { ChainLog } from "./rpc-answers.ts";

/** Addresses and bytes in hex, whole numbers as `bigint`; structs by their members' names. */
export type FieldValue = string | bigint | boolean | readonly FieldValue[] | { readonly [name: string]: FieldValue };

/** An event of one of the contracts, and where it stands. */
export interface RecordStep {
  readonly contract: ContractName;
  /** As the contract's interface names it. */
  readonly event: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  /** Unix seconds, of the block. */
  readonly timestamp: number;
}

export const INTERFACES: Readonly<Record<ContractName, Interface>> = {
  ledger: new Interface(ILedger__factory.abi),
  escrow: new Interface(IEscrow__factory.abi),
  gateway: new Interface(IGateway__factory.abi),
  exchange: new Interface(IExchange__factory.abi),
  x402: new Interface(IX402Settler__factory.abi),
};

/** `undefined` of an event that is in none of the contracts' interfaces. Never throws. */
export function decodeStep(contracts: RecordContracts, log: ChainLog, timestamp: number): RecordStep | undefined {
  const contract = nameOf(contracts, log.address);
  if (contract === undefined) return undefined;
  try {
    const parsed = INTERFACES[contract].parseLog(log);
    if (parsed === null) return undefined;
    const fields = Object.fromEntries(
      parsed.fragment.inputs.map((input, index) => [input.name, plain(parsed.args[index], input)]),
    );
    const { blockNumber, blockHash, transactionHash, logIndex } = log;
    const event = parsed.name;
    return { contract, event, fields, blockNumber, blockHash, transactionHash, logIndex, timestamp };
  } catch {
    return undefined;
  }
}

/** The field's value as it is expected. @throws TypeError if the interface has none such. */
export function wholeField({ event, fields }: RecordStep, name: string): bigint {
  const value = fields[name];
  if (typeof value !== "bigint") throw new TypeError(`${event} has no whole number ${name}`);
  return value;
}

/** @throws TypeError if the interface has none such. */
export function textField({ event, fields }: RecordStep, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new TypeError(`${event} has no text ${name}`);
  return value;
}

function plain(value: unknown, type: ParamType): FieldValue {
  if (!(value instanceof Result)) return value as FieldValue;
  const { arrayChildren, components } = type;
  if (arrayChildren !== null) return value.toArray().map((item) => plain(item, arrayChildren));
  return Object.fromEntries((components ?? []).map((member, index) => [member.name, plain(value[index], member)]));
}
