// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {ReentrantToken} from "../../contracts/mocks/ReentrantToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {
    AmountBatch,
    AmountRow,
    Consent,
    HoldRef,
    HoldRow,
    HoldStatus,
    Split,
    VoidRow
} from "../../contracts/types/EscrowTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

contract EscrowActsTest is EscrowTest {
    // Capture

    function test_CapturesInParts() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Captured(id, 40e6, 40e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchCaptured(payee, address(dollar), payee, 1, 40e6, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), market, 4e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), carrier, 1e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), payee, 35e6);
        capture(ref, 40e6);
        assertHold(id, HoldStatus.Open, 40e6, 0);
        assertEq(balance(address(escrow)), 60e6, "still held");
        capture(ref, 60e6);
        assertHold(id, HoldStatus.Captured, AMOUNT, 0);
        assertEq(balance(market), 10e6, "market");
        assertEq(balance(carrier), 2.5e6, "carrier");
        assertEq(balance(payee), 87.5e6, "payee");
        assertEq(balance(address(escrow)), 0, "escrow");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS, "supply (invariant 2)");
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.WrongStatus);
    }

    function test_OperatorCapturesByConsentForTheAgreedFee() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 2);
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        Consent memory by = consent(PAYEE_KEY, CAPTURE, id, 50e6, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchCaptured(payee, address(dollar), operator, 1, 50e6, 500_002);
        assertCode(doAct(Act.Capture, operator, ref, 50e6, by), RowCode.Settled, "code");
        assertEq(balance(operator), 500_002, "operator");
        assertEq(balance(market), 5e6, "market");
        assertEq(balance(carrier), 1.25e6, "carrier");
        assertEq(balance(payee), 43_249_998, "payee");
        by = consent(PAYEE_KEY, CAPTURE, id, 50e6, 50e6);
        assertCode(doAct(Act.Capture, stranger, ref, 50e6, by), RowCode.Settled, "any relayer");
        assertEq(balance(stranger), 0, "without an agreement no fee");
        assertEq(balance(payee), 86_999_998, "payee");
    }

    function test_FeeNeverComesOutOfRecipientsShares() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 9_000, 7e6);
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        doAct(Act.Capture, operator, ref, AMOUNT, consent(PAYEE_KEY, CAPTURE, id, AMOUNT, 0));
        assertEq(balance(market), 10e6, "market");
        assertEq(balance(carrier), 2.5e6, "carrier");
        assertEq(balance(operator), 87.5e6, "operator: all that is left to the payee");
        assertEq(balance(payee), 0, "payee");
    }

    function test_CaptureDeadlineIsInclusive() public {
        HoldRef memory ref = plain(0);
        open(ref);
        vm.warp(CAPTURE_DEADLINE - 1);
        capture(ref, 1);
        vm.warp(CAPTURE_DEADLINE);
        capture(ref, 1);
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.TooLate);
    }

    function test_CaptureAmountBoundary() public {
        HoldRef memory ref = plain(0);
        open(ref);
        assertRefused(Act.Capture, payee, ref, 0, none(), RowCode.ZeroAmount);
        assertRefused(Act.Capture, payee, ref, AMOUNT + 1, none(), RowCode.AmountTooHigh);
        assertRefused(Act.Capture, payee, ref, type(uint128).max, none(), RowCode.AmountTooHigh);
        // As it would read if it were cut to 104 bits.
        assertRefused(Act.Capture, payee, ref, (uint128(1) << 104) + 1, none(), RowCode.AmountTooHigh);
        capture(ref, AMOUNT - 1);
        assertRefused(Act.Capture, payee, ref, 2, none(), RowCode.AmountTooHigh);
        capture(ref, 1);
    }

    /// @dev Shares that are rounded each on its own sum to more than the growth here: 2 of 1.
    function test_OddCapturesOfHalves() public {
        HoldRef memory ref = plain(0);
        ref.splits = new Split[](2);
        ref.splits[0] = Split(market, 5_000);
        ref.splits[1] = Split(carrier, 5_000);
        open(ref);
        for (uint256 i = 0; i < 4; ++i) capture(ref, 1);
        assertEq(balance(market), 2, "market");
        assertEq(balance(carrier), 2, "carrier");
        capture(ref, AMOUNT - 4);
        assertEq(balance(market), AMOUNT / 2, "market");
        assertEq(balance(carrier), AMOUNT / 2, "carrier");
        allow(market, type(uint256).max);
        allow(carrier, type(uint256).max);
        for (uint256 i = 0; i < 4; ++i) refund(ref, 1);
        refund(ref, AMOUNT - 4);
        assertEq(balance(payer), FUNDS, "payer");
        assertEq(balance(market) + balance(carrier) + balance(payee), 0, "all given back");
    }

    // Void

    function test_VoidsWhatIsLeft() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, 30e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Voided(id, 70e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), payer, 70e6);
        assertCode(doAct(Act.Void, payee, ref, 0, none()), RowCode.Settled, "code");
        assertHold(id, HoldStatus.Voided, 30e6, 0);
        assertEq(balance(payer), FUNDS - 30e6, "payer");
        assertEq(balance(address(escrow)), 0, "escrow");
        assertRefused(Act.Void, payee, ref, 0, none(), RowCode.WrongStatus);
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.WrongStatus);
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        assertRefused(Act.Reclaim, stranger, ref, 0, none(), RowCode.WrongStatus);
    }

    function test_VoidsByConsentAndAtAnyTime() public {
        HoldRef memory ref = plain(0);
        bytes32 id = open(ref);
        Consent memory by = voidConsent(PAYEE_KEY, id, 0);
        assertCode(doAct(Act.Void, stranger, ref, 0, by), RowCode.Settled, "code");
        assertEq(balance(payer), FUNDS, "payer");
        ref = plain(1);
        open(ref);
        vm.warp(uint256(REFUND_DEADLINE) + 1);
        assertCode(doAct(Act.Void, payee, ref, 0, none()), RowCode.Settled, "late");
        assertEq(balance(payer), FUNDS, "payer");
    }

    // Reclaim

    function test_AnyoneReclaimsAfterTheDeadline() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, 30e6);
        vm.warp(CAPTURE_DEADLINE - 1);
        assertRefused(Act.Reclaim, stranger, ref, 0, none(), RowCode.TooEarly);
        vm.warp(CAPTURE_DEADLINE);
        assertRefused(Act.Reclaim, payer, ref, 0, none(), RowCode.TooEarly);
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Reclaimed(id, 70e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), payer, 70e6);
        assertCode(doAct(Act.Reclaim, stranger, ref, 0, none()), RowCode.Settled, "code");
        assertHold(id, HoldStatus.Reclaimed, 30e6, 0);
        assertEq(balance(payer), FUNDS - 30e6, "payer");
        assertEq(balance(stranger), 0, "stranger");
        assertRefused(Act.Reclaim, stranger, ref, 0, none(), RowCode.WrongStatus);
        assertRefused(Act.Void, payee, ref, 0, none(), RowCode.WrongStatus);
    }

    function test_ActsOnAnUnknownHold() public {
        HoldRef memory ref = plain(0);
        allow(payee, type(uint256).max);
        for (uint256 act = 0; act < 4; ++act) {
            assertRefused(Act(act), payee, ref, 1, none(), RowCode.WrongStatus);
        }
        // A detail that differs names another hold.
        open(ref);
        ref.hold.captureDeadline += 1;
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.WrongStatus);
        ref = plain(0);
        ref.payee = stranger;
        assertRefused(Act.Capture, stranger, ref, 1, none(), RowCode.WrongStatus);
    }

    function test_ActsOnADisputedHold() public {
        HoldRef memory ref = plain(0);
        open(ref);
        dispute(ref);
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.WrongStatus);
        assertRefused(Act.Void, payee, ref, 1, none(), RowCode.WrongStatus);
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        assertRefused(Act.Reclaim, payer, ref, 1, none(), RowCode.WrongStatus);
    }

    // Refund

    function test_RefundsProRata() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, AMOUNT);
        allow(payee, type(uint256).max);
        allow(market, 10e6);
        allow(carrier, 10e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Refunded(id, 40e6, 40e6, 35e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(market, address(escrow), 4e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(carrier, address(escrow), 1e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(payee, address(escrow), 35e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emitTransfer(address(escrow), payer, 40e6);
        refund(ref, 40e6);
        assertHold(id, HoldStatus.Captured, AMOUNT, 40e6);
        assertEq(balance(payer), FUNDS - 60e6, "payer");
        assertEq(balance(market), 6e6, "market");
        assertEq(balance(carrier), 1.5e6, "carrier");
        assertEq(balance(payee), 52.5e6, "payee");
        assertEq(ledger.allowance(market, address(escrow), uint160(address(dollar))), 6e6, "allowance used");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    function test_OddRefundsGiveBackExactlyWhatWasGot() public {
        HoldRef memory ref = shared(0);
        ref.splits[0].shareBps = 3_333;
        ref.splits[1].shareBps = 6_666;
        bytes32 id = open(ref);
        capture(ref, 99_999_999);
        allow(payee, type(uint256).max);
        allow(market, type(uint256).max);
        allow(carrier, type(uint256).max);
        uint128[6] memory parts = [uint128(1), 1, 1, 3_333_333, 7, 96_666_656];
        for (uint256 i = 0; i < 6; ++i) refund(ref, parts[i]);
        assertHold(id, HoldStatus.Open, 99_999_999, 99_999_999);
        assertEq(balance(payer), FUNDS - 1, "payer, but for what is still held");
        assertEq(balance(market), 0, "market");
        assertEq(balance(carrier), 0, "carrier");
        assertEq(balance(payee), 0, "payee");
        // The hold goes on, and remembers what was refunded.
        capture(ref, 1);
        assertHold(id, HoldStatus.Captured, AMOUNT, 99_999_999);
    }

    function test_PayeeBearsWhatRecipientsDoNotGive() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, AMOUNT);
        allow(payee, type(uint256).max);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Refunded(id, 10e6, 10e6, 10e6);
        refund(ref, 10e6);
        assertEq(balance(market), 10e6, "market allowed nothing");
        // The market allows less than its share, the carrier allows it but has spent it.
        allow(market, 300_000);
        allow(carrier, type(uint256).max);
        vm.prank(carrier);
        ledger.withdraw(address(dollar), carrier, 2.4e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Refunded(id, 10e6, 20e6, 9.6e6);
        refund(ref, 10e6);
        assertEq(balance(market), 9.7e6, "market");
        assertEq(balance(carrier), 0, "carrier");
        // The market allows all of it, but is frozen.
        allow(market, type(uint256).max);
        freeze(market, address(dollar), NOW + 1 days);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Refunded(id, 10e6, 30e6, 10e6);
        refund(ref, 10e6);
        assertEq(balance(market), 9.7e6, "market frozen");
        assertEq(balance(payee), 87.5e6 - 29.6e6, "payee");
        assertEq(balance(payer), FUNDS - 70e6, "payer");
        vm.warp(NOW + 1 days);
        refund(ref, 10e6);
        assertEq(balance(market), 8.7e6, "market after the freeze");
    }

    function test_RefundsByConsentInEveryStatus() public {
        HoldRef memory ref = plain(0);
        bytes32 id = open(ref);
        allow(payee, type(uint256).max);
        capture(ref, 50e6);
        Consent memory by = consent(PAYEE_KEY, REFUND, id, 10e6, 0);
        assertCode(doAct(Act.Refund, stranger, ref, 10e6, by), RowCode.Settled, "open");
        assertHold(id, HoldStatus.Open, 50e6, 10e6);
        dispute(ref);
        refund(ref, 10e6);
        assertHold(id, HoldStatus.Disputed, 50e6, 20e6);
        assertEq(escrow.holdOf(id).disputedAt, NOW, "disputed at");
        vm.prank(arbiter);
        escrow.rule(ref, 10_000, none());
        refund(ref, 30e6);
        assertHold(id, HoldStatus.Ruled, 50e6, 50e6);
        assertEq(balance(payer), FUNDS, "payer");
    }

    function test_RefundDeadlineIsInclusive() public {
        HoldRef memory ref = plain(0);
        open(ref);
        capture(ref, AMOUNT);
        allow(payee, type(uint256).max);
        vm.warp(REFUND_DEADLINE - 1);
        refund(ref, 1);
        vm.warp(REFUND_DEADLINE);
        refund(ref, 1);
        vm.warp(uint256(REFUND_DEADLINE) + 1);
        assertRefused(Act.Refund, payee, ref, 1, none(), RowCode.TooLate);
    }

    function test_RefundAmountBoundary() public {
        HoldRef memory ref = plain(0);
        open(ref);
        allow(payee, type(uint256).max);
        fund(dollar, payee, FUNDS);
        assertRefused(Act.Refund, payee, ref, 1, none(), RowCode.AmountTooHigh);
        capture(ref, 40e6);
        assertRefused(Act.Refund, payee, ref, 0, none(), RowCode.ZeroAmount);
        assertRefused(Act.Refund, payee, ref, 40e6 + 1, none(), RowCode.AmountTooHigh);
        assertRefused(Act.Refund, payee, ref, type(uint128).max, none(), RowCode.AmountTooHigh);
        refund(ref, 40e6 - 1);
        assertRefused(Act.Refund, payee, ref, 2, none(), RowCode.AmountTooHigh);
        refund(ref, 1);
        assertRefused(Act.Refund, payee, ref, 1, none(), RowCode.AmountTooHigh);
    }

    function test_RefundNeedsThePayeesMoney() public {
        HoldRef memory ref = plain(0);
        open(ref);
        capture(ref, AMOUNT);
        assertRefused(Act.Refund, payee, ref, 1, none(), RowCode.InsufficientBalance);
        allow(payee, 10e6);
        assertRefused(Act.Refund, payee, ref, 10e6 + 1, none(), RowCode.InsufficientBalance);
        refund(ref, 10e6);
        vm.prank(payee);
        ledger.setOperator(address(escrow), true);
        vm.prank(payee);
        ledger.withdraw(address(dollar), payee, 80e6);
        assertRefused(Act.Refund, payee, ref, 10e6 + 1, none(), RowCode.InsufficientBalance);
        freeze(payee, address(dollar), NOW + 1 days);
        assertRefused(Act.Refund, payee, ref, 1, none(), RowCode.InsufficientBalance);
        vm.warp(NOW + 1 days);
        refund(ref, 10e6);
    }

    function test_RefundsOfABatchShareWhatIsThere() public {
        HoldRef[] memory refs = new HoldRef[](4);
        AmountRow[] memory rows = new AmountRow[](4);
        for (uint64 i = 0; i < 4; ++i) {
            refs[i] = shared(i);
            open(refs[i]);
            capture(refs[i], AMOUNT);
            rows[i] = AmountRow(refs[i].hold, 20e6);
        }
        allow(payee, 45e6);
        allow(market, 3e6);
        allow(carrier, 100e6);
        rows[3].amount = 5e6;
        // First: market 2, carrier 0.5, payee 17.5. Second: market's last 1, payee 18.5. Third: more than is there.
        AmountBatch[] memory batches = amountBatch(refs[0], rows);
        vm.prank(payee);
        RowCode[] memory codes = escrow.refund(batches)[0];
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.Settled, "second");
        assertCode(codes[2], RowCode.InsufficientBalance, "third");
        assertCode(codes[3], RowCode.Settled, "fourth");
        assertHold(referenceId(refs[2]), HoldStatus.Captured, AMOUNT, 0);
        assertEq(balance(market), 40e6 - 3e6, "market");
        assertEq(balance(carrier), 10e6 - 1.125e6, "carrier");
        assertEq(balance(payee), 350e6 - 17.5e6 - 18.5e6 - 4.875e6, "payee");
        assertEq(balance(payer), FUNDS - 400e6 + 45e6, "payer");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    // Batches

    /// @dev Rows beyond the consents are the caller's own: good if she is the payee.
    function test_RowsWithoutConsentAreTheCallersOwn() public {
        AmountRow[] memory rows = new AmountRow[](2);
        for (uint64 i = 0; i < 2; ++i) {
            HoldRef memory ref = plain(i);
            open(ref);
            rows[i] = AmountRow(ref.hold, 10e6);
        }
        Consent[] memory consents = new Consent[](1);
        consents[0] = consent(PAYEE_KEY, CAPTURE, referenceId(plain(0)), 10e6, 0);
        AmountBatch[] memory batches = amountBatch(plain(0), rows, consents);
        vm.prank(operator);
        RowCode[] memory codes = escrow.capture(batches)[0];
        assertCode(codes[0], RowCode.Settled, "signed");
        assertCode(codes[1], RowCode.BadSignature, "a stranger's own");
        vm.prank(payee);
        codes = escrow.capture(batches)[0];
        assertCode(codes[0], RowCode.BadSignature, "signed over another sum");
        assertCode(codes[1], RowCode.Settled, "the payee's own");
        vm.prank(operator);
        assertCode(
            escrow.refund(amountBatch(plain(0), rows))[0][0],
            RowCode.InsufficientBalance,
            "no allowance"
        );
        allow(payee, 20e6);
        vm.prank(operator);
        assertCode(
            escrow.refund(amountBatch(plain(0), rows))[0][0],
            RowCode.BadSignature,
            "a stranger's own"
        );
        vm.prank(payee);
        assertCode(escrow.refund(amountBatch(plain(0), rows))[0][0], RowCode.Settled, "the payee's own");
    }

    function test_BadRowsDoNotHinderGoodOnes() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        AmountRow[] memory rows = new AmountRow[](6);
        Consent[] memory consents = new Consent[](6);
        HoldRow[] memory holds = new HoldRow[](6);
        VoidRow[] memory voids = new VoidRow[](6);
        for (uint64 i = 0; i < 6; ++i) {
            HoldRef memory ref = shared(i);
            bytes32 id = referenceId(ref);
            if (i != 2) open(ref);
            rows[i] = AmountRow(ref.hold, 10e6);
            consents[i] = consent(PAYEE_KEY, CAPTURE, id, 10e6, 0);
            holds[i] = ref.hold;
            voids[i] = VoidRow(ref.hold, voidConsent(PAYEE_KEY, id, i < 2 ? 10e6 : 0));
        }
        rows[1].amount = 5e6;
        rows[3].amount = 0;
        (rows[4], consents[4]) = (rows[0], consents[0]);
        AmountBatch[] memory batches = amountBatch(shared(0), rows, consents);
        vm.prank(operator);
        RowCode[] memory codes = escrow.capture(batches)[0];
        assertCode(codes[0], RowCode.Settled, "good");
        assertCode(codes[1], RowCode.BadSignature, "other amount");
        assertCode(codes[2], RowCode.WrongStatus, "unknown");
        assertCode(codes[3], RowCode.ZeroAmount, "nothing");
        assertCode(codes[4], RowCode.BadSignature, "replay in the batch");
        assertCode(codes[5], RowCode.Settled, "last");
        assertEq(balance(market), 2e6, "market");
        assertEq(balance(operator), 0.2e6, "operator");
        assertEq(balance(payee), 17.3e6, "payee");

        voids[3] = voids[0];
        codes = escrow.void(voidBatch(shared(0), voids))[0];
        assertCode(codes[0], RowCode.Settled, "voided");
        assertCode(codes[1], RowCode.BadSignature, "signed over another sum");
        assertCode(codes[2], RowCode.WrongStatus, "unknown");
        assertCode(codes[3], RowCode.WrongStatus, "replay in the batch");
        assertCode(codes[4], RowCode.Settled, "voided");
        assertCode(codes[5], RowCode.BadSignature, "captured since");
        assertEq(balance(payer), FUNDS - 310e6, "payer");

        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        holds[4] = holds[3];
        codes = escrow.reclaim(reclaimBatch(shared(0), holds))[0];
        assertCode(codes[0], RowCode.WrongStatus, "voided");
        assertCode(codes[1], RowCode.Settled, "reclaimed");
        assertCode(codes[2], RowCode.WrongStatus, "unknown");
        assertCode(codes[3], RowCode.Settled, "reclaimed");
        assertCode(codes[4], RowCode.WrongStatus, "replay in the batch");
        assertCode(codes[5], RowCode.Settled, "reclaimed");
        assertEq(balance(payer), FUNDS - 20e6, "payer");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    function test_CapturesSeveralBatchesOfSeveralTokens() public {
        fund(euro, payer, FUNDS);
        HoldRef memory other = shared(0);
        other.token = address(euro);
        open(shared(0));
        open(other);
        AmountRow[] memory rows = new AmountRow[](1);
        AmountBatch[] memory batches = new AmountBatch[](2);
        rows[0] = AmountRow(other.hold, AMOUNT);
        batches[0] = amountBatch(shared(0), rows)[0];
        batches[1] = amountBatch(other, rows)[0];
        vm.prank(payee);
        RowCode[][] memory codes = escrow.capture(batches);
        assertCode(codes[0][0], RowCode.Settled, "dollars");
        assertCode(codes[1][0], RowCode.Settled, "euros");
        assertEq(balance(payee), 87.5e6, "dollars");
        assertEq(ledger.accountOf(payee, address(euro)).balance, 87.5e6, "euros");
    }

    function test_EmptyBatchesDoNothing() public {
        vm.recordLogs();
        HoldRef memory ref = shared(0);
        escrow.capture(amountBatch(ref, new AmountRow[](0)));
        escrow.refund(amountBatch(ref, new AmountRow[](0)));
        escrow.void(voidBatch(ref, new VoidRow[](0)));
        escrow.reclaim(reclaimBatch(ref, new HoldRow[](0)));
        assertEq(escrow.capture(new AmountBatch[](0)).length, 0, "no batch");
        assertEq(vm.getRecordedLogs().length, 0, "no row, no log");
    }

    // Consents

    /// @dev A consent of the payee to each act, as it stands after 40 of 100 were captured and 10 refunded.
    function consentOf(
        Act act,
        uint256 key,
        bytes32 id,
        uint48 deadline
    ) private view returns (Consent memory) {
        if (act == Act.Capture) return consent(key, CAPTURE, id, 5e6, 40e6, deadline);
        if (act == Act.Refund) return consent(key, REFUND, id, 5e6, 10e6, deadline);
        return consentTo(key, keccak256(abi.encode(keccak256(bytes(VOID)), id, 40e6, deadline)), deadline);
    }

    function prepared(uint64 nonce) private returns (HoldRef memory ref, bytes32 id) {
        ref = plain(nonce);
        id = open(ref);
        capture(ref, 40e6);
        allow(payee, type(uint256).max);
        refund(ref, 10e6);
    }

    function signedAct(uint256 index) private pure returns (Act) {
        return
            index == 0
                ? Act.Capture
                : index == 1
                    ? Act.Void
                    : Act.Refund;
    }

    function test_ConsentDeadlineIsInclusive() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, bytes32 id) = prepared(i);
            vm.warp(NOW + 101);
            assertRefused(act, operator, ref, 5e6, consentOf(act, PAYEE_KEY, id, NOW + 100), RowCode.Expired);
            vm.warp(NOW + 100);
            Consent memory by = consentOf(act, PAYEE_KEY, id, NOW + 100);
            assertCode(doAct(act, operator, ref, 5e6, by), RowCode.Settled, "at");
            vm.warp(NOW);
            (ref, id) = prepared(i + 3);
            vm.warp(NOW + 99);
            by = consentOf(act, PAYEE_KEY, id, NOW + 100);
            assertCode(doAct(act, operator, ref, 5e6, by), RowCode.Settled, "before");
            vm.warp(NOW);
        }
    }

    function test_ConsentMustBeThePayeesOverThisVeryAct() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, bytes32 id) = prepared(i);
            Consent memory by = consentOf(act, STRANGER_KEY, id, DEADLINE);
            assertRefused(act, stranger, ref, 5e6, by, RowCode.BadSignature);
            by = consentOf(act, PAYER_KEY, id, DEADLINE);
            assertRefused(act, payer, ref, 5e6, by, RowCode.BadSignature);
            // Another hold, another act.
            by = consentOf(act, PAYEE_KEY, keccak256("other"), DEADLINE);
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            by = consentOf(signedAct((i + 1) % 3), PAYEE_KEY, id, DEADLINE);
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            // Another deadline than the signed one.
            by = consentOf(act, PAYEE_KEY, id, DEADLINE);
            by.deadline += 1;
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            // The payee herself may not come with a signature that is not hers.
            assertRefused(act, payee, ref, 5e6, by, RowCode.BadSignature);
            // Nor with half of none.
            (by.r, by.vs) = (0, bytes32(uint256(1)));
            assertRefused(act, payee, ref, 5e6, by, RowCode.BadSignature);
            (by.r, by.vs) = (bytes32(uint256(1)), 0);
            assertRefused(act, payee, ref, 5e6, by, RowCode.BadSignature);
            // v turned over; s and v turned over, which a compact signature cannot write.
            by = consentOf(act, PAYEE_KEY, id, DEADLINE);
            by.vs = bytes32(uint256(by.vs) ^ (uint256(1) << 255));
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            by.vs = bytes32(
                0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 -
                    ((uint256(by.vs) << 1) >> 1)
            );
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            // Another amount.
            if (act == Act.Void) continue;
            by = consentOf(act, PAYEE_KEY, id, DEADLINE);
            assertRefused(act, operator, ref, 5e6 + 1, by, RowCode.BadSignature);
        }
    }

    function test_ConsentIsForOneChainAndOneEscrow() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, bytes32 id) = prepared(i);
            bytes32 structHash =
                act == Act.Void
                    ? keccak256(abi.encode(keccak256(bytes(VOID)), id, 40e6, DEADLINE))
                    : act == Act.Capture
                        ? keccak256(abi.encode(keccak256(bytes(CAPTURE)), id, 5e6, 40e6, DEADLINE))
                        : keccak256(abi.encode(keccak256(bytes(REFUND)), id, 5e6, 10e6, DEADLINE));
            Consent memory by;
            by.deadline = DEADLINE;
            (by.r, by.vs) = compact(PAYEE_KEY, escrowDigest(block.chainid + 1, address(escrow), structHash));
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            (by.r, by.vs) = compact(PAYEE_KEY, escrowDigest(block.chainid, address(this), structHash));
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            (by.r, by.vs) = compact(PAYEE_KEY, digestOf(structHash));
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
            (by.r, by.vs) = compact(PAYEE_KEY, escrowDigest(structHash));
            assertCode(doAct(act, operator, ref, 5e6, by), RowCode.Settled, "this one");
        }
    }

    function test_ConsentIsVoidOnceTheSumMoved() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, bytes32 id) = prepared(i);
            Consent memory by = consentOf(act, PAYEE_KEY, id, DEADLINE);
            if (act == Act.Refund) refund(ref, 1);
            else capture(ref, 1);
            assertRefused(act, operator, ref, 5e6, by, RowCode.BadSignature);
        }
    }

    function test_ConsentsCannotBeReplayed() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, bytes32 id) = prepared(i);
            Consent memory by = consentOf(act, PAYEE_KEY, id, DEADLINE);
            assertCode(doAct(act, operator, ref, 5e6, by), RowCode.Settled, "once");
            RowCode code = act == Act.Void ? RowCode.WrongStatus : RowCode.BadSignature;
            assertRefused(act, operator, ref, 5e6, by, code);
        }
    }

    function test_OnlyThePayeeActsByCall() public {
        for (uint64 i = 0; i < 3; ++i) {
            Act act = signedAct(i);
            (HoldRef memory ref, ) = prepared(i);
            address[4] memory others = [payer, arbiter, operator, stranger];
            for (uint256 k = 0; k < 4; ++k) {
                assertRefused(act, others[k], ref, 5e6, none(), RowCode.Expired);
                Consent memory by = none();
                by.deadline = DEADLINE;
                assertRefused(act, others[k], ref, 5e6, by, RowCode.BadSignature);
            }
            assertCode(doAct(act, payee, ref, 5e6, none()), RowCode.Settled, "payee");
        }
    }

    function test_CodesComeInTheirOrder() public {
        HoldRef memory ref = plain(0);
        Consent memory bad = Consent(NOW - 1, bytes32(uint256(1)), bytes32(uint256(1)));
        vm.warp(uint256(REFUND_DEADLINE) + 1);
        assertRefused(Act.Capture, operator, ref, 0, bad, RowCode.WrongStatus);
        assertRefused(Act.Refund, operator, ref, 0, bad, RowCode.WrongStatus);
        vm.warp(NOW);
        open(ref);
        capture(ref, 1);
        vm.warp(uint256(REFUND_DEADLINE) + 1);
        assertRefused(Act.Capture, operator, ref, 0, bad, RowCode.TooLate);
        assertRefused(Act.Refund, operator, ref, 0, bad, RowCode.TooLate);
        vm.warp(NOW);
        assertRefused(Act.Capture, operator, ref, 0, bad, RowCode.ZeroAmount);
        assertRefused(Act.Capture, operator, ref, AMOUNT, bad, RowCode.AmountTooHigh);
        assertRefused(Act.Capture, operator, ref, 1, bad, RowCode.Expired);
        assertRefused(Act.Refund, operator, ref, 0, bad, RowCode.ZeroAmount);
        assertRefused(Act.Refund, operator, ref, 2, bad, RowCode.AmountTooHigh);
        assertRefused(Act.Refund, operator, ref, 1, bad, RowCode.InsufficientBalance);
        allow(payee, 1);
        assertRefused(Act.Refund, operator, ref, 1, bad, RowCode.Expired);
        bad.deadline = NOW;
        assertRefused(Act.Capture, operator, ref, 1, bad, RowCode.BadSignature);
        assertRefused(Act.Void, operator, ref, 1, bad, RowCode.BadSignature);
        assertRefused(Act.Refund, operator, ref, 1, bad, RowCode.BadSignature);
    }

    // The Ledger and the token beneath

    function test_FrozenPartiesStillReceive() public {
        HoldRef memory ref = shared(0);
        open(ref);
        freeze(payee, address(dollar), NOW + 30 days);
        freeze(market, address(dollar), NOW + 30 days);
        freeze(payer, address(dollar), NOW + 30 days);
        capture(ref, 50e6);
        assertCode(doAct(Act.Void, payee, ref, 0, none()), RowCode.Settled, "voided");
        assertEq(balance(payer), FUNDS - 50e6, "payer");
        assertEq(balance(market), 5e6, "market");
    }

    function test_FreezeOfTheEscrowStopsItForAsLongAsItLasts() public {
        HoldRef memory ref = plain(0);
        bytes32 id = open(ref);
        freeze(address(escrow), address(dollar), NOW + 100);
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(ref.hold, 1);
        AmountBatch[] memory batches = amountBatch(ref, rows);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerAccountFrozen.selector,
                address(escrow),
                address(dollar),
                NOW + 100
            )
        );
        vm.prank(payee);
        escrow.capture(batches);
        assertHold(id, HoldStatus.Open, 0, 0);
        vm.warp(NOW + 100);
        capture(ref, AMOUNT);
    }

    function test_NeverCallsTheToken() public {
        ReentrantToken token = ReentrantToken(deploy("ReentrantToken.sol:ReentrantToken", ""));
        fund(TestToken(address(token)), payer, FUNDS);
        // From here on every call that moves this token's balances would leave a trace.
        token.setCall(address(token), abi.encodeWithSignature("totalSupply()"));
        HoldRef memory ref = shared(0);
        ref.token = address(token);
        open(ref);
        capture(ref, 50e6);
        vm.prank(payee);
        ledger.setOperator(address(escrow), true);
        refund(ref, 20e6);
        dispute(ref);
        vm.prank(arbiter);
        escrow.rule(ref, 5_000, none());
        ref.hold.nonce = 1;
        open(ref);
        doAct(Act.Void, payee, ref, 0, none());
        assertTrue(!token.lastCallSucceeded(), "the token was not called");
        assertEq(token.balanceOf(address(ledger)), FUNDS, "all of it still in the Ledger");
        // A transfer does leave a trace, and cannot act in the payee's place.
        ref.hold.nonce = 2;
        open(ref);
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(ref.hold, AMOUNT);
        token.setCall(address(escrow), abi.encodeCall(IEscrow.capture, (amountBatch(ref, rows))));
        vm.prank(payer);
        ledger.withdraw(address(token), payer, 1);
        assertTrue(token.lastCallSucceeded(), "called on a withdrawal");
        assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
    }

    function emitTransfer(address from, address to, uint256 amount) private {
        emit Transfer(address(escrow), from, to, uint160(address(dollar)), amount);
    }

    /// @dev ERC-6909's.
    event Transfer(
        address caller,
        address indexed sender,
        address indexed receiver,
        uint256 indexed id,
        uint256 amount
    );
}
