// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {FxHoldRef, FxRefund, GuardTerms, Quote, RefundRule} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {SignedDigest} from "../../contracts/types/SignatureTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";

contract ExchangeRefundTest is ExchangeTest {
    /// @dev Back at a little less than the rate of the first quote, for 500 million units of dollars.
    uint128 internal constant BACK = 461_552_000;
    TestFeed internal feed;

    function setUp() public override {
        super.setUp();
        feed = TestFeed(deploy("TestFeed.sol:TestFeed", abi.encode(8)));
        feed.setAnswer(108_330_000);
        setGuardNow(address(euro), address(dollar), GuardTerms(address(feed), address(0), 1 days, 2_000));
        fund(dollar, maker, FUNDS);
        vm.startPrank(payee);
        ledger.setOperator(address(exchange), true);
        vm.stopPrank();
    }

    function held(RefundRule rule, uint128 captured) internal returns (FxHoldRef memory ref) {
        ref = fxHold(rule, 0);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");
        if (captured != 0) capture(ref.hold, captured);
    }

    /// @dev What so many euros cost in dollars at the quote back, as anybody would reckon it.
    function costOf(Quote memory quote, uint256 settleAmount) internal pure returns (uint128) {
        uint256 product = settleAmount * quote.payAmount;
        uint256 quotient = product / quote.settleAmount;
        return uint128(product % quote.settleAmount == 0 ? quotient : quotient + 1);
    }

    function refundByCall(FxRefund memory what) internal {
        vm.prank(payee);
        exchange.refund(what);
    }

    // The payee bears it

    function test_ThePayeeBearsWhatTheRateHasMoved() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        fund(euro, payee, EUROS);
        // The dollar rose by a tenth: it takes more euros to give the dollars back.
        Quote memory quote = eurosToDollars((BACK * 11) / 10);
        uint128 cost = costOf(quote, COST);
        assertTrue(cost > EUROS, "more than was captured");
        FxRefund memory what = fxRefund(ref, EUROS, cost, quote);
        uint256 dollars = balance(payer);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Refunded(fxHoldId(ref), referenceId(ref.hold), EUROS, EUROS, cost, COST);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.QuoteFilled(quoteId(quote), maker, payee, quote, 0, cost, COST, COST);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(exchange), payee, maker, uint160(address(euro)), cost);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(exchange), maker, payer, uint160(address(dollar)), COST);
        refundByCall(what);
        assertEq(balance(payer) - dollars, COST, "every dollar that she paid");
        assertEq(euros(payee), 2 * EUROS - cost, "payee");
        assertEq(exchange.refundedOf(referenceId(ref.hold)), EUROS, "noted");
        assertEq(balance(address(exchange)) + euros(address(exchange)), 0, "the Exchange keeps nothing (13)");
    }

    function test_ThePayeeHasTheGainToo() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = eurosToDollars((BACK * 9) / 10);
        uint128 cost = costOf(quote, COST);
        assertTrue(cost < EUROS, "less than was captured");
        refundByCall(fxRefund(ref, EUROS, cost, quote));
        assertEq(euros(payee), EUROS - cost, "hers");
        assertEq(balance(payer), FUNDS, "and every dollar the payer's");
    }

    function testFuzz_ManyRefundsComeToWhatWasPaid(uint128[5] memory parts) public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        fund(euro, payee, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        uint128 left = EUROS;
        for (uint256 i = 0; i < parts.length + 1 && left > 0; ++i) {
            uint128 part = i == parts.length ? left : uint128(bound(parts[i], 2, left / 2 + 2));
            if (part > left) part = left;
            refundByCall(fxRefund(ref, part, type(uint128).max, quote));
            left -= part;
        }
        assertEq(balance(payer), FUNDS, "all of what she paid, and no more");
        assertEq(exchange.refundedOf(referenceId(ref.hold)), EUROS, "all of it");
    }

    // The payer bears it

    function test_ThePayerBearsWhatTheRateHasMoved() public {
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars((BACK * 11) / 10);
        uint128 returned = uint128((uint256(EUROS) * quote.settleAmount) / quote.payAmount);
        assertTrue(returned < COST, "less than she paid");
        uint256 dollars = balance(payer);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Refunded(fxHoldId(ref), referenceId(ref.hold), EUROS, EUROS, EUROS, returned);
        refundByCall(fxRefund(ref, EUROS, EUROS, quote));
        assertEq(balance(payer) - dollars, returned, "what it buys");
        assertEq(euros(payee), 0, "what was refunded, no more");
    }

    function test_ThePayerIsNotExchangedBackWithoutAGuard() public {
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        bytes memory data = abi.encodeCall(IExchange.removeGuard, (address(euro), address(dollar)));
        vm.startPrank(watchman);
        manager.schedule(address(exchange), data, 0);
        vm.warp(NOW + GUARD_DELAY);
        manager.execute(address(exchange), data);
        vm.stopPrank();
        vm.warp(NOW);
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), RowCode.OutsideGuard)
        );
        // Nor at par, which a guard without feeds would let through.
        quote = eurosToDollars(quote.settleAmount);
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), RowCode.OutsideGuard)
        );
    }

    function test_RevertWhen_TheChainHasSplit() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        FxRefund memory what = fxRefund(ref, EUROS, EUROS, eurosToDollars(BACK));
        bytes32 expected = ledger.domainSeparator();
        vm.chainId(block.chainid + 1);
        bytes32 actual = ledger.domainSeparator();
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeChainSplit.selector, expected, actual)
        );
    }

    function test_AGuardHoldsTheWayBack() public {
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars(2 * BACK);
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), RowCode.OutsideGuard)
        );
    }

    /// @dev A fifth on either side of 1.0833 dollars a euro; what it says is not the same as of a euro a dollar.
    function test_TheWayBackIsHeldInItsOwnDirection() public {
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars(555_000_000);
        assertRefused(ref, quote, RowCode.OutsideGuard);
        quote.payAmount = 369_000_000;
        assertRefused(ref, quote, RowCode.OutsideGuard);
        quote.payAmount = 370_000_000;
        refundByCall(fxRefund(ref, EUROS / 2, EUROS, quote));
        (quote.payAmount, quote.salt) = (553_000_000, keccak256("further"));
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Refunded(
            fxHoldId(ref),
            referenceId(ref.hold),
            EUROS / 4,
            (EUROS * 3) / 4,
            EUROS / 4,
            uint128((uint256(EUROS / 4) * CAPACITY) / 553_000_000)
        );
        refundByCall(fxRefund(ref, EUROS / 4, EUROS, quote));
    }

    // Consent

    function test_ThePayeeConsentsBySignature() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        FxRefund memory what = fxRefund(ref, EUROS / 2, EUROS, eurosToDollars(BACK));
        consentToRefund(what, 0, PAYEE_KEY);
        vm.prank(stranger);
        exchange.refund(what);
        assertEq(exchange.refundedOf(referenceId(ref.hold)), EUROS / 2, "sent by a stranger");
        // It was signed over the sum before.
        bytes32 digest = refundDigest(what, EUROS / 2);
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeBadConsent.selector, payee, digest),
            stranger
        );
    }

    function test_ThePayeeConsentsByAnyKindOfSignature() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        FxRefund memory what = fxRefund(ref, EUROS / 2, EUROS, eurosToDollars(BACK));
        what.consent.deadline = DEADLINE;
        SignedDigest[] memory signatures = new SignedDigest[](1);
        bytes32 digest = refundDigest(what, 0);
        signatures[0] = SignedDigest(payee, digest, long(PAYEE_KEY, digest));
        vm.prank(stranger);
        exchange.callWithSignatures(signatures, abi.encodeCall(IExchange.refund, (what)));
        assertEq(exchange.refundedOf(referenceId(ref.hold)), EUROS / 2, "refunded");
    }

    function test_RevertWhen_ThePayeeDidNotConsent() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        FxRefund memory what = fxRefund(ref, EUROS, EUROS, eurosToDollars(BACK));
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeNotActor.selector, stranger, payee),
            stranger
        );
        consentToRefund(what, 0, STRANGER_KEY);
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeBadConsent.selector, payee, refundDigest(what, 0)),
            stranger
        );
        consentToRefund(what, 0, PAYEE_KEY);
        what.maxCost += 1;
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeBadConsent.selector, payee, refundDigest(what, 0)),
            stranger
        );
        what.maxCost -= 1;
        what.quote.deadline = DEADLINE + 2;
        (what.r, what.vs) = compact(MAKER_KEY, quoteId(what.quote));
        consentToRefund(what, 0, PAYEE_KEY);
        vm.warp(DEADLINE + 1);
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeConsentExpired.selector, DEADLINE + 1, DEADLINE),
            stranger
        );
    }

    // Bounds

    function assertRefundReverts(FxRefund memory what, bytes memory reason) internal {
        assertRefundReverts(what, reason, payee);
    }

    function assertRefundReverts(FxRefund memory what, bytes memory reason, address caller) internal {
        uint128 before = exchange.refundedOf(referenceId(what.ref.hold));
        vm.expectRevert(reason);
        vm.prank(caller);
        exchange.refund(what);
        assertEq(exchange.refundedOf(referenceId(what.ref.hold)), before, "nothing refunded");
    }

    function test_RefundsNoMoreThanWasCaptured() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS / 2);
        Quote memory quote = eurosToDollars(BACK);
        assertRefundReverts(
            fxRefund(ref, EUROS / 2 + 1, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefundTooHigh.selector, EUROS / 2 + 1, EUROS / 2)
        );
        assertRefundReverts(
            fxRefund(ref, 0, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefundTooHigh.selector, 0, EUROS / 2)
        );
        refundByCall(fxRefund(ref, EUROS / 2, EUROS, quote));
        assertRefundReverts(
            fxRefund(ref, 1, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefundTooHigh.selector, 1, 0)
        );
    }

    function test_RefundsNothingOfAHoldThatIsNotThere() public {
        FxHoldRef memory ref = fxHold(RefundRule.PayeeBears, 0);
        assertRefundReverts(
            fxRefund(ref, 1, EUROS, eurosToDollars(BACK)),
            abi.encodeWithSelector(IExchange.ExchangeRefundTooHigh.selector, 1, 0)
        );
    }

    function test_AMadeUpPaymentOverTheSameHoldIsNotRefundedBesideTheTrueOne() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        fund(euro, payee, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        refundByCall(fxRefund(ref, EUROS, EUROS, quote));
        ref.amount += 1;
        assertRefundReverts(
            fxRefund(ref, 1, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefundTooHigh.selector, 1, 0)
        );
    }

    function test_SmallRefundsDoNotRoundThePayerOut() public {
        // A unit buys 1.08: one. Two buy 1.99 at the other rate: one as well, half of what they are worth.
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars(0);
        (quote.settleAmount, quote.payAmount) = (100_000, 92_300);
        FxRefund memory small = fxRefund(ref, 1, 1, quote);
        refundByCall(small);
        (quote.settleAmount, quote.payAmount) = (100_000, 100_500);
        feed.setAnswer(100_000_000);
        FxRefund memory lossy = fxRefund(ref, 2, 2, quote);
        assertRefundReverts(
            lossy,
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), RowCode.OutsideGuard)
        );
        refundByCall(fxRefund(ref, 2_010, 2_010, quote));
    }

    function test_RuleAndDeadlineOfTheRefund() public {
        FxHoldRef memory ref = held(RefundRule.SettlementCurrency, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        quote.deadline = REFUND_DEADLINE + 10;
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefundElsewhere.selector, RefundRule.SettlementCurrency)
        );
        ref = fxHold(RefundRule.PayeeBears, 1);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");
        capture(ref.hold, EUROS);
        vm.warp(REFUND_DEADLINE + 1);
        feed.setAnswer(108_330_000);
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeTooLate.selector, REFUND_DEADLINE + 1, REFUND_DEADLINE)
        );
        vm.warp(REFUND_DEADLINE);
        feed.setAnswer(108_330_000);
        refundByCall(fxRefund(ref, EUROS, EUROS, quote));
    }

    function test_TheQuoteLeadsBack() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = dollarsToEuros();
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeQuoteMismatch.selector, address(dollar), address(euro))
        );
    }

    function test_CostBoundary() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        uint128 cost = costOf(quote, COST);
        assertRefundReverts(
            fxRefund(ref, EUROS, cost - 1, quote),
            abi.encodeWithSelector(IExchange.ExchangeCostTooHigh.selector, cost, cost - 1)
        );
        refundByCall(fxRefund(ref, EUROS, cost, quote));
    }

    function test_TheQuotesCodesAreTold() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        quote.deadline = NOW - 1;
        assertRefused(ref, quote, RowCode.QuoteExpired);
        quote = eurosToDollars(BACK);
        (quote.settleAmount, quote.payAmount) = (COST - 1, EUROS - 1);
        assertRefused(ref, quote, RowCode.QuoteExhausted);
        uint256 all = balance(maker);
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(dollar)), all);
        assertRefused(ref, eurosToDollars(BACK), RowCode.MakerShort);
        feed.setAnswerAsOf(108_330_000, NOW - 1 days - 1);
        assertRefused(ref, eurosToDollars(BACK), RowCode.StaleFeed);
    }

    function test_ARefundThatWouldGiveNothingIsRefused() public {
        FxHoldRef memory ref = held(RefundRule.PayerBears, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        (quote.settleAmount, quote.payAmount) = (9, 10);
        feed.setAnswer(90_000_000);
        FxRefund memory what = fxRefund(ref, 1, 1, quote);
        assertRefundReverts(
            what,
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), RowCode.ZeroAmount)
        );
    }

    function assertRefused(FxHoldRef memory ref, Quote memory quote, RowCode code) internal {
        assertRefundReverts(
            fxRefund(ref, EUROS, EUROS, quote),
            abi.encodeWithSelector(IExchange.ExchangeRefused.selector, quoteId(quote), code)
        );
    }

    function test_ThePayeesAccountMustGiveTheCost() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = eurosToDollars((BACK * 11) / 10);
        uint128 cost = costOf(quote, COST);
        assertRefundReverts(
            fxRefund(ref, EUROS, cost, quote),
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientBalance.selector,
                payee,
                address(euro),
                EUROS,
                cost
            )
        );
        vm.prank(payee);
        ledger.setOperator(address(exchange), false);
        assertRefundReverts(
            fxRefund(ref, EUROS, cost, quote),
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientAllowance.selector,
                payee,
                address(exchange),
                address(euro),
                0,
                cost
            )
        );
        freeze(payee, address(euro), NOW + 1 days);
        vm.prank(payee);
        ledger.setOperator(address(exchange), true);
        assertRefundReverts(
            fxRefund(ref, EUROS, cost, quote),
            abi.encodeWithSelector(ILedger.LedgerAccountFrozen.selector, payee, address(euro), NOW + 1 days)
        );
    }

    function test_TryEachIsolatesRefunds() public {
        FxHoldRef memory ref = held(RefundRule.PayeeBears, EUROS);
        Quote memory quote = eurosToDollars(BACK);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IExchange.refund, (fxRefund(ref, EUROS + 1, EUROS, quote)));
        calls[1] = abi.encodeCall(IExchange.refund, (fxRefund(ref, EUROS / 2, EUROS, quote)));
        vm.prank(payee);
        bool[] memory done = exchange.tryEach(calls);
        assertTrue(!done[0] && done[1], "the second alone");
        assertEq(exchange.refundedOf(referenceId(ref.hold)), EUROS / 2, "refunded");
    }
}
