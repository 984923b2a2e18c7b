// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What a payer signs for her token, in place of having an account.
enum Authorization {
    /// @dev The token's own `receiveWithAuthorization` (ERC-3009). Its nonce is the id.
    Erc3009,
    /// @dev A Permit2 signature transfer, whose witness is the payment or deposit.
    Permit2,
    /// @dev The token's own `permit` (ERC-2612). It names no purpose, so it only funds the signer's own account.
    Erc2612
}

/// @dev A deposit as it travels in a batch, which adds the token.
struct DepositRow {
    /// @dev Whose tokens are taken.
    address from;
    /// @dev Whose account is credited.
    address owner;
    /// @dev {qTok} what is taken; what is credited is what arrives.
    uint128 amount;
    /// @dev Chosen by the signer (ERC-3009), of her Permit2 bitmap, or the token's own (ERC-2612).
    uint64 nonce;
    /// @dev {s} inclusive
    uint48 deadline;
    /// @dev The signature for the token or Permit2, compact. `r` zero: it stands in `signatures`, at the index `vs`.
    bytes32 r;
    bytes32 vs;
}

/// @dev Deposits that share a token.
struct DepositBatch {
    address token;
    DepositRow[] rows;
}
