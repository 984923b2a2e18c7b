// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Split} from "../types/EscrowTypes.sol";
import {Fees} from "./Fees.sol";

/// @title Splits
/// @notice What the further recipients of a hold get, and give back.
library Splits {
    uint256 internal constant MAX = 8;

    /// @notice What the recipient's share of a total grows by when the total grows from `before` to `later` {qTok}.
    /// Shares are rounded on the total and not on each part, so neither the number of captures nor that of refunds changes
    /// what anybody gets: after a full refund each has given back exactly what she got.
    function growth(Split calldata split, uint256 before, uint256 later) internal pure returns (uint128) {
        unchecked {
            // Totals have 104 bits, shares 14.
            return uint128((later * split.shareBps) / Fees.BPS - (before * split.shareBps) / Fees.BPS);
        }
    }

    /// @notice Whether there are at most 8, each with a share, none twice and none the payee, that sum to at most the
    /// whole. Whether a recipient can be paid is asked elsewhere.
    function areValid(Split[] calldata splits, address payee) internal pure returns (bool) {
        if (splits.length > MAX) return false;
        uint256 sum;
        for (uint256 i = 0; i < splits.length; ++i) {
            if (splits[i].shareBps == 0 || splits[i].recipient == payee) return false;
            sum += splits[i].shareBps;
            for (uint256 j = 0; j < i; ++j) {
                if (splits[j].recipient == splits[i].recipient) return false;
            }
        }
        return sum <= Fees.BPS;
    }
}
