// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {HoldRow, HoldStatus, OpenBatch, OpenRow, Split} from "../../contracts/types/EscrowTypes.sol";
import {FxHoldBatch, FxHoldRef, GuardTerms, Quote, RefundRule} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";

contract ExchangeHoldTest is ExchangeTest {
    function test_HoldsWhatTheMakerGives() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 5);
        ref.amount = COST + 77;
        (bytes32 id, bytes32 hold) = (fxHoldId(ref), referenceId(ref.hold));
        (bytes32 told, bytes32 toldHold) = exchange.idsOf(ref);
        assertEq(told, id, "id");
        assertEq(toldHold, hold, "the hold's id");

        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Opened(
            hold,
            payer,
            payee,
            DEADLINE,
            CAPTURE_DEADLINE,
            REFUND_DEADLINE,
            address(0),
            0,
            0,
            ref.hold.hold.memo
        );
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Funded(hold, address(exchange), EUROS, 5);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Held(id, hold, COST + 77, COST, EUROS, RefundRule.SettlementCurrency, 0);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.QuoteFilled(quoteId(ref.quote), maker, operator, ref.quote, 1, COST, EUROS, EUROS);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");

        assertHold(hold, HoldStatus.Open, 0, 0);
        assertEq(balance(payer), FUNDS - COST, "payer");
        assertEq(balance(maker), COST, "maker's dollars");
        assertEq(euros(maker), CAPACITY - EUROS, "maker's euros");
        assertEq(euros(address(escrow)), EUROS, "held");
        assertEq(balance(address(exchange)) + euros(address(exchange)), 0, "the Exchange keeps nothing (13)");
    }

    function test_7_RowsOfABatchAreIsolated() public {
        FxHoldRef memory bad = fxHold(RefundRule.SettlementCurrency, 0);
        FxHoldRef memory dear = fxHold(RefundRule.SettlementCurrency, 1);
        dear.amount = COST - 1;
        FxHoldRef memory good = fxHold(RefundRule.SettlementCurrency, 2);
        FxHoldBatch[] memory batches = fxHoldBatch(good);
        OpenRow[] memory rows = new OpenRow[](3);
        rows[0] = fxHoldBatch(bad)[0].holds.rows[0];
        rows[0].vs ^= bytes32(uint256(1));
        rows[1] = fxHoldBatch(dear)[0].holds.rows[0];
        rows[2] = batches[0].holds.rows[0];
        batches[0].holds.rows = rows;
        batches[0].amounts = new uint128[](3);
        (batches[0].amounts[0], batches[0].amounts[1], batches[0].amounts[2]) = (COST, COST - 1, COST);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Held(
            fxHoldId(good),
            referenceId(good.hold),
            COST,
            COST,
            EUROS,
            RefundRule.SettlementCurrency,
            0
        );
        vm.recordLogs();
        RowCode[] memory codes = exchange.exchangeIntoHolds(batches)[0];
        assertEq(countOf(vm.getRecordedLogs(), IExchange.Held.selector), 1, "one is held");
        assertCode(codes[0], RowCode.BadSignature, "bad");
        assertCode(codes[1], RowCode.CeilingTooLow, "dear");
        assertCode(codes[2], RowCode.Settled, "good");
        assertHold(referenceId(bad.hold), HoldStatus.None, 0, 0);
        assertHold(referenceId(dear.hold), HoldStatus.None, 0, 0);
        assertHold(referenceId(good.hold), HoldStatus.Open, 0, 0);
        assertEq(balance(payer), FUNDS - COST, "one of them");
        assertEq(euros(address(escrow)), EUROS, "held");
    }

    function test_WhatIsNotCapturedGoesToThePayerInTheSettlementCurrency() public {
        for (uint64 i = 0; i < 3; ++i) {
            FxHoldRef memory ref = fxHold(RefundRule(i), i);
            if (RefundRule(i) == RefundRule.PayerBears) guardBack();
            assertCode(payIntoHold(ref), RowCode.Settled, "held");
            assertCode(doAct(Act.Capture, payee, ref.hold, EUROS / 4, none()), RowCode.Settled, "captured");
            assertCode(doAct(Act.Void, payee, ref.hold, 0, none()), RowCode.Settled, "voided");
            assertEq(euros(payer), (i + 1) * (EUROS - EUROS / 4), "payer");
            assertEq(euros(payee), (i + 1) * (EUROS / 4), "payee");
        }
    }

    function test_AnyoneReclaimsAfterTheDeadline() public {
        FxHoldRef memory ref = fxHold(RefundRule.PayeeBears, 0);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");
        vm.warp(CAPTURE_DEADLINE + 1);
        assertCode(doAct(Act.Reclaim, stranger, ref.hold, 0, none()), RowCode.Settled, "reclaimed");
        assertEq(euros(payer), EUROS, "payer");
    }

    function test_UnderTheRulesOfTheExchangeTheEscrowRefundsNothing() public {
        FxHoldRef memory ref = fxHold(RefundRule.PayeeBears, 0);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");
        capture(ref.hold, EUROS);
        vm.prank(payee);
        ledger.setOperator(address(escrow), true);
        assertCode(doAct(Act.Refund, payee, ref.hold, 1, none()), RowCode.TooLate, "elsewhere");
        ref = fxHold(RefundRule.SettlementCurrency, 1);
        assertCode(payIntoHold(ref), RowCode.Settled, "held");
        capture(ref.hold, EUROS);
        assertCode(doAct(Act.Refund, payee, ref.hold, EUROS, none()), RowCode.Settled, "here");
        assertEq(euros(payer), EUROS, "in euros");
    }

    // Terms

    function assertHoldRefused(FxHoldRef memory ref, RowCode code) internal {
        bytes32 before = fullState(ref);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Rejected(fxHoldId(ref), code);
        assertCode(payIntoHold(ref), code, "row code");
        assertEq(fullState(ref), before, "state after a rejected row");
    }

    function fullState(FxHoldRef memory ref) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    stateOf(ref.hold, referenceId(ref.hold)),
                    ledger.accountOf(payer, address(dollar)),
                    ledger.accountOf(maker, address(dollar)),
                    ledger.accountOf(maker, address(euro)),
                    exchange.fillOf(quoteId(ref.quote))
                )
            );
    }

    function test_RuleAndDeadlinesMustAgree() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.refundDeadline = REFUND_DEADLINE;
        assertHoldRefused(ref, RowCode.InvalidTerms);
        ref = fxHold(RefundRule.PayeeBears, 0);
        ref.hold.hold.refundDeadline = REFUND_DEADLINE;
        assertHoldRefused(ref, RowCode.InvalidTerms);
        ref = fxHold(RefundRule.PayeeBears, 0);
        ref.refundDeadline = CAPTURE_DEADLINE - 1;
        assertHoldRefused(ref, RowCode.InvalidTerms);
        ref.refundDeadline = CAPTURE_DEADLINE;
        assertCode(payIntoHold(ref), RowCode.Settled, "to the second");
    }

    function test_ThePayerBearsOnlyWhereTheWayBackIsGuarded() public {
        FxHoldRef memory ref = fxHold(RefundRule.PayerBears, 0);
        assertHoldRefused(ref, RowCode.InvalidTerms);
        guardBack();
        assertCode(payIntoHold(ref), RowCode.Settled, "guarded");
    }

    function test_TheHoldIsInTheSettlementCurrency() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        FxHoldBatch[] memory batches = fxHoldBatch(ref);
        batches[0].holds.token = address(dollar);
        assertCode(exchange.exchangeIntoHolds(batches)[0][0], RowCode.InvalidTerms, "in dollars");
    }

    function test_TheExchangeIsNoPayeeOfAHold() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.payee = address(exchange);
        assertHoldRefused(ref, RowCode.InvalidPayee);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.splits = new Split[](1);
        ref.hold.splits[0] = Split(address(exchange), 100);
        assertHoldRefused(ref, RowCode.InvalidPayee);
    }

    function test_AsksWhatTheEscrowAsks() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.hold.captureDeadline = NOW - 1;
        assertHoldRefused(ref, RowCode.InvalidTerms);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.splits = new Split[](1);
        ref.hold.splits[0] = Split(payee, 1);
        assertHoldRefused(ref, RowCode.InvalidTerms);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.hold.deadline = NOW - 1;
        assertHoldRefused(ref, RowCode.Expired);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.hold.hold.amount = 0;
        assertHoldRefused(ref, RowCode.ZeroAmount);
        ref.hold.hold.amount = uint128(type(uint104).max) + 1;
        assertHoldRefused(ref, RowCode.AmountTooHigh);
    }

    function test_AsksWhatAQuoteAsks() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.amount = COST - 1;
        assertHoldRefused(ref, RowCode.CeilingTooLow);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        ref.quote.deadline = NOW - 1;
        assertHoldRefused(ref, RowCode.QuoteExpired);
        ref = fxHold(RefundRule.SettlementCurrency, 0);
        (ref.quote.settleAmount, ref.quote.payAmount) = (EUROS - 1, EUROS - 1);
        assertHoldRefused(ref, RowCode.QuoteExhausted);
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(euro)), CAPACITY);
        assertHoldRefused(fxHold(RefundRule.SettlementCurrency, 0), RowCode.MakerShort);
    }

    function test_NobodyChangesTheTerms() public {
        FxHoldRef memory ref = fxHold(RefundRule.PayeeBears, 0);
        FxHoldBatch[] memory batches = fxHoldBatch(ref);
        batches[0].refundDeadline += 1;
        assertCode(exchange.exchangeIntoHolds(batches)[0][0], RowCode.BadSignature, "the rule's deadline");
        batches = fxHoldBatch(ref);
        batches[0].amounts[0] += 1;
        assertCode(exchange.exchangeIntoHolds(batches)[0][0], RowCode.BadSignature, "ceiling");
        batches = fxHoldBatch(ref);
        batches[0].holds.payee = stranger;
        assertCode(exchange.exchangeIntoHolds(batches)[0][0], RowCode.BadSignature, "payee");
        batches = fxHoldBatch(ref);
        batches[0].holds.rows[0].hold.captureDeadline -= 1;
        assertCode(exchange.exchangeIntoHolds(batches)[0][0], RowCode.BadSignature, "capture deadline");
    }

    function test_AHoldThatSomebodyElseOpenedCostsThePayerNothing() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        fund(euro, stranger, EUROS);
        OpenBatch memory batch = fxHoldBatch(ref)[0].holds;
        RowCode[] memory codes = new RowCode[](1);
        codes[0] = RowCode.Settled;
        vm.startPrank(stranger);
        ledger.setOperator(address(escrow), true);
        escrow.openFunded(batch, codes);
        vm.stopPrank();
        assertHoldRefused(ref, RowCode.WrongStatus);
    }

    function test_TwoPaymentsThatNameOneHoldOpenItOnce() public {
        FxHoldRef memory ref = fxHold(RefundRule.SettlementCurrency, 0);
        assertCode(payIntoHold(ref), RowCode.Settled, "first");
        // From another account of hers, with the same nonce: another payment, the same hold.
        TestToken yen = newToken("Test Yen", "tJPY", 0);
        fund(yen, payer, FUNDS);
        ref.quote = quoteOf(yen, euro);
        assertHoldRefused(ref, RowCode.WrongStatus);
    }

    function test_RevertWhen_ThereIsNotOneCeilingAHold() public {
        FxHoldBatch[] memory batches = fxHoldBatch(fxHold(RefundRule.SettlementCurrency, 0));
        batches[0].amounts = new uint128[](2);
        vm.expectRevert(abi.encodeWithSelector(IExchange.ExchangeLengthMismatch.selector, 2, 1));
        exchange.exchangeIntoHolds(batches);
    }

    function test_RevertWhen_TheChainHasSplit() public {
        FxHoldBatch[] memory batches = fxHoldBatch(fxHold(RefundRule.SettlementCurrency, 0));
        bytes32 expected = ledger.domainSeparator();
        vm.chainId(block.chainid + 1);
        bytes32 actual = ledger.domainSeparator();
        vm.expectRevert(abi.encodeWithSelector(IExchange.ExchangeChainSplit.selector, expected, actual));
        exchange.exchangeIntoHolds(batches);
    }

    // A guard

    function guardBack() internal {
        TestFeed feed = TestFeed(deploy("TestFeed.sol:TestFeed", abi.encode(8)));
        feed.setAnswer(108_000_000);
        GuardTerms memory terms = GuardTerms(address(feed), address(0), 1 days, 10_000);
        setGuardNow(address(euro), address(dollar), terms);
    }
}
