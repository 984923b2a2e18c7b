// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authorization} from "./GatewayTypes.sol";

/// @dev A payment that its payer signed for x402's scheme `exact`, as it travels in a batch, which adds kind and token.
struct X402Row {
    /// @dev Whose tokens are taken.
    address payer;
    /// @dev Who gets them: fixed by the signature, as the caller is not.
    address payee;
    /// @dev {qTok} what is taken and what arrives.
    uint256 amount;
    /// @dev {s} ERC-3009: exclusive. Permit2: the witness's, inclusive.
    uint256 validAfter;
    /// @dev {s} ERC-3009: exclusive. Permit2: its deadline, inclusive.
    uint256 validBefore;
    /// @dev ERC-3009: any. Permit2: of the payer's bitmap.
    bytes32 nonce;
    /// @dev The signature for the token or Permit2, compact. `r` zero: it stands in `signatures`, at the index `vs`.
    bytes32 r;
    bytes32 vs;
}

/// @dev Payments that share a token and a kind of authorization.
struct X402Batch {
    /// @dev `Erc3009` or `Permit2`.
    Authorization kind;
    address token;
    X402Row[] rows;
}
