import { Contract, type JsonRpcProvider } from "ethers";

import type { Ledger } from "../../typechain-types/contracts/Ledger.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { AppError } from "../app-error.ts";
import type { AskDevice } from "../device-state.ts";
import { inTime } from "./timeout.ts";

/** @throws AppError `chain_unavailable`, retriable, if the node does not answer. */
export function createDeviceReader(provider: JsonRpcProvider, ledgerAddress: string): AskDevice {
  const ledger = new Contract(ledgerAddress, Ledger__factory.abi, provider) as unknown as Ledger;
  return async ({ owner, token, index, payee }, block) => {
    const at = { blockTag: Number(block) };
    try {
      const [view, mayPay] = await inTime(
        Promise.all([ledger.deviceOf(owner, token, index, at), ledger.isDevicePayee(owner, token, index, payee, at)]),
      );
      const { key, expiry, perPayment, perDay, spentToday, window, nextNonce } = view;
      return { key, expiry, perPayment, perDay, spentToday, window, nextNonce, mayPay };
    } catch (cause) {
      throw new AppError("chain_unavailable", "The chain could not be asked about a device.", {
        retriable: true,
        cause,
      });
    }
  };
}
