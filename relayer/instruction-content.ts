import { TypedDataEncoder } from "ethers";

import { type AuthorizationKind, depositId } from "../sdk/gateway-typed-data.ts";
import { type InstructionKind, LEDGER_MESSAGE_TYPES, type LedgerInstructionKind } from "../sdk/instructions.ts";
import { typedDataDomain } from "../sdk/typed-data.ts";

/** By what instructions travel: all those to the Ledger in one transaction, deposits in one of each kind. */
export type Carrier = "ledger" | AuthorizationKind;

interface Signed {
  readonly token: string;
  readonly nonce: string;
  readonly deadline: string;
}

export interface WithdrawalContent extends Signed {
  readonly kind: "withdrawal";
  readonly owner: string;
  readonly to: string;
  readonly amount: string;
  readonly maxFee: string;
  /** What the relayer keeps: its fee on the day, at most `maxFee`. Not signed. */
  readonly fee: string;
}

export interface DepositContent extends Signed {
  readonly kind: "deposit";
  readonly authorization: AuthorizationKind;
  readonly from: string;
  readonly owner: string;
  readonly amount: string;
  /** Whether the signature goes to the token as it came, for a wallet, and not as compact ECDSA. Not signed. */
  readonly inFull: boolean;
}

/** What an instruction says, as it is signed and stored; whole numbers as decimal strings. */
export type InstructionContent =
  | WithdrawalContent
  | DepositContent
  | (Signed & { readonly kind: "cancellation"; readonly owner: string })
  | (Signed & {
      readonly kind: "agreement";
      readonly payee: string;
      readonly operator: string;
      readonly feeBps: number;
      readonly flatFee: string;
    })
  | (Signed & { readonly kind: "approval"; readonly owner: string; readonly spender: string; readonly amount: string })
  | (Signed & {
      readonly kind: "device-binding";
      readonly owner: string;
      readonly index: number;
      readonly key: string;
      readonly expiry: string;
      readonly perPayment: string;
      readonly perDay: string;
      readonly payees: readonly string[];
    })
  | (Signed & { readonly kind: "device-revocation"; readonly owner: string; readonly index: number });

/** An instruction to the Ledger that stands alone in its call. */
export type SingleContent = Exclude<InstructionContent, { readonly kind: "withdrawal" | "deposit" }>;

/** Where instructions are good. */
export interface InstructionDomain {
  readonly chainId: bigint;
  readonly ledger: string;
  /** `undefined` where deposits are not served. */
  readonly gateway: string | undefined;
}

/** The instruction's id: the digest of what is signed, or of a deposit the Gateway's id. */
export function idOf(domain: InstructionDomain, content: InstructionContent): string {
  if (content.kind !== "deposit") return digestOf(domain, content);
  if (domain.gateway === undefined) throw new Error("Deposits are not served");
  const { amount, nonce, deadline } = content;
  return depositId({ chainId: domain.chainId, gateway: domain.gateway }, content.authorization, {
    ...content,
    amount: BigInt(amount),
    nonce: BigInt(nonce),
    deadline: BigInt(deadline),
  });
}

function digestOf(domain: InstructionDomain, content: Exclude<InstructionContent, DepositContent>): string {
  const kind: LedgerInstructionKind = content.kind;
  return TypedDataEncoder.hash(typedDataDomain(domain), LEDGER_MESSAGE_TYPES[kind], content);
}

/** Whose account it is about; of a deposit, whose is credited. */
export function ownerOf(content: InstructionContent): string {
  return content.kind === "agreement" ? content.payee : content.owner;
}

export function carrierOf(content: InstructionContent): Carrier {
  return content.kind === "deposit" ? content.authorization : "ledger";
}

/**
 * Settings of one account go one after another: of two about the same thing, the one that was handed in last has to stay.
 */
export function isSetting(kind: InstructionKind): boolean {
  switch (kind) {
    case "agreement":
    case "approval":
    case "device-binding":
    case "device-revocation":
      return true;
    case "withdrawal":
    case "cancellation":
    case "deposit":
      return false;
  }
}
