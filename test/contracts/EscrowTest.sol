// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {
    AmountBatch,
    AmountRow,
    Consent,
    HoldRef,
    HoldRow,
    HoldStatus,
    HoldView,
    OpenBatch,
    OpenRow,
    ReclaimBatch,
    Split,
    VoidBatch,
    VoidRow
} from "../../contracts/types/EscrowTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {LedgerTest} from "./LedgerTest.sol";

/// @dev An Escrow over the Ledger, an arbiter, two further recipients, and a way to sign every act.
abstract contract EscrowTest is LedgerTest {
    /// @dev An act with rows.
    enum Act {
        Capture,
        Void,
        Reclaim,
        Refund
    }

    uint256 internal constant ARBITER_KEY = 0xA4B1;
    uint48 internal constant CAPTURE_DEADLINE = NOW + 10 days;
    uint48 internal constant REFUND_DEADLINE = NOW + 40 days;
    uint48 internal constant RULING_PERIOD = 5 days;
    uint128 internal constant AMOUNT = 100e6;

    // The types as they are documented, apart from the contract's constants.
    string internal constant CAPTURE = "Capture(bytes32 id,uint128 amount,uint128 captured,uint48 deadline)";
    string internal constant VOID = "Void(bytes32 id,uint128 captured,uint48 deadline)";
    string internal constant REFUND = "Refund(bytes32 id,uint128 amount,uint128 refunded,uint48 deadline)";
    string internal constant DISPUTE =
        "Dispute(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)";
    string internal constant EVIDENCE =
        "Evidence(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)";
    string internal constant RULING = "Ruling(bytes32 id,uint16 payerBps,uint128 captured,uint48 deadline)";
    string internal constant SETTLEMENT =
        "Settlement(bytes32 id,uint128 toPayer,uint128 captured,uint48 deadline)";
    string internal constant TERMS =
        "HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)";
    string internal constant PAYMENT =
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,HoldTerms terms)";

    IEscrow internal escrow;
    address internal arbiter;
    address internal stranger;
    address internal market = address(0x3A4C);
    address internal carrier = address(0xCA44);

    function setUp() public virtual override {
        super.setUp();
        escrow = IEscrow(deploy("Escrow.sol:Escrow", abi.encode(ledger)));
        arbiter = vm.addr(ARBITER_KEY);
        stranger = vm.addr(STRANGER_KEY);
    }

    // Holds

    /// @dev A hold with an arbiter and without splits.
    function plain(uint64 nonce) internal view returns (HoldRef memory ref) {
        ref.payee = payee;
        ref.token = address(dollar);
        ref.hold = HoldRow({
            payer: payer,
            amount: AMOUNT,
            nonce: nonce,
            deadline: DEADLINE,
            captureDeadline: CAPTURE_DEADLINE,
            refundDeadline: REFUND_DEADLINE,
            arbiter: arbiter,
            rulingPeriod: RULING_PERIOD,
            defaultPayerBps: 3_000,
            memo: keccak256("order")
        });
    }

    /// @dev A hold of which a market gets 10 % and a carrier 2.5 %.
    function shared(uint64 nonce) internal view returns (HoldRef memory ref) {
        ref = plain(nonce);
        ref.splits = new Split[](2);
        ref.splits[0] = Split(market, 1_000);
        ref.splits[1] = Split(carrier, 250);
    }

    /// @dev The id as EIP-712 says, apart from the contract's assembly.
    function referenceId(HoldRef memory ref) internal view returns (bytes32) {
        return digestOf(holdHash(ref));
    }

    function holdHash(HoldRef memory ref) internal view returns (bytes32) {
        HoldRow memory hold = ref.hold;
        bytes32 terms = termsHash(ref);
        bytes32 typehash = keccak256(abi.encodePacked(PAYMENT, TERMS));
        bytes memory head = abi.encode(typehash, hold.payer, address(escrow), ref.token, hold.amount);
        return keccak256(bytes.concat(head, abi.encode(hold.nonce, hold.deadline, terms)));
    }

    function termsHash(HoldRef memory ref) internal pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            bytes32 typehash = keccak256("Split(address recipient,uint16 shareBps)");
            Split memory split = ref.splits[i];
            hashes = bytes.concat(hashes, keccak256(abi.encode(typehash, split.recipient, split.shareBps)));
        }
        HoldRow memory hold = ref.hold;
        bytes memory head = abi.encode(keccak256(bytes(TERMS)), ref.payee, keccak256(hashes));
        bytes memory middle = abi.encode(hold.captureDeadline, hold.refundDeadline, hold.arbiter);
        return
            keccak256(
                bytes.concat(head, middle, abi.encode(hold.rulingPeriod, hold.defaultPayerBps, hold.memo))
            );
    }

    // Opening

    function openRow(HoldRef memory ref) internal view returns (OpenRow memory row_) {
        row_.hold = ref.hold;
        (row_.r, row_.vs) = compact(PAYER_KEY, referenceId(ref));
    }

    function openBatch(HoldRef memory ref, OpenRow memory only) internal pure returns (OpenBatch[] memory) {
        OpenRow[] memory rows = new OpenRow[](1);
        rows[0] = only;
        return openBatch(ref, rows);
    }

    function openBatch(
        HoldRef memory ref,
        OpenRow[] memory rows
    ) internal pure returns (OpenBatch[] memory batches) {
        batches = new OpenBatch[](1);
        batches[0] = OpenBatch(ref.payee, ref.token, ref.splits, rows);
    }

    function tryOpen(HoldRef memory ref) internal returns (RowCode) {
        OpenBatch[] memory batches = openBatch(ref, openRow(ref));
        vm.prank(operator);
        return escrow.open(batches)[0][0];
    }

    function open(HoldRef memory ref) internal returns (bytes32) {
        assertCode(tryOpen(ref), RowCode.Settled, "opened");
        return referenceId(ref);
    }

    // Consents

    function none() internal pure returns (Consent memory) {}

    /// @dev Every act but {VOID} has two members of its own.
    function consent(
        uint256 key,
        string memory act,
        bytes32 id,
        uint256 first,
        uint256 second,
        uint48 deadline
    ) internal view returns (Consent memory) {
        return
            consentTo(
                key,
                keccak256(abi.encode(keccak256(bytes(act)), id, first, second, deadline)),
                deadline
            );
    }

    function consent(
        uint256 key,
        string memory act,
        bytes32 id,
        uint256 first,
        uint256 second
    ) internal view returns (Consent memory) {
        return consent(key, act, id, first, second, DEADLINE);
    }

    function voidConsent(uint256 key, bytes32 id, uint128 captured) internal view returns (Consent memory) {
        return
            consentTo(key, keccak256(abi.encode(keccak256(bytes(VOID)), id, captured, DEADLINE)), DEADLINE);
    }

    function consentTo(
        uint256 key,
        bytes32 structHash,
        uint48 deadline
    ) internal view returns (Consent memory result) {
        result.deadline = deadline;
        (result.r, result.vs) = compact(key, escrowDigest(structHash));
    }

    function escrowDigest(bytes32 structHash) internal view returns (bytes32) {
        return escrowDigest(block.chainid, address(escrow), structHash);
    }

    function escrowDigest(
        uint256 chain,
        address verifier,
        bytes32 structHash
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Corridor Escrow"),
                keccak256("1"),
                chain,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    // Acts with rows

    function amountBatch(
        HoldRef memory ref,
        AmountRow[] memory rows
    ) internal pure returns (AmountBatch[] memory) {
        return amountBatch(ref, rows, new Consent[](0));
    }

    function amountBatch(
        HoldRef memory ref,
        AmountRow[] memory rows,
        Consent[] memory consents
    ) internal pure returns (AmountBatch[] memory batches) {
        batches = new AmountBatch[](1);
        batches[0] = AmountBatch(ref.payee, ref.token, ref.splits, rows, consents);
    }

    function voidBatch(
        HoldRef memory ref,
        VoidRow[] memory rows
    ) internal pure returns (VoidBatch[] memory batches) {
        batches = new VoidBatch[](1);
        batches[0] = VoidBatch(ref.payee, ref.token, ref.splits, rows);
    }

    function reclaimBatch(
        HoldRef memory ref,
        HoldRow[] memory rows
    ) internal pure returns (ReclaimBatch[] memory batches) {
        batches = new ReclaimBatch[](1);
        batches[0] = ReclaimBatch(ref.payee, ref.token, ref.splits, rows);
    }

    /// @dev One act on one hold. `amount` is passed over where the act has none.
    function doAct(
        Act act,
        address caller,
        HoldRef memory ref,
        uint128 amount,
        Consent memory by
    ) internal returns (RowCode) {
        if (act == Act.Void) {
            VoidRow[] memory voids = new VoidRow[](1);
            voids[0] = VoidRow(ref.hold, by);
            vm.prank(caller);
            return escrow.void(voidBatch(ref, voids))[0][0];
        }
        if (act == Act.Reclaim) {
            HoldRow[] memory holds = new HoldRow[](1);
            holds[0] = ref.hold;
            vm.prank(caller);
            return escrow.reclaim(reclaimBatch(ref, holds))[0][0];
        }
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(ref.hold, amount);
        Consent[] memory consents = new Consent[](1);
        consents[0] = by;
        AmountBatch[] memory batches = amountBatch(ref, rows, consents);
        vm.prank(caller);
        return (act == Act.Capture ? escrow.capture(batches) : escrow.refund(batches))[0][0];
    }

    function capture(HoldRef memory ref, uint128 amount) internal {
        assertCode(doAct(Act.Capture, payee, ref, amount, none()), RowCode.Settled, "captured");
    }

    function refund(HoldRef memory ref, uint128 amount) internal {
        assertCode(doAct(Act.Refund, payee, ref, amount, none()), RowCode.Settled, "refunded");
    }

    function dispute(HoldRef memory ref) internal {
        vm.prank(payer);
        escrow.dispute(ref, payer, keccak256("claim"), none());
    }

    /// @dev Lets the Escrow move an account, as a payee does who wants to refund.
    function allow(address owner, uint256 amount) internal {
        vm.prank(owner);
        ledger.approve(address(escrow), uint160(address(dollar)), amount);
    }

    // Checks

    function assertCode(RowCode actual, RowCode expected, string memory what) internal pure {
        assertEq(uint256(actual), uint256(expected), what);
    }

    /// @dev An act that must fail: it says so, and changes nothing (invariant 7).
    function assertRefused(
        Act act,
        address caller,
        HoldRef memory ref,
        uint128 amount,
        Consent memory by,
        RowCode code
    ) internal {
        bytes32 id = referenceId(ref);
        bytes32 before = stateOf(ref, id);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Rejected(id, code);
        assertCode(doAct(act, caller, ref, amount, by), code, "row code");
        assertEq(stateOf(ref, id), before, "state after a rejected row");
    }

    function stateOf(HoldRef memory ref, bytes32 id) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    escrow.holdOf(id),
                    ledger.accountOf(ref.hold.payer, ref.token),
                    ledger.accountOf(ref.payee, ref.token),
                    ledger.accountOf(address(escrow), ref.token),
                    balance(market),
                    balance(carrier),
                    balance(operator),
                    balance(stranger)
                )
            );
    }

    function assertHold(bytes32 id, HoldStatus status, uint128 captured, uint128 refunded) internal view {
        HoldView memory hold = escrow.holdOf(id);
        assertEq(uint256(hold.status), uint256(status), "status");
        assertEq(hold.captured, captured, "captured");
        assertEq(hold.refunded, refunded, "refunded");
        // Each of these is reached from an open hold alone.
        if (status == HoldStatus.Open || status == HoldStatus.Captured || status == HoldStatus.Voided) {
            assertEq(hold.disputedAt, 0, "never disputed");
        }
    }
}
