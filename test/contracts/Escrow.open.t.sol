// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {
    HoldRef,
    HoldRow,
    HoldStatus,
    HoldView,
    OpenBatch,
    OpenRow,
    Split
} from "../../contracts/types/EscrowTypes.sol";
import {Batch, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

contract EscrowOpenTest is EscrowTest {
    /// @dev A hold that the Escrow itself refuses.
    function assertRefusedTerms(HoldRef memory ref, RowCode code) private {
        bytes32 id = referenceId(ref);
        bytes32 before = stateOf(ref, id);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Rejected(id, code);
        assertCode(tryOpen(ref), code, "row code");
        assertEq(stateOf(ref, id), before, "state after a rejected row");
    }

    /// @dev A hold that the Ledger refuses, whatever else stands in `bad`.
    function assertRefusedPayment(HoldRef memory ref, OpenRow memory bad, RowCode code) private {
        bytes32 id = referenceId(ref);
        bytes32 before = stateOf(ref, id);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Rejected(id, ref.hold.payer, code);
        assertCode(escrow.open(openBatch(ref, bad))[0][0], code, "row code");
        assertEq(stateOf(ref, id), before, "state after a rejected row");
    }

    function splitsOf(uint256 count, uint16 shareBps) private pure returns (Split[] memory splits) {
        splits = new Split[](count);
        for (uint256 i = 0; i < count; ++i) splits[i] = Split(address(uint160(0x1000 + i)), shareBps);
    }

    function test_OpensAHold() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        HoldRef memory ref = shared(0);
        bytes32 id = referenceId(ref);
        OpenBatch[] memory batches = openBatch(ref, openRow(ref));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(id, payer, address(escrow), AMOUNT, 0, termsHash(ref));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.BatchSettled(address(escrow), address(dollar), address(escrow), 1, AMOUNT, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Opened(
            id,
            payer,
            payee,
            DEADLINE,
            CAPTURE_DEADLINE,
            REFUND_DEADLINE,
            arbiter,
            RULING_PERIOD,
            3_000,
            keccak256("order")
        );
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchOpened(payee, address(dollar), 1, ref.splits);
        vm.prank(operator);
        RowCode[][] memory codes = escrow.open(batches);
        assertCode(codes[0][0], RowCode.Settled, "code");
        assertHold(id, HoldStatus.Open, 0, 0);
        assertEq(escrow.holdOf(id).disputedAt, 0, "not disputed");
        assertEq(balance(payer), FUNDS - AMOUNT, "payer");
        assertEq(balance(address(escrow)), AMOUNT, "escrow");
        assertEq(balance(payee) + balance(market) + balance(operator), 0, "nobody else");
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 0), "nonce");
    }

    function test_ManyHoldsAreReadAtOnce() public {
        HoldRef memory ref = shared(0);
        open(ref);
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (keccak256("unknown"), referenceId(ref));
        HoldView[] memory views = escrow.holdsOf(ids);
        assertEq(views.length, 2, "one each");
        assertTrue(
            views[0].status == HoldStatus.None && views[1].status == HoldStatus.Open,
            "in their order"
        );
    }

    function test_NamesItsLedgerAndAnUnknownHold() public view {
        assertEq(address(escrow.ledger()), address(ledger), "ledger");
        HoldView memory hold = escrow.holdOf(keccak256("unknown"));
        assertEq(uint256(hold.status), uint256(HoldStatus.None), "status");
        assertEq(hold.captured + hold.refunded + hold.disputedAt, 0, "nothing");
    }

    function testFuzz_IdIsTheEip712Digest(
        HoldRow calldata hold,
        address to,
        address token,
        uint256 seed
    ) public view {
        HoldRef memory ref;
        (ref.payee, ref.token, ref.hold) = (to, token, hold);
        ref.splits = new Split[](seed % 10);
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            ref.splits[i] = Split(address(uint160(seed)), uint16(seed >> 160));
        }
        assertEq(escrow.holdId(ref), referenceId(ref), "id");
    }

    function test_IdsOfABatchDoNotMix() public {
        OpenRow[] memory rows = new OpenRow[](3);
        for (uint64 i = 0; i < 3; ++i) {
            HoldRef memory ref = shared(i);
            ref.hold.amount = 10e6 * (i + 1);
            ref.hold.memo = bytes32(uint256(i));
            ref.hold.rulingPeriod = uint48(i + 1);
            rows[i] = openRow(ref);
        }
        escrow.open(openBatch(shared(0), rows));
        for (uint64 i = 0; i < 3; ++i) {
            HoldRef memory ref = shared(i);
            ref.hold = rows[i].hold;
            assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
        }
        assertEq(balance(address(escrow)), 60e6, "escrow");
    }

    function test_BadRowsDoNotHinderGoodOnes() public {
        HoldRef[] memory refs = new HoldRef[](6);
        OpenRow[] memory rows = new OpenRow[](6);
        for (uint64 i = 0; i < 6; ++i) {
            refs[i] = shared(i);
            if (i == 0) refs[i].hold.rulingPeriod = 0;
            if (i == 3) refs[i].hold.amount = uint128(type(uint104).max) + 1;
            if (i == 4) (refs[i].hold.nonce, refs[i].hold.memo) = (1, 0);
            rows[i] = openRow(refs[i]);
        }
        rows[2].vs = 0;
        vm.recordLogs();
        RowCode[] memory codes = escrow.open(openBatch(refs[0], rows))[0];
        // Settled x2, BatchSettled, Opened x2, BatchOpened; Rejected x4.
        assertEq(vm.getRecordedLogs().length, 10, "logs");
        assertCode(codes[0], RowCode.InvalidTerms, "terms");
        assertCode(codes[1], RowCode.Settled, "good");
        assertCode(codes[2], RowCode.BadSignature, "forged");
        assertCode(codes[3], RowCode.AmountTooHigh, "too much");
        assertCode(codes[4], RowCode.NonceUsed, "nonce used by the second");
        assertCode(codes[5], RowCode.Settled, "last");
        for (uint256 i = 0; i < 6; ++i) {
            HoldStatus status = codes[i] == RowCode.Settled ? HoldStatus.Open : HoldStatus.None;
            assertHold(referenceId(refs[i]), status, 0, 0);
        }
        assertEq(balance(address(escrow)), 2 * AMOUNT, "escrow");
    }

    function test_OpensSeveralBatches() public {
        fund(euro, payer, FUNDS);
        HoldRef memory other = plain(0);
        other.token = address(euro);
        OpenBatch[] memory batches = new OpenBatch[](3);
        batches[0] = openBatch(plain(0), openRow(plain(0)))[0];
        batches[1] = openBatch(other, openRow(other))[0];
        // Signed for euros: in dollars it is nobody's signature.
        HoldRef memory third = plain(1);
        third.token = address(euro);
        batches[2] = openBatch(plain(1), openRow(third))[0];
        RowCode[][] memory codes = escrow.open(batches);
        assertCode(codes[0][0], RowCode.Settled, "dollars");
        assertCode(codes[1][0], RowCode.Settled, "euros");
        assertCode(codes[2][0], RowCode.BadSignature, "other token");
        assertEq(ledger.accountOf(address(escrow), address(euro)).balance, AMOUNT, "euros");
    }

    function test_EmptyBatchesDoNothing() public {
        assertEq(escrow.open(new OpenBatch[](0)).length, 0, "no batch");
        vm.recordLogs();
        escrow.open(openBatch(plain(0), new OpenRow[](0)));
        assertEq(vm.getRecordedLogs().length, 0, "no row, no log");
    }

    function test_3_AHoldOpensOnce() public {
        HoldRef memory ref = plain(0);
        open(ref);
        assertRefusedTerms(ref, RowCode.WrongStatus);
        capture(ref, AMOUNT);
        assertRefusedTerms(ref, RowCode.WrongStatus);
        // Another hold with the same nonce is the Ledger's matter.
        ref.hold.memo = keccak256("another order");
        assertRefusedPayment(ref, openRow(ref), RowCode.NonceUsed);
    }

    // Terms

    function test_PayeeMustBePayable() public {
        address[3] memory bad = [address(0), address(ledger), address(escrow)];
        for (uint64 i = 0; i < 3; ++i) {
            HoldRef memory ref = plain(i);
            ref.payee = bad[i];
            assertRefusedTerms(ref, RowCode.InvalidTerms);
        }
    }

    function test_RecipientsMustBePayable() public {
        address[4] memory bad = [address(0), address(ledger), address(escrow), payee];
        for (uint256 i = 0; i < 8; ++i) {
            HoldRef memory ref = shared(0);
            ref.splits[i % 2].recipient = bad[i / 2];
            assertRefusedTerms(ref, RowCode.InvalidTerms);
        }
        HoldRef memory twice = shared(0);
        twice.splits[1].recipient = market;
        assertRefusedTerms(twice, RowCode.InvalidTerms);
    }

    function test_PayerMayBeARecipientOrThePayee() public {
        HoldRef memory ref = shared(0);
        ref.splits[0].recipient = payer;
        open(ref);
        capture(ref, AMOUNT);
        assertEq(balance(payer), FUNDS - AMOUNT + 10e6, "payer's share");
        HoldRef memory self = plain(1);
        self.payee = payer;
        open(self);
        assertCode(doAct(Act.Capture, payer, self, AMOUNT, none()), RowCode.Settled, "her own");
        assertEq(balance(payer), FUNDS - AMOUNT + 10e6, "unchanged");
    }

    function test_SplitsCountBoundary() public {
        HoldRef memory ref = plain(0);
        for (uint256 count = 7; count < 9; ++count) {
            ref.splits = splitsOf(count, 1);
            ref.hold.nonce = uint64(count);
            open(ref);
        }
        ref.splits = splitsOf(9, 1);
        assertRefusedTerms(ref, RowCode.InvalidTerms);
    }

    function test_SharesBoundary() public {
        HoldRef memory ref = plain(0);
        ref.splits = splitsOf(2, 5_000);
        ref.splits[1].shareBps = 5_001;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.splits[1].shareBps = 5_000;
        open(ref);
        ref.splits[1].shareBps = 4_999;
        ref.hold.nonce = 1;
        open(ref);
        ref.splits[1].shareBps = 0;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.splits[1].shareBps = 1;
        ref.hold.nonce = 2;
        open(ref);
        // As a sum that wrapped in 16 bits would be 64.
        ref.splits = splitsOf(8, 8_200);
        assertRefusedTerms(ref, RowCode.InvalidTerms);
    }

    function test_CaptureDeadlineBoundary() public {
        HoldRef memory ref = plain(0);
        ref.hold.captureDeadline = NOW - 1;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.captureDeadline = NOW;
        open(ref);
        ref.hold.captureDeadline = NOW + 1;
        ref.hold.nonce = 1;
        open(ref);
    }

    function test_RefundDeadlineBoundary() public {
        HoldRef memory ref = plain(0);
        ref.hold.refundDeadline = CAPTURE_DEADLINE - 1;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.refundDeadline = CAPTURE_DEADLINE;
        open(ref);
        ref.hold.refundDeadline = CAPTURE_DEADLINE + 1;
        ref.hold.nonce = 1;
        open(ref);
    }

    function test_ARefundDeadlineOfZeroMeansNoRefunds() public {
        HoldRef memory ref = plain(0);
        ref.hold.refundDeadline = 1;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.refundDeadline = 0;
        open(ref);
        capture(ref, AMOUNT);
        allow(payee, AMOUNT);
        assertRefused(Act.Refund, payee, ref, AMOUNT, none(), RowCode.TooLate);
    }

    function test_ArbiterIsNoParty() public {
        HoldRef memory ref = plain(0);
        ref.hold.arbiter = payer;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.arbiter = payee;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
    }

    function test_RulingPeriodBoundary() public {
        HoldRef memory ref = plain(0);
        ref.hold.rulingPeriod = 0;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.rulingPeriod = 365 days + 1;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        uint48[3] memory good = [uint48(1), 365 days - 1, 365 days];
        for (uint64 i = 0; i < 3; ++i) {
            ref.hold.rulingPeriod = good[i];
            ref.hold.nonce = i;
            open(ref);
        }
    }

    function test_DefaultShareBoundary() public {
        HoldRef memory ref = plain(0);
        ref.hold.defaultPayerBps = 10_001;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        uint16[3] memory good = [uint16(0), 9_999, 10_000];
        for (uint64 i = 0; i < 3; ++i) {
            ref.hold.defaultPayerBps = good[i];
            ref.hold.nonce = i;
            open(ref);
        }
    }

    function test_WithoutArbiterNoPeriodAndNoDefault() public {
        HoldRef memory ref = plain(0);
        ref.hold.arbiter = address(0);
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.rulingPeriod = 0;
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        (ref.hold.rulingPeriod, ref.hold.defaultPayerBps) = (1, 0);
        assertRefusedTerms(ref, RowCode.InvalidTerms);
        ref.hold.rulingPeriod = 0;
        open(ref);
    }

    function test_AmountBoundary() public {
        fund(dollar, payer, uint256(2) << 104);
        HoldRef memory ref = plain(0);
        ref.hold.amount = uint128(type(uint104).max) + 1;
        assertRefusedTerms(ref, RowCode.AmountTooHigh);
        ref.hold.amount = type(uint104).max;
        open(ref);
        capture(ref, type(uint104).max);
        assertEq(balance(payee), type(uint104).max, "payee");
        ref.hold.amount = type(uint104).max - 1;
        ref.hold.nonce = 1;
        open(ref);
    }

    // As every payment

    function test_RejectsAsTheLedgerDoes() public {
        HoldRef memory ref = plain(0);
        ref.hold.amount = 0;
        assertRefusedPayment(ref, openRow(ref), RowCode.ZeroAmount);
        ref.hold.amount = FUNDS + 1;
        assertRefusedPayment(ref, openRow(ref), RowCode.InsufficientBalance);
        ref.hold.amount = AMOUNT;
        ref.hold.nonce = type(uint56).max;
        assertRefusedPayment(ref, openRow(ref), RowCode.NonceTooHigh);
        ref.hold.nonce = type(uint64).max;
        assertRefusedPayment(ref, openRow(ref), RowCode.DeviceInactive);
        vm.prank(payer);
        ledger.cancel(address(dollar), 100);
        ref.hold.nonce = 36;
        assertRefusedPayment(ref, openRow(ref), RowCode.NonceStale);
        ref.hold.nonce = 101;
        freeze(payer, address(dollar), NOW + 100);
        assertRefusedPayment(ref, openRow(ref), RowCode.Frozen);
    }

    function test_DeadlineIsInclusive() public {
        vm.warp(DEADLINE - 1);
        open(plain(0));
        vm.warp(DEADLINE);
        open(plain(1));
        vm.warp(uint256(DEADLINE) + 1);
        assertRefusedPayment(plain(2), openRow(plain(2)), RowCode.Expired);
    }

    function test_RejectsEveryChangeOfWhatWasSigned() public {
        HoldRef memory ref = shared(0);
        OpenRow memory good = openRow(ref);
        for (uint256 i = 0; i < 12; ++i) {
            HoldRef memory other = shared(0);
            if (i == 0) other.payee = stranger;
            if (i == 1) other.splits[0].recipient = stranger;
            if (i == 2) other.splits[0].shareBps = 1_001;
            if (i == 3) other.splits = new Split[](0);
            if (i == 4) other.hold.amount -= 1;
            if (i == 5) other.hold.nonce = 1;
            if (i == 6) other.hold.deadline += 1;
            if (i == 7) other.hold.captureDeadline += 1;
            if (i == 8) other.hold.refundDeadline += 1;
            if (i == 9) other.hold.arbiter = stranger;
            if (i == 10) other.hold.rulingPeriod += 1;
            if (i == 11) (other.hold.defaultPayerBps, other.hold.memo) = (3_001, 0);
            OpenRow memory bad = OpenRow(other.hold, good.r, good.vs);
            assertRefusedPayment(other, bad, RowCode.BadSignature);
        }
        // The order of recipients is signed too.
        HoldRef memory turned = shared(0);
        (turned.splits[0], turned.splits[1]) = (turned.splits[1], turned.splits[0]);
        assertRefusedPayment(turned, OpenRow(turned.hold, good.r, good.vs), RowCode.BadSignature);
    }

    function test_RejectsForgedSignatures() public {
        HoldRef memory ref = plain(0);
        OpenRow memory bad = openRow(ref);
        (bad.r, bad.vs) = compact(STRANGER_KEY, referenceId(ref));
        assertRefusedPayment(ref, bad, RowCode.BadSignature);
        // High s cannot be written compactly; v and s turned over is the nearest to it.
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, referenceId(ref));
        (bad.r, bad.vs) = (r, bytes32(uint256(s) | (uint256(28 - v) << 255)));
        assertRefusedPayment(ref, bad, RowCode.BadSignature);
        (bad.r, bad.vs) = (0, 0);
        assertRefusedPayment(ref, bad, RowCode.BadSignature);
    }

    // One scheme, one chain

    function test_8_AnotherSchemeCannotCollectWhatWasSignedForThisOne() public {
        HoldRef memory ref = plain(0);
        OpenRow memory row_ = openRow(ref);
        IEscrow other = IEscrow(deploy("Escrow.sol:Escrow", abi.encode(ledger)));
        assertCode(other.open(openBatch(ref, row_))[0][0], RowCode.BadSignature, "another Escrow");
        Row[] memory rows = new Row[](1);
        rows[0] = paymentOf(ref, row_);
        string memory terms = string.concat("HoldTerms terms)", TERMS);
        vm.prank(stranger);
        (RowCode[] memory codes, ) = ledger.collect(address(dollar), rows, terms);
        assertCode(codes[0], RowCode.BadSignature, "an account that collects");
        assertEq(balance(payer), FUNDS, "payer");
    }

    function test_8_AHoldIsNoPlainPayment() public {
        HoldRef memory ref = plain(0);
        Row[] memory rows = new Row[](1);
        rows[0] = paymentOf(ref, openRow(ref));
        Batch[] memory batches = batchOf(address(escrow), address(dollar), rows);
        assertCode(ledger.settle(batches)[0][0], RowCode.BadSignature, "to the Escrow");
        batches[0].payee = payee;
        assertCode(ledger.settle(batches)[0][0], RowCode.BadSignature, "to the payee");
        open(ref);
        assertCode(ledger.settle(batches)[0][0], RowCode.NonceUsed, "after it opened");
        // Nor is a plain payment to the Escrow a hold.
        rows[0] = signed(PAYER_KEY, address(escrow), address(dollar), AMOUNT, 1, DEADLINE, termsHash(ref));
        HoldRef memory second = plain(1);
        OpenRow memory bad = OpenRow(second.hold, rows[0].r, rows[0].vs);
        assertRefusedPayment(second, bad, RowCode.BadSignature);
    }

    function paymentOf(HoldRef memory ref, OpenRow memory row_) private pure returns (Row memory) {
        HoldRow memory hold = row_.hold;
        return Row(hold.payer, hold.amount, hold.nonce, hold.deadline, termsHash(ref), row_.r, row_.vs);
    }

    function test_RevertWhen_TheChainSplit() public {
        HoldRef memory before = plain(0);
        HoldRef memory late = plain(1);
        bytes32 id = open(before);
        open(late);
        OpenBatch[] memory batches = openBatch(plain(2), openRow(plain(2)));
        bytes32 expected = domainSeparator();
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowChainSplit.selector, expected, ledger.domainSeparator())
        );
        escrow.open(batches);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowChainSplit.selector, expected, ledger.domainSeparator())
        );
        escrow.open(new OpenBatch[](0));
        // What was held keeps its id, and can be captured and returned.
        assertEq(escrow.holdId(before), id, "id");
        assertCode(doAct(Act.Capture, payee, before, 40e6, none()), RowCode.Settled, "captured");
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        assertCode(doAct(Act.Reclaim, stranger, before, 0, none()), RowCode.Settled, "reclaimed");
        assertCode(doAct(Act.Reclaim, stranger, late, 0, none()), RowCode.Settled, "reclaimed");
        assertEq(balance(payee), 40e6, "payee");
        assertEq(balance(payer), FUNDS - 40e6, "payer");
        vm.chainId(chain);
    }
}
