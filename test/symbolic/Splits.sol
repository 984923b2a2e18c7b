// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Splits} from "../../contracts/libraries/Splits.sol";
import {Split} from "../../contracts/types/EscrowTypes.sol";
import {Symbolic} from "./Symbolic.sol";

/// @notice What the recipients of a hold get. Each check is one step of an induction over the recipients: it starts from any rest that
/// the steps before it can have left, so it holds for every number of them.
contract SplitsCheck is Symbolic {
    /// @dev One recipient's part of a rest, and what is left.
    function take(
        Splits.Rest memory rest,
        Split calldata split
    ) external pure returns (uint256 part, Splits.Rest memory left) {
        part = Splits.take(rest, split);
        left = rest;
    }

    function step(
        uint256 before,
        uint256 later,
        uint256 bps,
        uint16 share
    ) private view returns (uint256 part, Splits.Rest memory left) {
        vm.assume(bps <= 10_000 && share != 0 && share <= bps && before <= later);
        return this.take(Splits.Rest(before, later, bps), Split(address(1), share));
    }

    /// @notice What a recipient gets is what the rest loses, so all parts come to the growth.
    /// @custom:where a valid split: a share, at most the rest's; totals grow.
    function check_NothingIsMadeOrLost(
        uint104 before,
        uint104 later,
        uint16 bps,
        uint16 share
    ) external view {
        (uint256 part, Splits.Rest memory left) = step(before, later, bps, share);
        unchecked {
            uint256 growth = uint256(later) - before;
            assert(left.before <= left.later);
            assert(part <= growth);
            assert(part + Splits.growth(left) == growth);
            assert(left.bps == uint256(bps) - share);
        }
    }

    /// @notice A recipient with all the shares that are left takes all that is left.
    /// @custom:where a valid split; totals grow.
    function check_TheLastTakesTheRest(uint104 before, uint104 later, uint16 bps) external view {
        (uint256 part, Splits.Rest memory left) = step(before, later, bps, bps);
        unchecked {
            assert(part == uint256(later) - before);
            assert(left.before == 0 && left.later == 0 && left.bps == 0);
        }
    }

    /// @notice Nobody has less than her share of the total, rounded down, and the rest stays at least its share.
    /// @custom:where a valid split; the rest is at least its share of the total, as each step leaves it.
    function check_NobodyHasLessThanHerShare(
        uint104 total,
        uint104 rest,
        uint16 bps,
        uint16 share
    ) external view {
        unchecked {
            vm.assume(rest <= total && uint256(rest) * 10_000 >= uint256(total) * bps);
            (uint256 part, Splits.Rest memory left) = step(0, rest, bps, share);
            assert(part <= rest);
            assert((part + 1) * 10_000 > uint256(total) * share);
            assert(left.later * 10_000 >= uint256(total) * left.bps);
        }
    }

    /// @notice Nobody has more than her share and a unit for each who was served before.
    /// @custom:where a valid split; at most 8 were served, and left the rest at most a unit each too large.
    function check_NobodyHasMoreThanAUnitForEachBefore(
        uint104 total,
        uint104 rest,
        uint16 bps,
        uint16 share,
        uint8 served
    ) external view {
        unchecked {
            vm.assume(served <= 8 && rest <= total);
            vm.assume(uint256(rest) * 10_000 <= uint256(total) * bps + uint256(served) * 10_000);
            (uint256 part, Splits.Rest memory left) = step(0, rest, bps, share);
            assert(part * 10_000 <= uint256(total) * share + uint256(served) * 10_000);
            assert(left.later * 10_000 <= uint256(total) * left.bps + (uint256(served) + 1) * 10_000);
        }
    }
}
