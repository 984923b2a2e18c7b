// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IBytesAuthorization
/// @notice ERC-3009 with a signature of any length, as Circle's FiatToken has it since version 2.2 for contract wallets.
interface IBytesAuthorization {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}

/// @title ISignatureTransfer
/// @notice The part of Permit2 that is used here (github.com/Uniswap/permit2, `ISignatureTransfer`).
interface ISignatureTransfer {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    /// @notice A word of the owner's bitmap of used nonces: nonce `n` is bit `n % 256` of word `n / 256`.
    function nonceBitmap(address owner, uint256 word) external view returns (uint256);

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}
