import type { Deposit, GatewayDomain, TokenDomain, TypedData } from "./gateway-typed-data.ts";
import { struct } from "./typed-data.ts";

/** The EIP-712 type of an ERC-2612 permit. */
export const PERMIT_TYPES = struct(
  "Permit",
  "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline",
);

/**
 * What `deposit.from` signs for a token with ERC-2612, so that the Gateway can credit her own account: the permit names no
 * purpose, so `owner` must be `from`. `deposit.nonce` is the token's, from its `nonces(from)`.
 */
export function erc2612Deposit(gateway: GatewayDomain, token: TokenDomain, deposit: Deposit): TypedData {
  return {
    domain: { name: token.name, version: token.version, chainId: token.chainId, verifyingContract: token.address },
    types: PERMIT_TYPES,
    primaryType: "Permit",
    message: {
      owner: deposit.from,
      spender: gateway.gateway,
      value: deposit.amount,
      nonce: deposit.nonce,
      deadline: deposit.deadline,
    },
  };
}
