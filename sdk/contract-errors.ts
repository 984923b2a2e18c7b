import { dataLength, Interface } from "ethers";

import { Escrow__factory } from "../typechain-types/factories/contracts/schemes/Escrow__factory.ts";
import { IExchange__factory } from "../typechain-types/factories/contracts/interfaces/IExchange__factory.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = new Interface(Ledger__factory.abi);
const ESCROW = new Interface(Escrow__factory.abi);
const EXCHANGE = new Interface(IExchange__factory.abi);

export interface ContractError {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Decodes revert data of the Ledger into the error's name and arguments; `undefined` if it is none of its errors. */
export function decodeLedgerError(data: string): ContractError | undefined {
  return decode(LEDGER, data);
}

/** Decodes revert data of the Escrow, whose own errors or the Ledger's it may be. */
export function decodeEscrowError(data: string): ContractError | undefined {
  return decode(ESCROW, data) ?? decode(LEDGER, data);
}

/** Decodes revert data of the Exchange, whose own errors, the Escrow's or the Ledger's it may be. */
export function decodeExchangeError(data: string): ContractError | undefined {
  return decode(EXCHANGE, data) ?? decodeEscrowError(data);
}

function decode(abi: Interface, data: string): ContractError | undefined {
  // A revert without data (out of gas) is no error of anyone's; ethers would throw on it.
  if (dataLength(data) < 4) return undefined;
  const parsed = abi.parseError(data);
  if (parsed === null) return undefined;
  return { name: parsed.name, args: parsed.args.toObject() as Record<string, unknown> };
}
