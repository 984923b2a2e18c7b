// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Agreement} from "../types/LedgerTypes.sol";

/// @title Fees
/// @notice What an operator earns of one payment. A payment's fee depends on nothing but the payment and
/// the agreement, so the way payments are batched cannot change what a payee receives.
library Fees {
    uint256 internal constant BPS = 10_000;

    /// @notice `min(amount, floor(amount * feeBps / 10_000) + flatFee)` {qTok}: rounded for the payee, and never
    /// more than the payment itself.
    function feeOn(Agreement memory agreement, uint128 amount) internal pure returns (uint128) {
        unchecked {
            // 128 + 14 bits, then one more: no overflow in 256.
            uint256 fee = (uint256(amount) * agreement.feeBps) / BPS + agreement.flatFee;
            return fee < amount ? uint128(fee) : amount;
        }
    }
}
