// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IBytesTransferAuthorization
/// @notice ERC-3009's transfer with a signature of any length, as Circle's FiatToken has it since version 2.2 for contract wallets.
interface IBytesTransferAuthorization {
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
