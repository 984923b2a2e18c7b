// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICalls} from "../../contracts/interfaces/ICalls.sol";
import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {AmountRow, Consent, HoldRef, HoldStatus, Split} from "../../contracts/types/EscrowTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @dev An arbiter that tries to do more than to rule once.
contract HostileArbiter {
    IEscrow private immutable _escrow;

    constructor(IEscrow escrow) {
        _escrow = escrow;
    }

    /// @dev Whether each of the calls had an effect, all in one transaction.
    function attack(bytes[] calldata calls) external returns (bool[] memory done, bytes[] memory reasons) {
        done = new bool[](calls.length);
        reasons = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (done[i], reasons[i]) = address(_escrow).call(calls[i]);
        }
    }
}

contract EscrowDisputesTest is EscrowTest {
    function disputed(uint64 nonce) private returns (HoldRef memory ref, bytes32 id) {
        ref = shared(nonce);
        id = open(ref);
        dispute(ref);
    }

    function expectWrongStatus(bytes32 id, HoldStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowWrongStatus.selector, id, status));
    }

    function expectBadConsent(address actor, bytes32 structHash) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowBadConsent.selector, actor, escrowDigest(structHash))
        );
    }

    function actHash(
        string memory act,
        bytes32 id,
        uint256 first,
        uint256 second
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(act)), id, first, second, DEADLINE));
    }

    /// @dev How a hold of 100 with 10 % and 2.5 % shares must end that gave `toPayer` back.
    function assertDivided(bytes32 id, HoldStatus status, uint128 toPayer) private view {
        uint128 captured = AMOUNT - toPayer;
        assertHold(id, status, captured, 0);
        assertEq(balance(payer), FUNDS - captured, "payer");
        assertEq(balance(market), captured / 10, "market");
        assertEq(balance(carrier), captured / 40, "carrier");
        assertEq(balance(payee), captured - captured / 10 - captured / 40, "payee");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    // Dispute

    function test_EitherPartyDisputes() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        vm.warp(NOW + 7);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Disputed(id, payer, keccak256("claim"));
        dispute(ref);
        assertHold(id, HoldStatus.Disputed, 0, 0);
        assertEq(escrow.holdOf(id).disputedAt, NOW + 7, "disputed at");
        assertEq(balance(address(escrow)), AMOUNT, "escrow");
        ref = shared(1);
        id = open(ref);
        capture(ref, 10e6);
        Consent memory by = consent(PAYEE_KEY, DISPUTE, id, uint256(keccak256("theirs")), 10e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Disputed(id, payee, keccak256("theirs"));
        vm.prank(operator);
        escrow.dispute(ref, payee, keccak256("theirs"), by);
        assertHold(id, HoldStatus.Disputed, 10e6, 0);
    }

    function test_RevertWhen_ADisputeHasNoArbiter() public {
        HoldRef memory ref = plain(0);
        (ref.hold.arbiter, ref.hold.rulingPeriod, ref.hold.defaultPayerBps) = (address(0), 0, 0);
        bytes32 id = open(ref);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNoArbiter.selector, id));
        dispute(ref);
    }

    function test_RevertWhen_AStrangerDisputes() public {
        HoldRef memory ref = plain(0);
        open(ref);
        address[3] memory others = [stranger, arbiter, address(0)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotParty.selector, others[i], payer, payee));
            vm.prank(others[i]);
            escrow.dispute(ref, others[i], 0, none());
        }
    }

    function test_RevertWhen_DisputedInAnotherStatus() public {
        HoldRef memory ref = plain(0);
        expectWrongStatus(referenceId(ref), HoldStatus.None);
        dispute(ref);
        bytes32 id = open(ref);
        dispute(ref);
        expectWrongStatus(id, HoldStatus.Disputed);
        dispute(ref);
        ref = plain(1);
        id = open(ref);
        capture(ref, AMOUNT);
        expectWrongStatus(id, HoldStatus.Captured);
        dispute(ref);
        ref = plain(2);
        id = open(ref);
        doAct(Act.Void, payee, ref, 0, none());
        expectWrongStatus(id, HoldStatus.Voided);
        dispute(ref);
        ref = plain(3);
        id = open(ref);
        vm.warp(uint256(CAPTURE_DEADLINE) + 1);
        doAct(Act.Reclaim, payee, ref, 0, none());
        expectWrongStatus(id, HoldStatus.Reclaimed);
        dispute(ref);
    }

    function test_DisputeDeadlineIsInclusive() public {
        for (uint64 i = 0; i < 3; ++i) open(plain(i));
        vm.warp(CAPTURE_DEADLINE - 1);
        dispute(plain(0));
        vm.warp(CAPTURE_DEADLINE);
        dispute(plain(1));
        uint256 late = uint256(CAPTURE_DEADLINE) + 1;
        vm.warp(late);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowTooLate.selector, late, CAPTURE_DEADLINE));
        dispute(plain(2));
    }

    // Evidence

    function test_PartiesSubmitEvidence() public {
        (HoldRef memory ref, bytes32 id) = disputed(0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.EvidenceSubmitted(id, payee, keccak256("photo"));
        vm.prank(payee);
        escrow.submitEvidence(ref, payee, keccak256("photo"), none());
        Consent memory by = consent(PAYER_KEY, EVIDENCE, id, uint256(keccak256("letter")), 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.EvidenceSubmitted(id, payer, keccak256("letter"));
        escrow.submitEvidence(ref, payer, keccak256("letter"), by);
        assertHold(id, HoldStatus.Disputed, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotParty.selector, arbiter, payer, payee));
        vm.prank(arbiter);
        escrow.submitEvidence(ref, arbiter, 0, none());
        vm.prank(arbiter);
        escrow.rule(ref, 0, none());
        expectWrongStatus(id, HoldStatus.Ruled);
        escrow.submitEvidence(ref, payer, keccak256("letter"), by);
        id = open(shared(1));
        expectWrongStatus(id, HoldStatus.Open);
        vm.prank(payer);
        escrow.submitEvidence(shared(1), payer, 0, none());
    }

    // Ruling

    function test_ArbiterRules() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        (HoldRef memory ref, bytes32 id) = disputed(0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Ruled(id, arbiter, 2_500, 25e6, 75e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Captured(id, 75e6, 75e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchCaptured(payee, address(dollar), arbiter, 1, 75e6, 0);
        vm.prank(arbiter);
        escrow.rule(ref, 2_500, none());
        assertDivided(id, HoldStatus.Ruled, 25e6);
        assertEq(balance(arbiter), 0, "arbiter");
    }

    function test_RulingByConsentEarnsTheAgreedFee() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        (HoldRef memory ref, bytes32 id) = disputed(0);
        Consent memory by = consent(ARBITER_KEY, RULING, id, 2_500, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchCaptured(payee, address(dollar), operator, 1, 75e6, 0.75e6);
        vm.prank(operator);
        escrow.rule(ref, 2_500, by);
        assertHold(id, HoldStatus.Ruled, 75e6, 0);
        assertEq(balance(operator), 0.75e6, "operator");
        assertEq(balance(market), 7.5e6, "market");
        assertEq(balance(payee), 75e6 - 7.5e6 - 1.875e6 - 0.75e6, "payee");
        assertEq(balance(payer), FUNDS - 75e6, "payer");
    }

    function test_RulingDividesWhatIsLeft() public {
        HoldRef memory ref = shared(0);
        ref.hold.amount = 101;
        bytes32 id = open(ref);
        capture(ref, 50);
        dispute(ref);
        // Half of 51, rounded down for the payer.
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Ruled(id, arbiter, 5_000, 25, 26);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Captured(id, 26, 76);
        vm.prank(arbiter);
        escrow.rule(ref, 5_000, none());
        assertHold(id, HoldStatus.Ruled, 76, 0);
        assertEq(balance(payer), FUNDS - 76, "payer");
        assertEq(balance(market), 7, "market: on the sum, not on the parts");
    }

    function test_RulingShareBoundary() public {
        (HoldRef memory ref, bytes32 id) = disputed(0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowShareTooHigh.selector, 10_001, 10_000));
        vm.prank(arbiter);
        escrow.rule(ref, 10_001, none());
        vm.recordLogs();
        vm.prank(arbiter);
        escrow.rule(ref, 10_000, none());
        assertEq(vm.getRecordedLogs().length, 2, "ruled and returned, nothing captured");
        assertDivided(id, HoldStatus.Ruled, AMOUNT);
        (ref, id) = disputed(1);
        vm.prank(arbiter);
        escrow.rule(ref, 0, none());
        assertDivided(id, HoldStatus.Ruled, 0);
        (ref, id) = disputed(2);
        vm.prank(arbiter);
        escrow.rule(ref, 9_999, none());
        assertHold(id, HoldStatus.Ruled, 10_000, 0);
    }

    function test_RulingEndIsInclusive() public {
        uint48[3] memory periods = [uint48(1), RULING_PERIOD, 365 days];
        for (uint64 i = 0; i < 3; ++i) {
            HoldRef[] memory refs = new HoldRef[](3);
            for (uint64 k = 0; k < 3; ++k) {
                refs[k] = plain(3 * i + k);
                refs[k].hold.rulingPeriod = periods[i];
                refs[k].hold.amount = 1e6;
                open(refs[k]);
                dispute(refs[k]);
            }
            uint256 end = uint256(NOW) + periods[i];
            vm.warp(end - 1);
            vm.prank(arbiter);
            escrow.rule(refs[0], 0, none());
            vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowTooEarly.selector, end - 1, end));
            escrow.resolve(refs[1]);
            vm.warp(end);
            vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowTooEarly.selector, end, end));
            escrow.resolve(refs[1]);
            vm.prank(arbiter);
            escrow.rule(refs[1], 0, none());
            vm.warp(end + 1);
            vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowTooLate.selector, end + 1, end));
            vm.prank(arbiter);
            escrow.rule(refs[2], 0, none());
            escrow.resolve(refs[2]);
            vm.warp(NOW);
        }
    }

    function test_RevertWhen_RuledInAnotherStatus() public {
        HoldRef memory ref = shared(0);
        for (uint256 i = 0; i < 2; ++i) {
            expectWrongStatus(referenceId(ref), i == 0 ? HoldStatus.None : HoldStatus.Open);
            vm.prank(arbiter);
            escrow.rule(ref, 0, none());
            expectWrongStatus(referenceId(ref), i == 0 ? HoldStatus.None : HoldStatus.Open);
            escrow.resolve(ref);
            if (i == 0) open(ref);
        }
        dispute(ref);
        vm.prank(arbiter);
        escrow.rule(ref, 0, none());
        expectWrongStatus(referenceId(ref), HoldStatus.Ruled);
        vm.prank(arbiter);
        escrow.rule(ref, 0, none());
        vm.warp(uint256(NOW) + RULING_PERIOD + 1);
        expectWrongStatus(referenceId(ref), HoldStatus.Ruled);
        escrow.resolve(ref);
    }

    // Resolution

    function test_AnyoneResolvesByTheDefault() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        (HoldRef memory ref, bytes32 id) = disputed(0);
        vm.warp(uint256(NOW) + RULING_PERIOD + 1);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Resolved(id, 30e6, 70e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Captured(id, 70e6, 70e6);
        vm.prank(stranger);
        escrow.resolve(ref);
        assertDivided(id, HoldStatus.Resolved, 30e6);
        assertEq(balance(stranger), 0, "stranger");
        expectWrongStatus(id, HoldStatus.Resolved);
        escrow.resolve(ref);
        assertRefused(Act.Capture, payee, ref, 1, none(), RowCode.WrongStatus);
        assertRefused(Act.Reclaim, payee, ref, 1, none(), RowCode.WrongStatus);
    }

    /// @dev Shares that are rounded each on its own would sum to more than is left, and hold it for ever.
    function test_ADisputeOfOddHalvesEnds() public {
        HoldRef memory ref = plain(0);
        ref.hold.amount = 1_000_002;
        ref.hold.defaultPayerBps = 0;
        ref.splits = new Split[](2);
        ref.splits[0] = Split(market, 5_000);
        ref.splits[1] = Split(carrier, 5_000);
        bytes32 id = open(ref);
        capture(ref, 1);
        dispute(ref);
        vm.warp(uint256(NOW) + RULING_PERIOD + 1);
        escrow.resolve(ref);
        assertHold(id, HoldStatus.Resolved, 1_000_002, 0);
        assertEq(balance(market), 500_001, "market");
        assertEq(balance(carrier), 500_001, "carrier");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    // Agreement of the parties

    function test_PartiesSettleAnOpenHold() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        Consent memory byPayer = consent(PAYER_KEY, SETTLEMENT, id, 40e6, 0);
        Consent memory byPayee = consent(PAYEE_KEY, SETTLEMENT, id, 40e6, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.SettledByAgreement(id, 40e6, 60e6);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Captured(id, 60e6, 60e6);
        vm.prank(stranger);
        escrow.settleByAgreement(ref, 40e6, byPayer, byPayee);
        assertDivided(id, HoldStatus.Agreed, 40e6);
        expectWrongStatus(id, HoldStatus.Agreed);
        escrow.settleByAgreement(ref, 40e6, byPayer, byPayee);
    }

    function test_PartiesSettleADisputedHoldAtAnyTime() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, 20e6);
        dispute(ref);
        vm.warp(uint256(REFUND_DEADLINE) + 1);
        uint48 late = REFUND_DEADLINE + 2;
        Consent memory by = consent(PAYER_KEY, SETTLEMENT, id, 80e6, 20e6, late);
        vm.prank(payee);
        escrow.settleByAgreement(ref, 80e6, by, none());
        assertDivided(id, HoldStatus.Agreed, 80e6);
    }

    function test_SettlementAmountBoundary() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        capture(ref, 20e6);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowAmountTooHigh.selector, 80e6 + 1, 80e6));
        escrow.settleByAgreement(ref, 80e6 + 1, none(), none());
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowAmountTooHigh.selector, type(uint128).max, 80e6)
        );
        escrow.settleByAgreement(ref, type(uint128).max, none(), none());
        Consent memory by = consent(PAYEE_KEY, SETTLEMENT, id, 80e6 - 1, 20e6);
        vm.prank(payer);
        escrow.settleByAgreement(ref, 80e6 - 1, none(), by);
        assertHold(id, HoldStatus.Agreed, 20e6 + 1, 0);
        ref = shared(1);
        id = open(ref);
        by = consent(PAYEE_KEY, SETTLEMENT, id, 0, 0);
        vm.prank(payer);
        escrow.settleByAgreement(ref, 0, none(), by);
        assertHold(id, HoldStatus.Agreed, AMOUNT, 0);
    }

    function test_RevertWhen_SettledInAnotherStatus() public {
        HoldRef memory ref = shared(0);
        expectWrongStatus(referenceId(ref), HoldStatus.None);
        escrow.settleByAgreement(ref, 0, none(), none());
        bytes32 id = open(ref);
        capture(ref, AMOUNT);
        expectWrongStatus(id, HoldStatus.Captured);
        escrow.settleByAgreement(ref, 0, none(), none());
        (ref, id) = disputed(1);
        vm.prank(arbiter);
        escrow.rule(ref, 0, none());
        expectWrongStatus(id, HoldStatus.Ruled);
        escrow.settleByAgreement(ref, 0, none(), none());
    }

    function test_RevertWhen_OnePartyDoesNotConsent() public {
        HoldRef memory ref = shared(0);
        bytes32 id = open(ref);
        Consent memory byPayer = consent(PAYER_KEY, SETTLEMENT, id, 40e6, 0);
        Consent memory byPayee = consent(PAYEE_KEY, SETTLEMENT, id, 40e6, 0);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotActor.selector, payer, payee));
        vm.prank(payer);
        escrow.settleByAgreement(ref, 40e6, none(), none());
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotActor.selector, payee, payer));
        vm.prank(payee);
        escrow.settleByAgreement(ref, 40e6, none(), none());
        expectBadConsent(payee, actHash(SETTLEMENT, id, 40e6, 0));
        escrow.settleByAgreement(ref, 40e6, byPayer, byPayer);
        expectBadConsent(payer, actHash(SETTLEMENT, id, 40e6, 0));
        escrow.settleByAgreement(ref, 40e6, byPayee, byPayee);
        expectBadConsent(payer, actHash(SETTLEMENT, id, 39e6, 0));
        escrow.settleByAgreement(ref, 39e6, byPayer, byPayee);
        capture(ref, 1);
        expectBadConsent(payer, actHash(SETTLEMENT, id, 40e6, 1));
        escrow.settleByAgreement(ref, 40e6, byPayer, byPayee);
    }

    // Consents

    /// @dev Each act of a dispute that needs a consent, on `ref`, with `by` in its actor's place.
    function actWith(uint256 act, HoldRef memory ref, Consent memory by) private pure returns (bytes memory) {
        if (act == 0) return abi.encodeCall(IEscrow.dispute, (ref, ref.hold.payer, bytes32(uint256(7)), by));
        if (act == 1)
            return abi.encodeCall(IEscrow.submitEvidence, (ref, ref.hold.payer, bytes32(uint256(7)), by));
        if (act == 2) return abi.encodeCall(IEscrow.rule, (ref, 7, by));
        return abi.encodeCall(IEscrow.settleByAgreement, (ref, 7, by, by));
    }

    function typeOf(uint256 act) private pure returns (string memory) {
        return
            act == 0
                ? DISPUTE
                : act == 1
                    ? EVIDENCE
                    : act == 2
                        ? RULING
                        : SETTLEMENT;
    }

    function assertReverts(bytes memory data, bytes memory reason) private {
        (bool ok, bytes memory actual) = address(escrow).call(data);
        assertTrue(!ok, "it had an effect");
        assertEq(keccak256(actual), keccak256(reason), "reason");
    }

    function assertBad(uint256 act, HoldRef memory ref, Consent memory by) private {
        bytes32 id = referenceId(ref);
        bytes32 structHash = keccak256(
            abi.encode(keccak256(bytes(typeOf(act))), id, 7, uint256(escrow.holdOf(id).captured), by.deadline)
        );
        address actor = act == 2 ? arbiter : payer;
        assertReverts(
            actWith(act, ref, by),
            abi.encodeWithSelector(IEscrow.EscrowBadConsent.selector, actor, escrowDigest(structHash))
        );
    }

    function prepared(uint256 act) private returns (HoldRef memory ref, bytes32 id, uint256 key) {
        ref = shared(uint64(act));
        // For settlements: one who is both parties signs once.
        if (act == 3) ref.payee = payer;
        id = open(ref);
        if (act == 1 || act == 2) dispute(ref);
        key = act == 2 ? ARBITER_KEY : PAYER_KEY;
    }

    function test_RevertWhen_AConsentIsNotOverThisVeryAct() public {
        for (uint256 act = 0; act < 4; ++act) {
            (HoldRef memory ref, bytes32 id, uint256 key) = prepared(act);
            assertBad(act, ref, consent(STRANGER_KEY, typeOf(act), id, 7, 0));
            assertBad(act, ref, consent(key, typeOf((act + 1) % 4), id, 7, 0));
            assertBad(act, ref, consent(key, typeOf(act), keccak256("other"), 7, 0));
            assertBad(act, ref, consent(key, typeOf(act), id, 8, 0));
            assertBad(act, ref, consent(key, typeOf(act), id, 7, 1));
            bytes32 structHash = actHash(typeOf(act), id, 7, 0);
            Consent memory by = Consent(DEADLINE, 0, 0);
            (by.r, by.vs) = compact(key, escrowDigest(block.chainid + 1, address(escrow), structHash));
            assertBad(act, ref, by);
            (by.r, by.vs) = compact(key, escrowDigest(block.chainid, address(this), structHash));
            assertBad(act, ref, by);
            by = consent(key, typeOf(act), id, 7, 0);
            by.vs = bytes32(uint256(by.vs) ^ (uint256(1) << 255));
            assertBad(act, ref, by);
            by.vs = bytes32(
                0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 -
                    ((uint256(by.vs) << 1) >> 1)
            );
            assertBad(act, ref, by);
            (by.r, by.vs) = (bytes32(uint256(1)), 0);
            assertBad(act, ref, by);
            (by.r, by.vs) = (0, bytes32(uint256(1)));
            assertBad(act, ref, by);
        }
    }

    function test_DisputesConsentDeadlineIsInclusive() public {
        for (uint256 act = 0; act < 4; ++act) {
            (HoldRef memory ref, bytes32 id, uint256 key) = prepared(act);
            Consent memory by = consent(key, typeOf(act), id, 7, 0, NOW + 100);
            vm.warp(NOW + 101);
            assertReverts(
                actWith(act, ref, by),
                abi.encodeWithSelector(IEscrow.EscrowConsentExpired.selector, NOW + 101, NOW + 100)
            );
            vm.warp(NOW + 100);
            (bool ok, ) = address(escrow).call(actWith(act, ref, by));
            assertTrue(ok, "at");
            vm.warp(NOW);
        }
    }

    function test_RevertWhen_AConsentIsReplayed() public {
        for (uint256 act = 0; act < 4; ++act) {
            if (act == 1) continue; // Evidence may be said twice; it changes nothing.
            (HoldRef memory ref, bytes32 id, uint256 key) = prepared(act);
            bytes memory data = actWith(act, ref, consent(key, typeOf(act), id, 7, 0));
            (bool ok, ) = address(escrow).call(data);
            assertTrue(ok, "once");
            HoldStatus status = escrow.holdOf(id).status;
            assertReverts(data, abi.encodeWithSelector(IEscrow.EscrowWrongStatus.selector, id, status));
        }
    }

    function test_RevertWhen_TheCallerIsNotTheActor() public {
        for (uint256 act = 0; act < 4; ++act) {
            (HoldRef memory ref, , ) = prepared(act);
            address actor = act == 2 ? arbiter : payer;
            address[3] memory others = [act == 3 ? arbiter : payee, stranger, operator];
            for (uint256 i = 0; i < 3; ++i) {
                vm.prank(others[i]);
                (bool ok, bytes memory reason) = address(escrow).call(actWith(act, ref, none()));
                assertTrue(!ok, "not hers");
                bytes memory expected = abi.encodeWithSelector(
                    IEscrow.EscrowNotActor.selector,
                    others[i],
                    actor
                );
                assertEq(keccak256(reason), keccak256(expected), "reason");
            }
            vm.prank(actor);
            (bool done, ) = address(escrow).call(actWith(act, ref, none()));
            assertTrue(done, "hers");
        }
    }

    // A hostile arbiter

    function test_HostileArbiterDividesOnceAndPaysNobodyElse() public {
        HostileArbiter hostile = new HostileArbiter(escrow);
        HoldRef memory ref = shared(0);
        ref.hold.arbiter = address(hostile);
        bytes32 id = open(ref);
        // What it could take if a second ruling did pass.
        open(plain(1));
        dispute(ref);
        HoldRef memory crooked = shared(0);
        crooked.hold.arbiter = address(hostile);
        crooked.payee = address(hostile);
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(ref.hold, 1);
        bytes[] memory twice = new bytes[](2);
        twice[0] = abi.encodeCall(IEscrow.rule, (ref, 6_000, none()));
        twice[1] = twice[0];
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(IEscrow.rule, (ref, 10_001, none()));
        calls[1] = abi.encodeCall(IEscrow.rule, (ref, type(uint16).max, none()));
        calls[2] = abi.encodeCall(IEscrow.rule, (crooked, 0, none()));
        calls[3] = abi.encodeCall(IEscrow.settleByAgreement, (ref, 0, none(), none()));
        calls[4] = abi.encodeCall(IEscrow.resolve, (ref));
        calls[5] = abi.encodeCall(ICalls.tryEach, (twice));
        calls[6] = abi.encodeCall(IEscrow.rule, (ref, 0, none()));
        calls[7] = abi.encodeCall(IEscrow.capture, (amountBatch(ref, rows)));
        (bool[] memory done, bytes[] memory reasons) = hostile.attack(calls);
        for (uint256 i = 0; i < 5; ++i) assertTrue(!done[i], "no effect");
        bool[] memory inner = abi.decode(reasons[5], (bool[]));
        assertTrue(inner[0] && !inner[1], "ruled once");
        assertTrue(!done[6], "ruled no more");
        RowCode[][] memory codes = abi.decode(reasons[7], (RowCode[][]));
        assertCode(codes[0][0], RowCode.WrongStatus, "nothing to capture");
        assertHold(id, HoldStatus.Ruled, 40e6, 0);
        assertEq(balance(address(hostile)), 0, "arbiter");
        assertEq(balance(address(escrow)), AMOUNT, "the other hold");
        assertEq(balance(payer), FUNDS - 2 * AMOUNT + 60e6, "payer");
        assertEq(balance(payee), 35e6, "payee");
    }

    // Many acts

    function test_TryEachIsolatesAndKeepsTheCaller() public {
        (HoldRef memory first, bytes32 id) = disputed(0);
        (HoldRef memory second, bytes32 other) = disputed(1);
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(IEscrow.rule, (first, 10_000, none()));
        calls[1] = abi.encodeCall(IEscrow.rule, (first, 10_000, none()));
        calls[2] = abi.encodeCall(IEscrow.resolve, (second));
        calls[3] = hex"12345678";
        calls[4] = abi.encodeCall(IEscrow.rule, (second, 10_000, none()));
        uint256 end = uint256(NOW) + RULING_PERIOD;
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Ruled(id, arbiter, 10_000, AMOUNT, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit ICalls.CallFailed(
            1,
            abi.encodeWithSelector(IEscrow.EscrowWrongStatus.selector, id, HoldStatus.Ruled)
        );
        vm.expectEmit(true, true, true, true, address(escrow));
        emit ICalls.CallFailed(2, abi.encodeWithSelector(IEscrow.EscrowTooEarly.selector, NOW, end));
        vm.expectEmit(true, true, true, true, address(escrow));
        emit ICalls.CallFailed(3, "");
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Ruled(other, arbiter, 10_000, AMOUNT, 0);
        vm.recordLogs();
        vm.prank(arbiter);
        bool[] memory done = escrow.tryEach(calls);
        assertEq(countOf(vm.getRecordedLogs(), ICalls.CallFailed.selector), 3, "failed");
        assertTrue(done[0] && !done[1] && !done[2] && !done[3] && done[4], "done");
        assertEq(balance(payer), FUNDS, "payer");
        assertEq(escrow.tryEach(new bytes[](0)).length, 0, "none");
    }

    function test_RevertWhen_TryEachIsMadeByAnother() public {
        (HoldRef memory ref, bytes32 id) = disputed(0);
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(IEscrow.rule, (ref, 10_000, none()));
        vm.expectEmit(true, true, true, true, address(escrow));
        emit ICalls.CallFailed(0, abi.encodeWithSelector(IEscrow.EscrowNotActor.selector, stranger, arbiter));
        vm.prank(stranger);
        assertTrue(!escrow.tryEach(calls)[0], "done");
        assertHold(id, HoldStatus.Disputed, 0, 0);
        // Through two of them the caller is still the caller.
        bytes[] memory outer = new bytes[](1);
        outer[0] = abi.encodeCall(ICalls.tryEach, (calls));
        vm.prank(arbiter);
        escrow.tryEach(outer);
        assertHold(id, HoldStatus.Ruled, 0, 0);
    }
}
