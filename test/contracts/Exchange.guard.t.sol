// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {HostileFeed} from "../../contracts/mocks/HostileFeed.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {FxBatch, Guard, GuardTerms, Quote} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";

contract ExchangeGuardTest is ExchangeTest {
    TestFeed internal euroFeed;
    TestFeed internal dollarFeed;

    function setUp() public override {
        super.setUp();
        euroFeed = newFeed(8, 108_330_000);
        dollarFeed = newFeed(8, 100_000_000);
    }

    function newFeed(uint8 decimals, int256 answer) internal returns (TestFeed feed) {
        feed = TestFeed(deploy("TestFeed.sol:TestFeed", abi.encode(decimals)));
        feed.setAnswer(answer);
    }

    function terms() internal view returns (GuardTerms memory) {
        return GuardTerms(address(dollarFeed), address(euroFeed), 1 hours, 100);
    }

    function guard() internal {
        setGuardNow(address(dollar), address(euro), terms());
    }

    function codeNow(Quote memory quote) internal view returns (RowCode code) {
        (bytes32 r, bytes32 vs) = compact(MAKER_KEY, quoteId(quote));
        (code, ) = exchange.check(quote, r, vs, EUROS);
    }

    // Bounds

    function test_DeviationBoundaries() public {
        guard();
        Quote memory quote = dollarsToEuros();
        assertCode(codeNow(quote), RowCode.Settled, "at the price");
        // One percent of 541,650,000 on either side, inclusive.
        quote.payAmount = PRICE + 5_416_500;
        assertCode(codeNow(quote), RowCode.Settled, "dearest");
        quote.payAmount += 1;
        assertRefused(quote, fxRow(quote, PAYER_KEY, 2 * COST, 0, payee, EUROS), RowCode.OutsideGuard);
        quote.payAmount = PRICE - 5_416_500;
        assertCode(codeNow(quote), RowCode.Settled, "cheapest");
        quote.payAmount -= 1;
        assertRefused(quote, fxRow(quote, 0), RowCode.OutsideGuard);
    }

    function test_AgeBoundary() public {
        guard();
        Quote memory quote = dollarsToEuros();
        euroFeed.setAnswerAsOf(108_330_000, NOW - 1 hours);
        assertCode(codeNow(quote), RowCode.Settled, "in its last second");
        euroFeed.setAnswerAsOf(108_330_000, NOW - 1 hours - 1);
        assertRefused(quote, fxRow(quote, 0), RowCode.StaleFeed);
        euroFeed.setAnswer(108_330_000);
        dollarFeed.setAnswerAsOf(100_000_000, NOW - 1 hours - 1);
        assertRefused(quote, fxRow(quote, 0), RowCode.StaleFeed);
        dollarFeed.setAnswerAsOf(100_000_000, NOW + 1);
        assertRefused(quote, fxRow(quote, 0), RowCode.StaleFeed);
    }

    function test_APriceIsPositive() public {
        guard();
        Quote memory quote = dollarsToEuros();
        int256[4] memory answers = [int256(0), -1, type(int256).min, int256(uint256(type(uint96).max) + 1)];
        for (uint256 i = 0; i < answers.length; ++i) {
            euroFeed.setAnswer(answers[i]);
            assertRefused(quote, fxRow(quote, 0), RowCode.StaleFeed);
        }
        euroFeed.setAnswer(int256(uint256(type(uint96).max)));
        assertCode(codeNow(quote), RowCode.OutsideGuard, "the highest");
    }

    /// @dev Feeds that answer with what they were called with: no other price passes a guard that allows no deviation.
    function test_WhatAFeedIsAskedWith() public {
        TestFeed feed = newFeed(0, 1);
        setGuardNow(address(dollar), address(euro), GuardTerms(address(0), address(feed), 1 hours, 0));
        // The gas that is left, less that of asking for it; then how long the call is.
        assertPriceOf(feed, hex"5a", 100_000 - 2);
        assertPriceOf(feed, hex"36", 4);
    }

    function assertPriceOf(TestFeed feed, bytes memory answer, uint128 price) internal {
        // answer; timestamp as the fourth word; five words
        vm.etch(address(feed), bytes.concat(answer, hex"602052", hex"42606052", hex"60a06000f3"));
        Quote memory quote = dollarsToEuros();
        for (uint128 i = 0; i < 3; ++i) {
            quote.payAmount = (price - 1 + i) * quote.settleAmount;
            assertCode(codeNow(quote), i == 1 ? RowCode.Settled : RowCode.OutsideGuard, "price");
        }
    }

    /// @dev Each word of memory costs more the further up it lies.
    function test_APriceIsCheapToAsk() public {
        guard();
        Quote memory quote = dollarsToEuros();
        (bytes32 r, bytes32 vs) = compact(MAKER_KEY, quoteId(quote));
        exchange.check{gas: 150_000}(quote, r, vs, EUROS);
    }

    function test_APairHasADirection() public {
        guard();
        Quote memory back = quoteOf(euro, dollar);
        back.payAmount = 10 * CAPACITY;
        fund(dollar, maker, CAPACITY);
        assertCode(codeNow(back), RowCode.Settled, "not held");
    }

    function test_AGuardWithoutFeedsHoldsAtPar() public {
        setGuardNow(address(dollar), address(euro), GuardTerms(address(0), address(0), 1, 50));
        Quote memory quote = dollarsToEuros();
        assertCode(codeNow(quote), RowCode.OutsideGuard, "8 % off");
        quote.payAmount = CAPACITY;
        assertCode(codeNow(quote), RowCode.Settled, "at par");
    }

    function test_AHostileFeedFailsItsOwnQuotesOnly() public {
        HostileFeed hostile = HostileFeed(deploy("HostileFeed.sol:HostileFeed", ""));
        TestToken yen = newToken("Test Yen", "tJPY", 0);
        fund(yen, payer, FUNDS);
        setGuardNow(address(yen), address(euro), GuardTerms(address(0), address(hostile), 1 hours, 10_000));
        Quote memory bad = quoteOf(yen, euro);
        Quote memory good = dollarsToEuros();
        for (uint64 i = 0; i < 4; ++i) {
            hostile.setMood(HostileFeed.Mood(i));
            FxBatch[] memory batches = new FxBatch[](2);
            batches[0] = fxBatch(bad, fxRow(bad, i))[0];
            batches[1] = fxBatch(good, fxRow(good, i))[0];
            // What the relayer would give: 330,000 a batch, 85,000 a row, 60,000 for the transaction.
            RowCode[][] memory codes = exchange.exchange{gas: 890_000}(batches);
            assertCode(codes[0][0], RowCode.StaleFeed, "hostile");
            assertCode(codes[1][0], RowCode.Settled, "good");
        }
        hostile.setMood(HostileFeed.Mood.AnswerLong);
        assertCode(codeNow(bad), RowCode.OutsideGuard, "a long answer is read as far as it counts");
    }

    // Decimals

    function testFuzz_HoldsAnyDecimalsAgainstPlainArithmetic(
        uint8[4] memory decimals,
        uint64[2] memory prices,
        uint96[2] memory amounts,
        uint16 deviation
    ) public {
        for (uint256 i = 0; i < 4; ++i) decimals[i] = uint8(bound(decimals[i], 0, 18));
        prices[0] = uint64(bound(prices[0], 1, type(uint64).max));
        prices[1] = uint64(bound(prices[1], 1, type(uint64).max));
        deviation = uint16(bound(deviation, 0, 10_000));
        Quote memory quote = quoteOf(newToken("A", "A", decimals[0]), newToken("B", "B", decimals[1]));
        quote.payAmount = uint128(bound(amounts[0], 1, type(uint96).max));
        quote.settleAmount = uint128(bound(amounts[1], 1, type(uint96).max));
        setGuardNow(
            quote.payToken,
            quote.settleToken,
            GuardTerms(
                address(newFeed(decimals[2], int256(uint256(prices[0])))),
                address(newFeed(decimals[3], int256(uint256(prices[1])))),
                1 hours,
                deviation
            )
        );
        bool isWithin = isNear(quote, decimals, prices, deviation);
        RowCode code = codeNow(quote);
        // The maker has nothing of it; so a quote that passes the guard says that.
        assertTrue((code == RowCode.OutsideGuard) == !isWithin, "as plain arithmetic says");
    }

    /// @dev Values of both sides in one unit of account, divided where a product would not fit.
    function isNear(
        Quote memory quote,
        uint8[4] memory decimals,
        uint64[2] memory prices,
        uint16 deviation
    ) internal pure returns (bool) {
        uint256 pay = uint256(quote.payAmount) * prices[0];
        uint256 settle_ = uint256(quote.settleAmount) * prices[1];
        (uint256 payScale, uint256 settleScale) = (
            uint256(decimals[0]) + decimals[2],
            uint256(decimals[1]) + decimals[3]
        );
        (uint256 high, uint256 low) = (settle_ * (10_000 + deviation), settle_ * (10_000 - deviation));
        return
            atMost(pay * 10_000, payScale, high, settleScale) &&
            atMost(low, settleScale, pay * 10_000, payScale);
    }

    /// @dev Whether a / 10^p <= b / 10^q.
    function atMost(uint256 a, uint256 p, uint256 b, uint256 q) internal pure returns (bool) {
        // a <= b * 10^k is ceil(a / 10^k) <= b, and a * 10^k <= b is a <= floor(b / 10^k).
        for (; p > q; --p) a = a / 10 + (a % 10 == 0 ? 0 : 1);
        for (; q > p; --q) b /= 10;
        return a <= b;
    }

    // Who may set it

    function test_TheRoleSetsAGuardAfterItsDelay() public {
        bytes memory data = abi.encodeCall(IExchange.setGuard, (address(dollar), address(euro), terms()));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        exchange.setGuard(address(dollar), address(euro), terms());
        bytes32 operation = manager.hashOperation(watchman, address(exchange), data);
        vm.startPrank(watchman);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation));
        exchange.setGuard(address(dollar), address(euro), terms());
        manager.schedule(address(exchange), data, 0);
        vm.warp(NOW + GUARD_DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation));
        manager.execute(address(exchange), data);
        vm.warp(NOW + GUARD_DELAY);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.GuardSet(address(dollar), address(euro), terms());
        manager.execute(address(exchange), data);
        vm.stopPrank();
        Guard memory kept = exchange.guardOf(address(dollar), address(euro));
        assertTrue(kept.isSet && kept.payFeed == address(dollarFeed), "feeds");
        assertEq(kept.settleFeed, address(euroFeed), "feed");
        assertEq(kept.maxAge, 1 hours, "age");
        assertEq(kept.maxDeviationBps, 100, "deviation");
    }

    function test_TheRoleTakesAGuardAwayAfterItsDelay() public {
        guard();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        exchange.removeGuard(address(dollar), address(euro));
        bytes memory data = abi.encodeCall(IExchange.removeGuard, (address(dollar), address(euro)));
        vm.startPrank(watchman);
        manager.schedule(address(exchange), data, 0);
        vm.warp(NOW + GUARD_DELAY);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.GuardRemoved(address(dollar), address(euro));
        manager.execute(address(exchange), data);
        vm.stopPrank();
        assertTrue(!exchange.guardOf(address(dollar), address(euro)).isSet, "gone");
    }

    function test_RevertWhen_AGuardContradictsItself() public {
        GuardTerms memory wrong = terms();
        assertInvalid(address(dollar), address(dollar), wrong);
        wrong.maxAge = 0;
        assertInvalid(address(dollar), address(euro), wrong);
        wrong = terms();
        wrong.maxDeviationBps = 10_001;
        assertInvalid(address(dollar), address(euro), wrong);
        wrong = terms();
        wrong.payFeed = address(newFeed(19, 1));
        assertInvalid(address(dollar), address(euro), wrong);
        assertInvalid(address(newToken("Fine", "F", 19)), address(euro), terms());
    }

    function assertInvalid(address from, address to, GuardTerms memory wrong) internal {
        manager.grantRole(GUARD, address(this), 0);
        vm.expectRevert(abi.encodeWithSelector(IExchange.ExchangeInvalidGuard.selector, from, to));
        exchange.setGuard(from, to, wrong);
    }
}
