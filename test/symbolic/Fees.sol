// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fees} from "../../contracts/libraries/Fees.sol";
import {Agreement} from "../../contracts/types/LedgerTypes.sol";
import {Symbolic} from "./Symbolic.sol";

/// @notice What an operator earns of a payment, for every amount and flat fee.
contract FeesCheck is Symbolic {
    function feeOf(uint256 amount, uint16 bps, uint256 flat) private pure returns (uint256) {
        return Fees.feeOn(Agreement(uint128(flat), bps), uint128(amount));
    }

    function check_NeverAboveThePayment(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000);
        assert(feeOf(amount, bps, flat) <= amount);
    }

    /// @dev The sum that stands in an `unchecked` block has 142 bits at most.
    function check_NothingOverflows(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000);
        uint256 product;
        unchecked {
            product = uint256(amount) * bps;
        }
        assert(product >> 142 == 0);
        uint256 exact = product / 10_000 + flat;
        assert(feeOf(amount, bps, flat) == (exact < amount ? exact : amount));
    }

    /// @dev Rounded down, so for the payee: less than one unit below the share, never above it.
    function check_RoundsForThePayee(uint128 amount, uint16 bps) external pure {
        vm.assume(bps <= 10_000);
        uint256 fee = feeOf(amount, bps, 0);
        unchecked {
            uint256 exact = uint256(amount) * bps;
            assert(fee * 10_000 <= exact);
            assert(exact < (fee + 1) * 10_000);
        }
    }

    function check_AFlatFeeIsAdded(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000);
        unchecked {
            uint256 sum = feeOf(amount, bps, 0) + flat;
            assert(feeOf(amount, bps, flat) == (sum < amount ? sum : amount));
        }
    }

    /// @dev The rows of a batch are rounded one by one: together at most what one payment of the sum would cost, and less by a unit at
    /// most for a further row. The step from all rows before it to the next.
    function check_RowsNeverCostMoreThanTheirSum(uint128 first, uint128 second, uint16 bps) external pure {
        vm.assume(bps <= 10_000);
        unchecked {
            uint256 sum = uint256(first) + second;
            vm.assume(sum <= type(uint128).max);
            uint256 apart = feeOf(first, bps, 0) + feeOf(second, bps, 0);
            uint256 together = feeOf(sum, bps, 0);
            assert(apart <= together);
            assert(together <= apart + 1);
        }
    }

    /// @dev Who pays a unit more never leaves her payee with less.
    function check_ThePayeesPartNeverFalls(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000 && amount != type(uint128).max);
        unchecked {
            uint256 one = uint256(amount) + 1;
            assert(one - feeOf(one, bps, flat) >= amount - feeOf(amount, bps, flat));
        }
    }
}
