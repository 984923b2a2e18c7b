// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Split} from "../types/EscrowTypes.sol";
import {Fees} from "./Fees.sol";

/// @title Splits
/// @notice What the further recipients of a hold get, and give back.
library Splits {
    uint256 internal constant MAX = 8;

    /// @notice What is left of a total that grows, for the recipients who were not served yet and, last, the payee.
    struct Rest {
        /// @dev {qTok}
        uint256 before;
        /// @dev {qTok}
        uint256 later;
        /// @dev {bps} of the total
        uint256 bps;
    }

    /// @notice The rest before the first recipient: all of it.
    function restOf(uint256 before, uint256 later) internal pure returns (Rest memory) {
        return Rest(before, later, Fees.BPS);
    }

    /// @notice Takes the next recipient's part out of the rest; recipients go in order. {qTok}
    ///
    /// A share is rounded on the total and not on each part, so neither the number of captures nor that of refunds changes
    /// what anybody gets: after a full refund each has given back exactly what she got. It is taken of the rest and not of
    /// the total, so that the rest never falls while the total grows: shares of the total, each rounded down alone, can
    /// grow by more than the total (two halves grow by 2 from 1 to 2). Nobody has less than her share of the total,
    /// rounded down.
    /// @dev The hold's splits are valid, so `rest.bps` is at least the share.
    function take(Rest memory rest, Split calldata split) internal pure returns (uint128 part) {
        unchecked {
            // Totals have 104 bits, shares 14.
            uint256 before = (rest.before * split.shareBps) / rest.bps;
            uint256 later = (rest.later * split.shareBps) / rest.bps;
            rest.before -= before;
            rest.later -= later;
            rest.bps -= split.shareBps;
            return uint128(later - before);
        }
    }

    /// @notice What is left of the growth. {qTok}
    function growth(Rest memory rest) internal pure returns (uint128) {
        unchecked {
            return uint128(rest.later - rest.before);
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
