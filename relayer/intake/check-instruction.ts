import { ZeroAddress } from "ethers";

import type { RowCode } from "../../sdk/row-codes.ts";
import {
  type DepositContent,
  type InstructionContent,
  ownerOf,
  type WithdrawalContent,
} from "../instruction-content.ts";
import type { AccountState } from "../store/chain.ts";
import { checkNonce } from "./check.ts";

/** Why a well-formed instruction is not accepted. Stable. */
export const INSTRUCTION_REFUSAL_CODES = [
  "not_served",
  "unknown_token",
  "invalid_payee",
  "invalid_device",
  "fee_too_low",
  "amount_out_of_range",
  "expired",
  "bad_signature",
  "account_frozen",
  "nonce_used",
  "nonce_stale",
  "nonce_conflict",
  "insufficient_balance",
  "authorization_used",
  "transfer_failed",
] as const;

export type InstructionRefusalCode = (typeof INSTRUCTION_REFUSAL_CODES)[number];

export interface InstructionRefusal {
  readonly code: InstructionRefusalCode;
  readonly field: string;
  readonly expected: string;
  /** The payment or instruction that holds the nonce, where that is the reason. */
  readonly paymentId?: string;
  readonly instructionId?: string;
}

export interface InstructionContext {
  readonly ledger: string;
  readonly tokens: ReadonlySet<string>;
  /** What a withdrawal costs, by token. */
  readonly withdrawalFees: ReadonlyMap<string, bigint>;
  /** Unix seconds: the later of this machine's clock and the chain's. */
  readonly now: bigint;
}

/** The contract's own conditions, in its order, as far as the instruction itself shows them. */
export function checkInstruction(
  content: InstructionContent,
  context: InstructionContext,
): InstructionRefusal | undefined {
  if (!context.tokens.has(content.token)) {
    return { code: "unknown_token", field: "token", expected: `one of ${[...context.tokens].join(", ")}` };
  }
  return checkParties(content, context) ?? checkDeadline(content, context.now);
}

function checkParties(content: InstructionContent, context: InstructionContext): InstructionRefusal | undefined {
  const nowhere = [ZeroAddress, context.ledger];
  switch (content.kind) {
    case "withdrawal":
      if (nowhere.includes(content.to)) {
        return { code: "invalid_payee", field: "to", expected: "an address that can hold the token" };
      }
      return checkFee(content, withdrawalFee(content, context));
    case "device-binding":
      if (content.key !== ZeroAddress && content.key !== content.owner) return undefined;
      return { code: "invalid_device", field: "key", expected: "a key other than zero and the owner's own" };
    case "deposit":
      return checkCredited(content, nowhere);
    case "cancellation":
    case "agreement":
    case "approval":
    case "device-revocation":
      return undefined;
  }
}

/** {qTok} what the relayer keeps of a withdrawal. */
export function withdrawalFee(content: WithdrawalContent, context: InstructionContext): bigint {
  return context.withdrawalFees.get(content.token) ?? 0n;
}

function checkFee(content: WithdrawalContent, fee: bigint): InstructionRefusal | undefined {
  if (BigInt(content.maxFee) < fee) {
    return { code: "fee_too_low", field: "maxFee", expected: `at least ${fee}, the fee of a withdrawal` };
  }
  if (BigInt(content.amount) <= fee) {
    return { code: "amount_out_of_range", field: "amount", expected: `more than ${fee}, the fee of a withdrawal` };
  }
  return undefined;
}

function checkCredited(content: DepositContent, nowhere: readonly string[]): InstructionRefusal | undefined {
  if (content.authorization === "erc2612" && content.owner !== content.from) {
    // A permit names no purpose, so the contract credits nobody else by it.
    return { code: "invalid_payee", field: "owner", expected: `${content.from}, who signs the permit` };
  }
  if (!nowhere.includes(content.owner)) return undefined;
  return { code: "invalid_payee", field: "owner", expected: "an account that can take its money out again" };
}

function checkDeadline(content: InstructionContent, now: bigint): InstructionRefusal | undefined {
  if (BigInt(content.deadline) >= now) return undefined;
  return { code: "expired", field: "deadline", expected: `${now} or later` };
}

/** What the owner's account says. @param content Of an instruction to the Ledger. */
export function checkInstructionAccount(
  content: Exclude<InstructionContent, DepositContent>,
  account: AccountState,
  now: bigint,
): InstructionRefusal | undefined {
  const takes = content.kind === "withdrawal" ? BigInt(content.amount) : undefined;
  if (takes !== undefined && now < account.frozenUntil) {
    return {
      code: "account_frozen",
      field: "owner",
      expected: `an account that is not frozen (until ${account.frozenUntil})`,
    };
  }
  const nonce = checkNonce(BigInt(content.nonce), account);
  if (nonce !== undefined) return { code: nonce.code, field: "nonce", expected: nonce.expected };
  const available = account.balance - account.reserved;
  if (takes === undefined || takes <= available) return undefined;
  return {
    code: "insufficient_balance",
    field: "amount",
    expected: `at most ${available > 0n ? available : 0n}, which the account holds beside what it has promised`,
  };
}

/**
 * A nonce is held by one thing at a time. But a cancellation is there to take it from what holds it: then the chain says
 * which of them was first.
 */
export function checkNonceHolders(
  content: InstructionContent,
  holders: { readonly paymentId: string | undefined; readonly instructionId: string | undefined },
): InstructionRefusal | undefined {
  if (content.kind === "cancellation" || content.kind === "deposit") return undefined;
  const { paymentId, instructionId } = holders;
  if (paymentId === undefined && instructionId === undefined) return undefined;
  return {
    code: "nonce_conflict",
    field: "nonce",
    expected: "a nonce that nothing else of this account holds",
    ...(paymentId === undefined ? {} : { paymentId }),
    ...(instructionId === undefined ? {} : { instructionId }),
  };
}

export function badSignature(content: InstructionContent, id: string): InstructionRefusal {
  return {
    code: "bad_signature",
    field: "signature",
    expected: `the signature of ${ownerOf(content)} over this ${content.kind}, for this chain and Ledger (digest ${id})`,
  };
}

/** Why the Gateway would not take a deposit now. */
export function depositRefusal(
  content: DepositContent,
  code: RowCode | "simulation_reverted",
): InstructionRefusal | undefined {
  switch (code) {
    case "settled":
      return undefined;
    case "invalid_payee":
      return { code, field: "owner", expected: "an account that can be credited" };
    case "expired":
      return { code, field: "deadline", expected: "a later one" };
    case "authorization_used":
      return { code, field: "nonce", expected: "an authorization that was neither used nor cancelled" };
    case "bad_signature":
      return { code, field: "signature", expected: `the signature of ${content.from} over the token's authorization` };
    case "transfer_failed":
    case "simulation_reverted":
    case "none":
    case "zero_amount":
    case "nonce_used":
    case "nonce_stale":
    case "nonce_too_high":
    case "frozen":
    case "insufficient_balance":
    case "fee_too_high":
    case "invalid_terms":
    case "amount_too_high":
    case "wrong_status":
    case "too_early":
    case "too_late":
    case "device_inactive":
    case "over_device_limit":
    case "payee_not_allowed":
    case "bad_quote":
    case "quote_expired":
    case "quote_cancelled":
    case "quote_exhausted":
    case "ceiling_too_low":
    case "maker_short":
    case "outside_guard":
    case "stale_feed":
      return {
        code: "transfer_failed",
        field: "signature",
        expected: `the signature of ${content.from} over an authorization (${content.authorization}) that the token takes now, and the tokens`,
      };
  }
}
