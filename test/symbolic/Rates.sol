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

    /// @notice Nothing overflows where a cost is computed unchecked: it is what checked arithmetic has, which never fails.
    /// @custom:where the quote gives something.
    function check_NothingOverflows(uint128 price, uint128 whole, uint128 settle) external pure {
        vm.assume(whole != 0);
        uint256 exact = (uint256(settle) * price + whole - 1) / whole;
        assert(Rates.costOf(price, whole, settle) == exact);
    }

    /// @notice A cost is rounded up, by less than a unit: the maker has her rate at least, the payer pays the least that she accepts.
    /// @custom:where the quote gives something.
    function check_CostIsTheLeastThatTheMakerAccepts(
        uint128 price,
        uint128 whole,
        uint128 settle
    ) external pure {
        vm.assume(whole != 0);
        unchecked {
            uint256 cost = Rates.costOf(price, whole, settle);
            uint256 exact = uint256(settle) * price;
            assert(cost * whole >= exact);
            assert(cost * whole - exact < whole);
        }
    }

    /// @notice A quote taken in full costs what it says; nothing costs nothing; a part costs something, and never more than all.
    /// @custom:where the quote gives something, and no more is taken than it has.
    function check_AllOfItCostsWhatTheQuoteSays(uint128 price, uint128 whole, uint128 settle) external pure {
        vm.assume(whole != 0 && settle <= whole);
        uint256 cost = Rates.costOf(price, whole, settle);
        assert(cost <= price);
        assert(settle != 0 || cost == 0);
        assert(settle == 0 || price == 0 || cost != 0);
        assert(settle != whole || cost == price);
    }

    /// @notice Two rows never cost less than one of their sum, nor over a unit more.
    /// @custom:where the quote gives something; the sum has 128 bits. One step: from all the rows before to the next.
    function check_CuttingIsNeverCheaper(
        uint128 price,
        uint128 whole,
        uint128 first,
        uint128 second
    ) external pure {
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

    /// @notice What an amount buys is rounded down, by less than a unit, and is never more than the whole quote for at most its price.
    /// @custom:where the quote takes something.
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

    /// @notice What an amount buys never costs more than the amount.
    /// @custom:where the quote gives and takes something; what is bought has 128 bits, or is refused.
    function check_WhatIsBoughtIsPaidFor(uint128 price, uint128 whole, uint128 paid) external view {
        vm.assume(price != 0 && whole != 0);
        uint256 given = bought(price, whole, paid);
        vm.assume(given <= type(uint128).max);
        assert(Rates.costOf(price, whole, uint128(given)) <= paid);
    }

    /// @notice However a refund is cut, its parts come to what was paid, and none is above it.
    /// @custom:where three parts: the one before, this one, all after; something was settled.
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

    /// @notice A part of a refund is less than a unit away from its share.
    /// @custom:where a refund grows and is at most what was settled, which is something.
    function check_ARefundIsItsShare(
        uint128 paid,
        uint128 before,
        uint128 later,
        uint128 settled
    ) external pure {
        vm.assume(settled != 0 && before <= later && later <= settled);
        uint256 part = Rates.share(paid, before, later, settled);
        unchecked {
            uint256 exact = uint256(paid) * (later - before);
            assert(part * settled < exact + settled);
            assert(exact < (part + 1) * settled);
        }
    }
}
