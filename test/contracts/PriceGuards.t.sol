// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {PriceGuards} from "../../contracts/libraries/PriceGuards.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {Guard} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {Test} from "./Test.sol";

/// @dev The bounds of a guard, to the unit, for every power of ten between two currencies.
contract PriceGuardsTest is Test {
    int8 private constant MAX_EXPONENT = 36;
    uint256 private constant MAX_PRICE = type(uint96).max;

    TestFeed private _payFeed;
    TestFeed private _settleFeed;

    /// @dev What is asked of one guard.
    struct Case {
        int8 exponent;
        uint16 deviation;
        uint256 payPrice;
        uint256 settlePrice;
        uint256 settleAmount;
    }

    function setUp() public {
        _payFeed = TestFeed(deploy("TestFeed.sol:TestFeed", abi.encode(8)));
        _settleFeed = TestFeed(deploy("TestFeed.sol:TestFeed", abi.encode(8)));
    }

    function codeOf(Case memory what, uint256 payAmount) private view returns (RowCode) {
        Guard memory guard = Guard({
            payFeed: address(_payFeed),
            maxAge: 1 hours,
            maxDeviationBps: what.deviation,
            exponent: what.exponent,
            isSet: true,
            settleFeed: address(_settleFeed)
        });
        return PriceGuards.codeOf(guard, payAmount, what.settleAmount);
    }

    function assertBounds(Case memory what) private {
        _payFeed.setAnswer(int256(what.payPrice));
        _settleFeed.setAnswer(int256(what.settlePrice));
        uint256 up = what.exponent > 0 ? 10 ** uint8(what.exponent) : 1;
        uint256 down = what.exponent < 0 ? 10 ** uint8(-what.exponent) : 1;
        uint256 value = what.settlePrice * up;
        uint256 unit = what.payPrice * down * 10_000;
        uint256 most = Math.mulDiv(what.settleAmount, value * (10_000 + what.deviation), unit);
        uint256 least = Math.mulDiv(
            what.settleAmount,
            value * (10_000 - what.deviation),
            unit,
            Math.Rounding.Ceil
        );
        if (least <= most) {
            assertCode(codeOf(what, least), RowCode.Settled, "cheapest");
            assertCode(codeOf(what, most), RowCode.Settled, "dearest");
        }
        assertCode(codeOf(what, most + 1), RowCode.OutsideGuard, "dearer");
        if (least > 0) assertCode(codeOf(what, least - 1), RowCode.OutsideGuard, "cheaper");
    }

    function assertCode(RowCode actual, RowCode expected, string memory what) private pure {
        assertEq(uint256(actual), uint256(expected), what);
    }

    function test_EachPowerOfTen() public {
        for (int8 exponent = -MAX_EXPONENT; exponent <= MAX_EXPONENT; ++exponent) {
            uint256 power = 10 ** uint8(exponent < 0 ? -exponent : exponent);
            // About 70 times the power of one for 30 of the other.
            Case memory what =
                exponent < 0 ? Case(exponent, 150, 500, 117, 30 * power) : Case(exponent, 150, 117, 500, 3);
            assertBounds(what);
            what.deviation = 0;
            assertBounds(what);
            what.deviation = 10_000;
            assertBounds(what);
        }
    }

    function test_AShortAnswerIsNone() public {
        _payFeed.setAnswer(1);
        Case memory what = Case(0, 0, 1, 1, 1);
        // One as the second word, the timestamp as the fourth; so many bytes.
        bytes memory feed = hex"60016020524260605260a06000f3";
        vm.etch(address(_settleFeed), feed);
        assertCode(codeOf(what, 1), RowCode.Settled, "five words");
        feed[10] = 0x9f;
        vm.etch(address(_settleFeed), feed);
        assertCode(codeOf(what, 1), RowCode.StaleFeed, "a byte less");
    }

    /// @dev Of two products of up to 358 bits, the higher halves count first.
    function test_AmountsThatAreFarApart() public {
        uint256 most = type(uint128).max;
        _payFeed.setAnswer(int256(MAX_PRICE));
        _settleFeed.setAnswer(1);
        Case memory what = Case(-MAX_EXPONENT, 10_000, MAX_PRICE, 1, 1);
        assertCode(codeOf(what, most), RowCode.OutsideGuard, "far too dear");
        _payFeed.setAnswer(1);
        _settleFeed.setAnswer(int256(MAX_PRICE));
        what = Case(MAX_EXPONENT, 9_999, 1, MAX_PRICE, most);
        assertCode(codeOf(what, 1), RowCode.OutsideGuard, "far too cheap");
        assertCode(codeOf(what, most), RowCode.OutsideGuard, "too cheap, whatever is paid");
        // All of it may be off: nothing is too cheap, though the lower half of what may be paid at most is zero.
        _settleFeed.setAnswer(1 << 90);
        assertCode(
            codeOf(Case(MAX_EXPONENT, 10_000, 1, 1 << 90, 1 << 127), 1),
            RowCode.Settled,
            "far below the most"
        );
        _settleFeed.setAnswer(int256(MAX_PRICE));
        what.exponent = 0;
        what.settleAmount = 1;
        assertCode(codeOf(what, MAX_PRICE), RowCode.Settled, "the highest price");
    }

    /// @dev Amounts and prices of any length whose values lie near each other.
    function testFuzz_BoundsAreExact(
        int8 exponent,
        uint16 deviation,
        uint96 payPrice,
        uint128[2] memory amounts,
        uint8[3] memory cuts
    ) public {
        exponent = int8(int256(bound(uint8(exponent), 0, 72)) - MAX_EXPONENT);
        uint256 payAmount = (uint256(amounts[0]) >> (cuts[0] % 128)) + 1;
        Case memory what;
        (what.exponent, what.deviation) = (exponent, uint16(bound(deviation, 0, 10_000)));
        what.payPrice = (uint256(payPrice) >> (cuts[1] % 96)) + 1;
        what.settleAmount = (uint256(amounts[1]) >> (cuts[2] % 128)) + 1;
        if (what.payPrice > MAX_PRICE) return;
        uint256 value = payAmount * what.payPrice;
        if (exponent < 0) {
            uint256 power = 10 ** uint8(-exponent);
            if (power > type(uint256).max / value) return;
            what.settlePrice = (value * power) / what.settleAmount;
        } else {
            what.settlePrice = value / (10 ** uint8(exponent)) / what.settleAmount;
        }
        if (what.settlePrice == 0 || what.settlePrice > MAX_PRICE) return;
        assertBounds(what);
    }
}
