import { ZeroAddress } from "ethers";

import { splitNonce } from "../../sdk/device-nonce.ts";
import type { DeviceAtBlock } from "../device-state.ts";
import { takenBy } from "../store/payments.ts";
import { checkNonce, type Draft } from "./check.ts";
import type { Refusal } from "./refusal.ts";

const DAY = 86_400n;

/** What a device may still pay today (UTC), given what it had spent at a block of the time `asOf`. */
export function leftToday(device: DeviceAtBlock, asOf: bigint, now: bigint): bigint {
  const spent = now / DAY > asOf / DAY ? 0n : device.spentToday;
  return device.perDay > spent ? device.perDay - spent : 0n;
}

/** What a device's own state says, in the contract's order; what it has promised beside is not known here. */
export function checkDevice(draft: Draft, device: DeviceAtBlock, left: bigint, now: bigint): Refusal | undefined {
  const { index, sequence } = splitNonce(draft.nonce);
  if (device.key === ZeroAddress || device.expiry < now) {
    return {
      code: "device_inactive",
      field: "payment.nonce",
      expected: `0 or the index of a device that the payer bound, as the top byte; ${index} is none, or expired`,
    };
  }
  if (takenBy(draft) > device.perPayment) return overLimit(`at most ${device.perPayment}, the device's limit at once`);
  const refusal = checkLeft(draft, left);
  if (refusal !== undefined) return refusal;
  if (!device.mayPay) {
    return { code: "payee_not_allowed", field: "payment.payee", expected: "one of the device's payees" };
  }
  return checkNonce(sequence, device);
}

/** Whether the device may pay this much more today. */
export function checkLeft(draft: Draft, left: bigint): Refusal | undefined {
  if (takenBy(draft) <= left) return undefined;
  return overLimit(`at most ${left > 0n ? left : 0n}, which is left of what the device may pay a day`);
}

function overLimit(expected: string): Refusal {
  return { code: "over_device_limit", field: "payment.amount", expected };
}
