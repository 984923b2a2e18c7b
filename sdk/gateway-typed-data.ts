import { type TypedDataDomain, TypedDataEncoder } from "ethers";

import type { HoldPayment } from "./hold.ts";
import { HOLD_PAYMENT_TYPES, holdId } from "./hold-typed-data.ts";
import type { Funding, Payment } from "./payment.ts";
import { type LedgerDomain, PAYMENT_TYPES, struct, type TypedDataSigner, type Types } from "./typed-data.ts";

/** Where payments and deposits that are pulled from tokens are good: one Gateway on one chain. */
export interface GatewayDomain {
  readonly chainId: bigint;
  readonly gateway: string;
}

/** The EIP-712 domain of a token with ERC-3009. Of Circle's tokens: `name()`, `version()`. */
export interface TokenDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly address: string;
}

/** Money that is to be credited to `owner` out of the tokens of `from`. */
export interface Deposit {
  readonly from: string;
  readonly owner: string;
  readonly token: string;
  readonly amount: bigint;
  /** Any number (ERC-3009), or a free one of the signer's Permit2 bitmap. */
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** What a wallet is given to sign, as `eth_signTypedData_v4` names its parts. */
export interface TypedData {
  readonly domain: TypedDataDomain;
  readonly types: Types;
  readonly primaryType: string;
  readonly message: Record<string, unknown>;
}

/** What is signed for a token, in the order of the contract's `Authorization`. */
export const AUTHORIZATIONS = ["erc3009", "permit2", "erc2612"] as const;

export type AuthorizationKind = (typeof AUTHORIZATIONS)[number];

/** The contract's number of a kind. */
export function authorizationNumber(kind: AuthorizationKind): number {
  return AUTHORIZATIONS.indexOf(kind);
}

/** A way to pull payments; a permit (ERC-2612) names no purpose, and so is for deposits only. */
export type PulledFunding = Exclude<Funding, "account">;

/** EIP-712 types, the same strings as in `GatewayHashes`, ERC-3009 and Permit2. */
export const DEPOSIT_TYPES = struct(
  "Deposit",
  "uint8 kind,address from,address owner,address token,uint128 amount,uint64 nonce,uint48 deadline",
);
/** A payment by ERC-3009; by Permit2 it is the Ledger's `Payment`. So the id names the way. */
const AUTHORIZED_PAYMENT_TYPES: Types = { AuthorizedPayment: PAYMENT_TYPES.Payment ?? [] };
export const RECEIVE_WITH_AUTHORIZATION_TYPES = struct(
  "ReceiveWithAuthorization",
  "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce",
);
const TOKEN_PERMISSIONS_TYPES = struct("TokenPermissions", "address token,uint256 amount");

/** The EIP-712 domain of pulled payments and deposits. */
export function gatewayTypedDataDomain(domain: GatewayDomain): TypedDataDomain {
  return { name: "Corridor Gateway", version: "1", chainId: domain.chainId, verifyingContract: domain.gateway };
}

/**
 * The id of a payment that is pulled from a token. Equal to `Gateway.paymentId`, and another for each way; of a payment into a
 * hold see `holdId`.
 */
export function gatewayPaymentId(domain: GatewayDomain, funding: PulledFunding, payment: Payment): string {
  const types = funding === "erc3009" ? AUTHORIZED_PAYMENT_TYPES : PAYMENT_TYPES;
  return TypedDataEncoder.hash(gatewayTypedDataDomain(domain), types, payment);
}

/** A deposit's id. Equal to `Gateway.depositId`. */
export function depositId(domain: GatewayDomain, kind: AuthorizationKind, deposit: Deposit): string {
  return TypedDataEncoder.hash(gatewayTypedDataDomain(domain), DEPOSIT_TYPES, depositMessage(kind, deposit));
}

/** What the payer signs for a token with ERC-3009, so that the Gateway can pay `payment`. */
export function erc3009Payment(gateway: GatewayDomain, token: TokenDomain, payment: Payment): TypedData {
  const id = gatewayPaymentId(gateway, "erc3009", payment);
  return erc3009Transfer(gateway, token, { ...payment, from: payment.payer, id });
}

/** What the payer signs for a token with ERC-3009, so that the Gateway can open a hold. `ledger` is where its id is made. */
export function erc3009Hold(
  gateway: GatewayDomain,
  ledger: LedgerDomain,
  token: TokenDomain,
  payment: HoldPayment,
): TypedData {
  return erc3009Transfer(gateway, token, { ...payment, from: payment.payer, id: holdId(ledger, payment) });
}

/** What `deposit.from` signs for a token with ERC-3009. */
export function erc3009Deposit(gateway: GatewayDomain, token: TokenDomain, deposit: Deposit): TypedData {
  return erc3009Transfer(gateway, token, { ...deposit, id: depositId(gateway, "erc3009", deposit) });
}

/** What the payer signs for Permit2, at the address `permit2`, so that the Gateway can pay `payment`. */
export function permit2Payment(gateway: GatewayDomain, permit2: string, payment: Payment): TypedData {
  return permit2Transfer(gateway, permit2, payment, "Payment", PAYMENT_TYPES);
}

/** What the payer signs for Permit2 so that the Gateway can open a hold. */
export function permit2Hold(gateway: GatewayDomain, permit2: string, payment: HoldPayment): TypedData {
  return permit2Transfer(gateway, permit2, payment, "Payment", HOLD_PAYMENT_TYPES);
}

/** What `deposit.from` signs for Permit2. */
export function permit2Deposit(gateway: GatewayDomain, permit2: string, deposit: Deposit): TypedData {
  return permit2Transfer(gateway, permit2, depositMessage("permit2", deposit), "Deposit", DEPOSIT_TYPES);
}

/** The signature over any of the above, 65 bytes in hex of an ethers wallet. */
export function signTypedData(signer: TypedDataSigner, data: TypedData): Promise<string> {
  return signer.signTypedData(data.domain, data.types, data.message);
}

function depositMessage(kind: AuthorizationKind, deposit: Deposit) {
  return { ...deposit, kind: authorizationNumber(kind) };
}

function erc3009Transfer(
  gateway: GatewayDomain,
  token: TokenDomain,
  transfer: { readonly from: string; readonly amount: bigint; readonly deadline: bigint; readonly id: string },
): TypedData {
  return {
    domain: { name: token.name, version: token.version, chainId: token.chainId, verifyingContract: token.address },
    types: RECEIVE_WITH_AUTHORIZATION_TYPES,
    primaryType: "ReceiveWithAuthorization",
    message: {
      from: transfer.from,
      to: gateway.gateway,
      value: transfer.amount,
      validAfter: 0n,
      // Exclusive in ERC-3009, where the deadline is inclusive.
      validBefore: transfer.deadline + 1n,
      nonce: transfer.id,
    },
  };
}

function permit2Transfer(
  gateway: GatewayDomain,
  permit2: string,
  witness: Payment | HoldPayment | Deposit,
  witnessType: string,
  witnessTypes: Types,
): TypedData {
  return {
    domain: { name: "Permit2", chainId: gateway.chainId, verifyingContract: permit2 },
    types: {
      ...struct(
        "PermitWitnessTransferFrom",
        `TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,${witnessType} witness`,
      ),
      ...TOKEN_PERMISSIONS_TYPES,
      ...witnessTypes,
    },
    primaryType: "PermitWitnessTransferFrom",
    message: {
      permitted: { token: witness.token, amount: witness.amount },
      spender: gateway.gateway,
      nonce: witness.nonce,
      deadline: witness.deadline,
      witness: { ...witness },
    },
  };
}
