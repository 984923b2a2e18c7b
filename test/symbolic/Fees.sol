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

    /// @notice A fee is never above the payment.
    /// @custom:where bps is at most 10,000.
    function check_NeverAboveThePayment(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000);
        assert(feeOf(amount, bps, flat) <= amount);
    }

    /// @notice Nothing overflows where the fee is computed unchecked, and it is the smaller of formula and payment.
    /// @custom:where bps is at most 10,000.
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

    /// @notice The share is rounded down, so for the payee, by less than a unit.
    /// @custom:where bps is at most 10,000; no flat fee, which is added after.
    function check_RoundsForThePayee(uint128 amount, uint16 bps) external pure {
        vm.assume(bps <= 10_000);
        uint256 fee = feeOf(amount, bps, 0);
        unchecked {
            uint256 exact = uint256(amount) * bps;
            assert(fee * 10_000 <= exact);
            assert(exact < (fee + 1) * 10_000);
        }
    }

    /// @notice A flat fee is added to the share, and both together are cut at the payment.
    /// @custom:where bps is at most 10,000.
    function check_AFlatFeeIsAdded(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000);
        unchecked {
            uint256 sum = feeOf(amount, bps, 0) + flat;
            assert(feeOf(amount, bps, flat) == (sum < amount ? sum : amount));
        }
    }

    /// @notice Rows of a batch, rounded one by one, cost no more than one payment of their sum, and a unit less at most for a further row.
    /// @custom:where bps is at most 10,000; the sum has 128 bits; no flat fee. One step: from all the rows before to the next.
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

    /// @notice Who pays a unit more never leaves her payee with less.
    /// @custom:where bps is at most 10,000; there is a unit more in 128 bits.
    function check_ThePayeesPartNeverFalls(uint128 amount, uint16 bps, uint128 flat) external pure {
        vm.assume(bps <= 10_000 && amount != type(uint128).max);
        unchecked {
            uint256 one = uint256(amount) + 1;
            assert(one - feeOf(one, bps, flat) >= amount - feeOf(amount, bps, flat));
        }
    }
}
