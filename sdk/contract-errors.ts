import { Interface } from "ethers";

import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";

const LEDGER = new Interface(Ledger__factory.abi);

export interface ContractError {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Decodes revert data of the Ledger into the error's name and arguments; `undefined` if it is none of its errors. */
export function decodeLedgerError(data: string): ContractError | undefined {
  const parsed = LEDGER.parseError(data);
  if (parsed === null) return undefined;
  return { name: parsed.name, args: parsed.args.toObject() as Record<string, unknown> };
}
