// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quote} from "../types/ExchangeTypes.sol";

/// @title Rates
/// @notice What amounts come to at a quote's rate. Rounded for the maker, who does not sign what each payment takes.
library Rates {
    /// @notice {qPay} `ceil(settleAmount * quote.payAmount / quote.settleAmount)`. The quote gives something.
    function costOf(Quote calldata quote, uint128 settleAmount) internal pure returns (uint256) {
        return costOf(quote.payAmount, quote.settleAmount, settleAmount);
    }

    /// @notice {costOf} at the rate of `payAmount` for `whole`, which is not zero.
    function costOf(uint128 payAmount, uint128 whole, uint128 settleAmount) internal pure returns (uint256) {
        unchecked {
            // Two factors of 128 bits, and less than 128 bits more: no overflow in 256.
            return (uint256(settleAmount) * payAmount + whole - 1) / whole;
        }
    }

    /// @notice {qSettle} `floor(payAmount * quote.settleAmount / quote.payAmount)`: what an amount buys. The quote takes something.
    function bought(Quote calldata quote, uint128 payAmount) internal pure returns (uint256) {
        unchecked {
            return (uint256(payAmount) * quote.settleAmount) / quote.payAmount;
        }
    }

    /// @notice {qPay} what `paid` has to do with the growth of a refund from `before` to `later` of `settled`. Rounded on the sum,
    /// so that however many refunds there are, all of it comes to `paid`.
    function share(
        uint256 paid,
        uint128 before,
        uint128 later,
        uint128 settled
    ) internal pure returns (uint256) {
        // `paid` has at most 128 bits.
        return (paid * later) / settled - (paid * before) / settled;
    }
}
