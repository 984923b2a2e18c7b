import { Contract, type JsonRpcProvider, ZeroAddress } from "ethers";

import type { Ledger } from "../../typechain-types/contracts/Ledger.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { AppError } from "../app-error.ts";
import { inTime } from "./timeout.ts";

/** A key that may pay from an account, as the Ledger has it now. */
export interface BoundDevice {
  readonly key: string;
  readonly expiry: bigint;
  readonly perPayment: bigint;
  readonly perDay: bigint;
  readonly spentToday: bigint;
  readonly anyPayee: boolean;
  readonly nextNonce: bigint;
}

export type ReadDevice = (owner: string, token: string, index: number) => Promise<BoundDevice | undefined>;

/** @throws AppError `chain_unavailable`, retriable, if the node does not answer. */
export function createDeviceView(provider: JsonRpcProvider, ledgerAddress: string): ReadDevice {
  const ledger = new Contract(ledgerAddress, Ledger__factory.abi, provider) as unknown as Ledger;
  return async (owner, token, index) => {
    try {
      const view = await inTime(ledger.deviceOf(owner, token, index));
      const { key, expiry, perPayment, perDay, spentToday, anyPayee, nextNonce } = view;
      if (key === ZeroAddress) return undefined;
      return { key, expiry, perPayment, perDay, spentToday, anyPayee, nextNonce };
    } catch (cause) {
      throw new AppError("chain_unavailable", "The chain could not be asked about a device.", {
        retriable: true,
        cause,
      });
    }
  };
}
