// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rates} from "../../contracts/libraries/Rates.sol";
import {Quote} from "../../contracts/types/ExchangeTypes.sol";
import {Symbolic} from "./Symbolic.sol";

/// @notice Invariants 11 and 12: what amounts come to at a quote's rate.
contract RatesCheck is Symbolic {
    function boughtOf(Quote calldata quote, uint128 payAmount) external pure returns (uint256) {
        return Rates.bought(quote, payAmount);
    }

    function bought(uint128 price, uint128 whole, uint128 payAmount) private view returns (uint256) {
        Quote memory quote;
        (quote.payAmount, quote.settleAmount) = (price, whole);
        return this.boughtOf(quote, payAmount);
    }

    /// @dev `unchecked` product and sum have 256 bits at most, whatever the amounts: nothing is lost.
    function check_NothingOverflows(uint128 price, uint128 whole, uint128 settle) external pure {
        vm.assume(whole != 0);
        unchecked {
            uint256 product = uint256(settle) * price;
            assert(product + whole - 1 >= product);
        }
    }

    /// @dev Rounded up, by less than a unit: the maker has her rate at least, the payer pays the least that she accepts.
    function check_CostIsTheLeastThatTheMakerAccepts(uint128 price, uint128 whole, uint128 settle) external pure {
        vm.assume(whole != 0);
        unchecked {
            uint256 cost = Rates.costOf(price, whole, settle);
            uint256 exact = uint256(settle) * price;
            assert(cost * whole >= exact);
            assert(cost * whole - exact < whole);
        }
    }

    /// @dev A quote given in full costs what it says, nothing costs nothing, and a part never costs more than all.
    function check_AllOfItCostsWhatTheQuoteSays(uint128 price, uint128 whole, uint128 settle) external pure {
        vm.assume(whole != 0 && settle <= whole);
        uint256 cost = Rates.costOf(price, whole, settle);
        assert(cost <= price);
        assert(settle != 0 || cost == 0);
        assert(settle == 0 || price == 0 || cost != 0);
        assert(settle != whole || cost == price);
    }

    /// @dev Two rows never cost less than one of their sum, nor a unit more: the step from all rows before it to the next.
    function check_CuttingIsNeverCheaper(uint128 price, uint128 whole, uint128 first, uint128 second) external pure {
        vm.assume(whole != 0);
        unchecked {
            uint256 sum = uint256(first) + second;
            vm.assume(sum <= type(uint128).max);
            uint256 apart = Rates.costOf(price, whole, first) + Rates.costOf(price, whole, second);
            uint256 together = Rates.costOf(price, whole, uint128(sum));
            assert(apart >= together);
            assert(apart <= together + 1);
        }
    }

    /// @dev Rounded down, by less than a unit.
    function check_BoughtIsRoundedForTheMaker(uint128 price, uint128 whole, uint128 paid) external view {
        vm.assume(price != 0);
        uint256 given = bought(price, whole, paid);
        unchecked {
            uint256 exact = uint256(paid) * whole;
            assert(given * price <= exact);
            assert(exact - given * price < price);
            assert(paid > price || given <= whole);
        }
    }

    /// @dev What an amount buys never costs more than the amount.
    function check_WhatIsBoughtIsPaidFor(uint128 price, uint128 whole, uint128 paid) external view {
        vm.assume(price != 0 && whole != 0);
        uint256 given = bought(price, whole, paid);
        vm.assume(given <= type(uint128).max);
        assert(Rates.costOf(price, whole, uint128(given)) <= paid);
    }

    /// @dev However a refund is cut, its parts come to what was paid, and no part is above it.
    function check_RefundsComeToWhatWasPaid(
        uint128 paid,
        uint128 before,
        uint128 later,
        uint128 settled
    ) external pure {
        vm.assume(settled != 0 && before <= later && later <= settled);
        uint256 first = Rates.share(paid, 0, before, settled);
        uint256 second = Rates.share(paid, before, later, settled);
        uint256 third = Rates.share(paid, later, settled, settled);
        unchecked {
            assert(first + second + third == paid);
            assert(second <= paid);
        }
    }

    /// @dev A part of a refund is its share, a unit more or less at most.
    function check_ARefundIsItsShare(uint128 paid, uint128 before, uint128 later, uint128 settled) external pure {
        vm.assume(settled != 0 && before <= later && later <= settled);
        uint256 part = Rates.share(paid, before, later, settled);
        unchecked {
            uint256 exact = uint256(paid) * (later - before);
            assert(part * settled < exact + settled);
            assert(exact < (part + 1) * settled);
        }
    }
}
