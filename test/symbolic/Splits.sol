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

    /// @dev The parts add up to the growth: what a recipient gets is what the rest loses.
    function check_NothingIsMadeOrLost(uint104 before, uint104 later, uint16 bps, uint16 share) external view {
        (uint256 part, Splits.Rest memory left) = step(before, later, bps, share);
        unchecked {
            uint256 growth = uint256(later) - before;
            assert(left.before <= left.later);
            assert(part <= growth);
            assert(part + Splits.growth(left) == growth);
            assert(left.bps == uint256(bps) - share);
        }
    }

    /// @dev The last of the whole takes it all.
    function check_TheLastTakesTheRest(uint104 before, uint104 later, uint16 bps) external view {
        (uint256 part, Splits.Rest memory left) = step(before, later, bps, bps);
        unchecked {
            assert(part == uint256(later) - before);
            assert(left.before == 0 && left.later == 0 && left.bps == 0);
        }
    }

    /// @dev Whoever was served before, the rest is at least its share of the total; and so nobody has less than her share, rounded down.
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

    /// @dev Nor more than a unit above it for each who was served before: `served` of them leave the rest at most that much too large.
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
