import { TypedDataEncoder } from "ethers";

import {
  AGREEMENT_TYPES,
  APPROVAL_TYPES,
  CANCELLATION_TYPES,
  DEVICE_BINDING_TYPES,
  DEVICE_REVOCATION_TYPES,
  type LedgerDomain,
  type TypedDataSigner,
  typedDataDomain,
  type Types,
  WITHDRAWAL_TYPES,
} from "./typed-data.ts";

/** What every message of an account's owner has. Amounts in smallest units, times in Unix seconds. */
interface OwnerMessage {
  readonly token: string;
  /** A nonce of the owner's account in `token`, as a payment's. */
  readonly nonce: bigint;
  /** Inclusive. */
  readonly deadline: bigint;
}

/** Pays `amount` out of the account to `to`; the relayer keeps its fee of it, at most `maxFee`. */
export interface Withdrawal extends OwnerMessage {
  readonly owner: string;
  readonly to: string;
  readonly amount: bigint;
  readonly maxFee: bigint;
}

/** Uses `nonce` up, so that nothing else signed with it can take effect. */
export interface Cancellation extends OwnerMessage {
  readonly owner: string;
}

/** What `operator` earns of each payment to the payee. Zero for both ends the agreement. */
export interface Agreement extends OwnerMessage {
  readonly payee: string;
  readonly operator: string;
  readonly feeBps: number;
  readonly flatFee: bigint;
}

/** Lets `spender`, the Escrow for instance, move up to `amount` out of the account. */
export interface Approval extends OwnerMessage {
  readonly owner: string;
  readonly spender: string;
  readonly amount: bigint;
}

/** Lets a further key pay from the account, within limits. */
export interface DeviceBinding extends OwnerMessage {
  readonly owner: string;
  /** 1 to 255: the top byte of the nonces that the device pays with. */
  readonly index: number;
  readonly key: string;
  /** Inclusive. */
  readonly expiry: bigint;
  readonly perPayment: bigint;
  readonly perDay: bigint;
  /** Whom it may pay; empty: anybody. */
  readonly payees: readonly string[];
}

/** Takes the key at `index` out. */
export interface DeviceRevocation extends OwnerMessage {
  readonly owner: string;
  readonly index: number;
}

/** The messages of the Ledger, by the kind of instruction that carries them. */
export interface LedgerMessages {
  readonly withdrawal: Withdrawal;
  readonly cancellation: Cancellation;
  readonly agreement: Agreement;
  readonly approval: Approval;
  readonly "device-binding": DeviceBinding;
  readonly "device-revocation": DeviceRevocation;
}

export type LedgerInstructionKind = keyof LedgerMessages;

/** What an owner signs about her account for a relayer to carry. */
export const INSTRUCTION_KINDS = [
  "withdrawal",
  "cancellation",
  "agreement",
  "approval",
  "device-binding",
  "device-revocation",
  "deposit",
] as const satisfies readonly (LedgerInstructionKind | "deposit")[];

export type InstructionKind = (typeof INSTRUCTION_KINDS)[number];

/** The EIP-712 types of each message. */
export const LEDGER_MESSAGE_TYPES: Readonly<Record<LedgerInstructionKind, Types>> = {
  withdrawal: WITHDRAWAL_TYPES,
  cancellation: CANCELLATION_TYPES,
  agreement: AGREEMENT_TYPES,
  approval: APPROVAL_TYPES,
  "device-binding": DEVICE_BINDING_TYPES,
  "device-revocation": DEVICE_REVOCATION_TYPES,
};

/** The limits of contract and relayer. */
export const MAX_DEVICE_LIMIT = 2n ** 112n - 1n;
export const MAX_ALLOWANCE = 2n ** 256n - 1n;
/** Payees of one binding that a relayer carries. */
export const MAX_DEVICE_PAYEES = 64;

/** The id of an instruction to the Ledger: the digest that the owner signs. Of a deposit see `depositId`. */
export function instructionId<K extends LedgerInstructionKind>(
  domain: LedgerDomain,
  kind: K,
  message: LedgerMessages[K],
): string {
  return TypedDataEncoder.hash(typedDataDomain(domain), LEDGER_MESSAGE_TYPES[kind], message);
}

/** The owner's signature over an instruction to the Ledger, 65 bytes in hex of an ethers wallet. */
export function signInstruction<K extends LedgerInstructionKind>(
  signer: TypedDataSigner,
  domain: LedgerDomain,
  kind: K,
  message: LedgerMessages[K],
): Promise<string> {
  return signer.signTypedData(typedDataDomain(domain), LEDGER_MESSAGE_TYPES[kind], { ...message });
}
