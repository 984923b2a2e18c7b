// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureTransfer} from "./ITokenAuthorizations.sol";

/// @title IX402ExactPermit2Proxy
/// @notice The part of x402's `x402ExactPermit2Proxy` that is used here (github.com/x402-foundation/x402, `contracts/evm`). It
/// is the spender that x402's clients sign for, at 0x402085c248EeA27D92E8b30b2C58ed07f9E20001 on every chain that has it.
interface IX402ExactPermit2Proxy {
    /// @notice What the payer signs beside Permit2's own terms.
    struct Witness {
        /// @dev Who is paid.
        address to;
        /// @dev {s} inclusive
        uint256 validAfter;
    }

    /// @notice Settled, whatever it was. It does not say by whom, to whom or how much.
    event Settled();

    error InvalidPermit2Address();
    error InvalidAmount();
    error InvalidOwner();
    error InvalidDestination();
    error PaymentTooEarly();

    /// @notice Permit2's address.
    // slither-disable-next-line naming-convention: its name on the chain
    function PERMIT2() external view returns (address);

    /// @notice Moves the whole permitted amount from `owner` to `witness.to`. Anyone may call.
    /// @dev Reverts with the errors above, in their order, or as Permit2 does.
    function settle(
        ISignatureTransfer.PermitTransferFrom calldata permit,
        address owner,
        Witness calldata witness,
        bytes calldata signature
    ) external;
}
