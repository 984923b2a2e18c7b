import { type TypedDataDomain, type TypedDataField, TypedDataEncoder } from "ethers";

import type { Payment } from "./payment.ts";

/** Where a signature is good: one Ledger on one chain. */
export interface LedgerDomain {
  readonly chainId: bigint;
  readonly ledger: string;
}

/** The largest nonce that an account, or one of its devices, can use (2^56 - 2). */
export const MAX_NONCE = 2n ** 56n - 2n;
/** The largest number that a payment's nonce has room for. */
export const MAX_UINT64 = 2n ** 64n - 1n;
export const MAX_AMOUNT = 2n ** 128n - 1n;
export const MAX_DEADLINE = 2n ** 48n - 1n;

export type Types = Record<string, TypedDataField[]>;

/** The EIP-712 type `name` with the members of `definition`, written as in a type string. */
export function struct(name: string, definition: string): Types {
  const fields = definition.split(",").map((field) => {
    const [type = "", fieldName = ""] = field.split(" ");
    return { type, name: fieldName };
  });
  return { [name]: fields };
}

/** EIP-712 types of each message that the Ledger takes; the same strings as in `LedgerHashes`. */
export const PAYMENT_TYPES = struct(
  "Payment",
  "address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo",
);
export const WITHDRAWAL_TYPES = struct(
  "Withdrawal",
  "address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline",
);
export const CANCELLATION_TYPES = struct("Cancellation", "address owner,address token,uint64 nonce,uint48 deadline");
export const AGREEMENT_TYPES = struct(
  "Agreement",
  "address payee,address operator,address token,uint16 feeBps,uint128 flatFee,uint64 nonce,uint48 deadline",
);
export const APPROVAL_TYPES = struct(
  "Approval",
  "address owner,address spender,address token,uint256 amount,uint64 nonce,uint48 deadline",
);

export const DEVICE_BINDING_TYPES = struct(
  "DeviceBinding",
  "address owner,address token,uint8 index,address key,uint48 expiry,uint112 perPayment,uint112 perDay,address[] payees,uint64 nonce,uint48 deadline",
);
export const DEVICE_REVOCATION_TYPES = struct(
  "DeviceRevocation",
  "address owner,address token,uint8 index,uint64 nonce,uint48 deadline",
);

/** The EIP-712 domain, for `signTypedData` of any wallet. */
export function typedDataDomain(domain: LedgerDomain): TypedDataDomain {
  return {
    name: "Corridor Ledger",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.ledger,
  };
}

/** The payment's id: its EIP-712 digest. Equal to `Ledger.paymentId`. */
export function paymentId(domain: LedgerDomain, payment: Payment): string {
  return TypedDataEncoder.hash(typedDataDomain(domain), PAYMENT_TYPES, payment);
}

/** What signs: an ethers `Wallet`, a `JsonRpcSigner`, or anything with the same method. */
export interface TypedDataSigner {
  signTypedData(domain: TypedDataDomain, types: Types, value: Record<string, unknown>): Promise<string>;
}

/** The payer's signature over a payment, 65 bytes in hex. */
export function signPayment(signer: TypedDataSigner, domain: LedgerDomain, payment: Payment): Promise<string> {
  return signer.signTypedData(typedDataDomain(domain), PAYMENT_TYPES, { ...payment });
}
