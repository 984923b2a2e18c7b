import { getAddress, ZeroAddress } from "ethers";

import { type AccountView, type NetworkView, ProblemError } from "../../../sdk/client.ts";
import type { Withdrawal } from "../../../sdk/instructions.ts";
import { readAmount } from "../../parts/show-amount.ts";

/** How long the relayer may carry a signed withdrawal: after that nobody can, wherever it was lost. */
const GOOD_FOR_SECONDS = 3_600n;

/** What of an account nothing accepted will take. {qTok} */
export function availableOf({ balance, reserved }: Pick<AccountView, "balance" | "reserved">): bigint {
  const available = BigInt(balance) - BigInt(reserved);
  return available > 0n ? available : 0n;
}

export function isFrozen({ frozenUntil }: Pick<AccountView, "frozenUntil">, now: bigint): boolean {
  return BigInt(frozenUntil) > now;
}

/** {qTok} what the relayer keeps of a withdrawal. */
export function withdrawalFeeOf({ withdrawalFees }: Pick<NetworkView, "withdrawalFees">, token: string): bigint {
  const found = Object.entries(withdrawalFees).find(([of]) => of.toLowerCase() === token.toLowerCase());
  return BigInt(found?.[1] ?? "0");
}

export type RecipientFault = "malformed" | "checksum" | "contract";

/** Where money would be lost: nobody can take it out of these again. */
type Contracts = Pick<NetworkView, "ledger" | "escrow" | "gateway" | "exchange" | "tokens">;

/** An address as somebody typed or pasted it. In capitals and small letters mixed, its checksum has to fit. */
export function readRecipient(
  text: string,
  { ledger, escrow, gateway, exchange, tokens }: Contracts,
): { readonly address: string } | { readonly fault: RecipientFault } {
  const trimmed = text.trim();
  if (!/^0x[0-9a-fA-F]{40}$/.test(trimmed)) return { fault: "malformed" };
  let address: string;
  try {
    address = getAddress(trimmed);
  } catch {
    return { fault: "checksum" };
  }
  const nowhere = [ZeroAddress, ledger, escrow, gateway, exchange, ...tokens];
  if (nowhere.some((contract) => contract?.toLowerCase() === address.toLowerCase())) return { fault: "contract" };
  return { address };
}

export type AmountFault = "malformed" | "over_available" | "not_over_fee";

/** What is to leave the account, the relayer's fee included. */
export function readWithdrawalAmount(
  text: string,
  { available, fee, decimals }: { readonly available: bigint; readonly fee: bigint; readonly decimals: number },
): { readonly amount: bigint } | { readonly fault: AmountFault } {
  const amount = readAmount(text, decimals);
  if (amount === undefined) return { fault: "malformed" };
  if (amount > available) return { fault: "over_available" };
  return amount > fee ? { amount } : { fault: "not_over_fee" };
}

/** What is to be signed. @param now Unix seconds. */
export function composeWithdrawal(
  { owner, token, nextNonce }: Pick<AccountView, "owner" | "token" | "nextNonce">,
  {
    to,
    amount,
    fee,
    now,
  }: { readonly to: string; readonly amount: bigint; readonly fee: bigint; readonly now: bigint },
): Withdrawal {
  return { owner, token, to, amount, maxFee: fee, nonce: BigInt(nextNonce), deadline: now + GOOD_FOR_SECONDS };
}

/**
 * Whether the relayer has certainly not taken what was sent. Otherwise the very same signed message has to be sent again: another
 * one, with another nonce, could be paid beside it.
 */
export function isSurelyRefused(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500;
}
