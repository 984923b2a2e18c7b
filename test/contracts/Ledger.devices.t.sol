// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {HoldRef, HoldStatus, OpenRow} from "../../contracts/types/EscrowTypes.sol";
import {
    Batch,
    DeviceTerms,
    DeviceView,
    Row,
    RowCode,
    WithdrawalRow
} from "../../contracts/types/LedgerTypes.sol";
import {SignedDigest} from "../../contracts/types/SignatureTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";
import {PasskeyTest} from "./PasskeyTest.sol";

/// @dev A watch that pays from the payer's account.
abstract contract DeviceTest is EscrowTest, PasskeyTest {
    uint256 internal constant WATCH_KEY = 0x3A7C4;
    uint8 internal constant WATCH = 7;
    uint48 internal constant EXPIRY = NOW + 30 days;
    uint48 internal constant FAR = NOW + 60 days;
    uint112 internal constant PER_PAYMENT = 50e6;
    uint112 internal constant PER_DAY = 120e6;

    address internal watch;

    function setUp() public virtual override {
        super.setUp();
        watch = vm.addr(WATCH_KEY);
    }

    function termsOf(address key) internal pure returns (DeviceTerms memory) {
        return DeviceTerms(key, EXPIRY, PER_PAYMENT, PER_DAY, new address[](0));
    }

    function termsFor(address key, address only) internal pure returns (DeviceTerms memory terms) {
        terms = termsOf(key);
        terms.payees = new address[](1);
        terms.payees[0] = only;
    }

    function bind(uint8 index, DeviceTerms memory terms) internal {
        vm.prank(payer);
        ledger.bindDevice(address(dollar), index, terms);
    }

    function nonceAt(uint8 index, uint56 sequence) internal pure returns (uint64) {
        return (uint64(index) << 56) | sequence;
    }

    /// @dev A payment from the payer's account that `key` signed at `index`.
    function paid(
        uint256 key,
        uint8 index,
        uint56 sequence,
        uint128 amount
    ) internal view returns (Row memory r) {
        r = Row(payer, amount, nonceAt(index, sequence), FAR, keccak256("coffee"), 0, 0);
        resign(r, key, payee, address(dollar));
    }

    function byWatch(uint128 amount, uint56 sequence) internal view returns (Row memory) {
        return paid(WATCH_KEY, WATCH, sequence, amount);
    }

    function device(uint8 index) internal view returns (DeviceView memory) {
        return ledger.deviceOf(payer, address(dollar), index);
    }

    /// @dev A device's payment that must fail: it says so, and changes neither account nor device (invariant 7).
    function assertDeclined(Row memory bad, RowCode code) internal {
        bytes32 before = keccak256(abi.encode(device(uint8(bad.nonce >> 56))));
        assertRejected(bad, code);
        assertEq(
            keccak256(abi.encode(device(uint8(bad.nonce >> 56)))),
            before,
            "device after a rejected row"
        );
    }

    function assertPaid(Row memory good, string memory what) internal {
        assertCode(settle(good), RowCode.Settled, what);
    }
}

contract LedgerDevicePaymentsTest is DeviceTest {
    function test_ADevicePays() public {
        DeviceTerms memory terms = termsOf(watch);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.DeviceBound(
            payer,
            address(dollar),
            WATCH,
            watch,
            EXPIRY,
            PER_PAYMENT,
            PER_DAY,
            terms.payees
        );
        bind(WATCH, terms);
        Row memory r = byWatch(20e6, 3);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(
            idOf(r, payee, address(dollar)),
            payer,
            payee,
            20e6,
            nonceAt(WATCH, 3),
            keccak256("coffee")
        );
        assertPaid(r, "code");
        assertEq(balance(payer), FUNDS - 20e6, "payer");
        assertEq(balance(payee), 20e6, "payee");
        assertEq(balance(watch), 0, "the device has no account");
        assertEq(ledger.accountOf(payer, address(dollar)).nextNonce, 0, "the owner's window is her own");
        DeviceView memory found = device(WATCH);
        assertEq(found.key, watch, "key");
        assertEq(found.expiry, EXPIRY, "expiry");
        assertEq(found.perPayment, PER_PAYMENT, "per payment");
        assertEq(found.perDay, PER_DAY, "per day");
        assertEq(found.spentToday, 20e6, "spent");
        assertTrue(found.anyPayee, "any payee");
        assertEq(found.nextNonce, 4, "next sequence number");
        assertEq(found.window, 1, "window");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS, "supply (invariant 2)");
    }

    function test_OnlyItsKeySigns() public {
        bind(WATCH, termsOf(watch));
        bind(8, termsOf(vm.addr(WATCH_KEY + 1)));
        assertDeclined(paid(PAYER_KEY, WATCH, 0, 1), RowCode.BadSignature);
        assertDeclined(paid(STRANGER_KEY, WATCH, 0, 1), RowCode.BadSignature);
        assertDeclined(paid(WATCH_KEY + 1, WATCH, 0, 1), RowCode.BadSignature);
        assertDeclined(paid(WATCH_KEY, 8, 0, 1), RowCode.BadSignature);
        assertDeclined(paid(WATCH_KEY, 0, 0, 1), RowCode.BadSignature);
        Row memory forged = byWatch(1, 0);
        forged.amount = 2;
        assertDeclined(forged, RowCode.BadSignature);
        forged = byWatch(1, 0);
        forged.nonce = nonceAt(8, 0);
        assertDeclined(forged, RowCode.BadSignature);
        assertPaid(byWatch(1, 0), "its own");
    }

    // Limits

    function test_PerPaymentBoundary() public {
        bind(WATCH, termsOf(watch));
        assertDeclined(byWatch(PER_PAYMENT + 1, 0), RowCode.OverDeviceLimit);
        assertPaid(byWatch(PER_PAYMENT, 0), "at");
        assertPaid(byWatch(PER_PAYMENT - 1, 1), "below");
        uint128[3] memory huge = [uint128(type(uint112).max) + 1, uint128(1) << 112, type(uint128).max];
        for (uint256 i = 0; i < 3; ++i) assertDeclined(byWatch(huge[i], 2), RowCode.OverDeviceLimit);
    }

    function test_PerDayBoundary() public {
        bind(WATCH, termsOf(watch));
        assertPaid(byWatch(50e6, 0), "50");
        assertPaid(byWatch(50e6, 1), "100");
        assertDeclined(byWatch(20e6 + 1, 2), RowCode.OverDeviceLimit);
        assertPaid(byWatch(20e6 - 1, 2), "below");
        assertEq(device(WATCH).spentToday, PER_DAY - 1, "spent");
        assertDeclined(byWatch(2, 3), RowCode.OverDeviceLimit);
        assertPaid(byWatch(1, 3), "at");
        assertDeclined(byWatch(1, 4), RowCode.OverDeviceLimit);
    }

    /// @dev A day is one of UTC, whenever the device was bound.
    function test_DayEndsAtMidnight() public {
        bind(WATCH, termsOf(watch));
        uint256 midnight = (uint256(NOW) / 1 days + 1) * 1 days;
        Row[3] memory rows = [byWatch(50e6, 0), byWatch(50e6, 1), byWatch(50e6, 2)];
        vm.warp(midnight - 1);
        assertPaid(rows[0], "one second before");
        assertPaid(rows[1], "one second before");
        assertDeclined(rows[2], RowCode.OverDeviceLimit);
        assertEq(device(WATCH).spentToday, 100e6, "spent");
        vm.warp(midnight);
        assertEq(device(WATCH).spentToday, 0, "a new day");
        assertPaid(rows[2], "at midnight");
        assertEq(device(WATCH).spentToday, 50e6, "spent on it");
        vm.warp(midnight + 10 days);
        assertEq(device(WATCH).spentToday, 0, "days later");
        vm.warp(midnight + 1 days - 1);
        assertDeclined(byWatch(70e6 + 1, 3), RowCode.OverDeviceLimit);
    }

    function test_LimitsOfZeroAndOfAllThereIs() public {
        DeviceTerms memory terms = termsOf(watch);
        terms.perPayment = 0;
        bind(WATCH, terms);
        assertDeclined(byWatch(1, 0), RowCode.OverDeviceLimit);
        terms.perPayment = PER_PAYMENT;
        terms.perDay = 0;
        bind(WATCH, terms);
        assertDeclined(byWatch(1, 0), RowCode.OverDeviceLimit);
        (terms.perPayment, terms.perDay) = (type(uint112).max, type(uint112).max);
        bind(WATCH, terms);
        fund(dollar, payer, uint256(type(uint112).max));
        assertPaid(byWatch(type(uint112).max, 0), "all at once");
        assertDeclined(byWatch(1, 1), RowCode.OverDeviceLimit);
    }

    /// @dev Every bit of either is its own: they share a word.
    function testFuzz_LimitsStandApart(uint112 perPayment, uint112 perDay) public {
        DeviceTerms memory terms = termsOf(watch);
        for (uint256 i = 0; i < 4; ++i) {
            if (i == 1) (perPayment, perDay) = (type(uint112).max, 0);
            if (i == 2) (perPayment, perDay) = (0, type(uint112).max);
            if (i == 3) (perPayment, perDay) = (1, 1);
            (terms.perPayment, terms.perDay) = (perPayment, perDay);
            bind(WATCH, terms);
            assertEq(device(WATCH).perPayment, perPayment, "per payment");
            assertEq(device(WATCH).perDay, perDay, "per day");
        }
    }

    function test_ExpiryIsInclusive() public {
        bind(WATCH, termsOf(watch));
        vm.warp(EXPIRY - 1);
        assertPaid(byWatch(1, 0), "before");
        vm.warp(EXPIRY);
        assertPaid(byWatch(1, 1), "at");
        vm.warp(uint256(EXPIRY) + 1);
        assertDeclined(byWatch(1, 2), RowCode.DeviceInactive);
    }

    function test_AllowedPayees() public {
        DeviceTerms memory terms = termsFor(watch, address(0xB0B));
        bind(WATCH, terms);
        assertTrue(!device(WATCH).anyPayee, "not anybody");
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), WATCH, payee), "the payee");
        assertTrue(ledger.isDevicePayee(payer, address(dollar), WATCH, address(0xB0B)), "the allowed one");
        assertDeclined(byWatch(1, 0), RowCode.PayeeNotAllowed);
        Row memory r = byWatch(1, 0);
        resign(r, WATCH_KEY, address(0xB0B), address(dollar));
        Row[] memory rows = new Row[](1);
        rows[0] = r;
        Batch[] memory batches = batchOf(address(0xB0B), address(dollar), rows);
        assertCode(ledger.settle(batches)[0][0], RowCode.Settled, "the allowed one");
        // A new binding replaces the list.
        bind(WATCH, termsFor(watch, payee));
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), WATCH, address(0xB0B)), "no more");
        assertTrue(ledger.isDevicePayee(payer, address(dollar), WATCH, payee), "instead");
        assertPaid(byWatch(1, 1), "instead");
        bind(WATCH, termsOf(watch));
        assertTrue(ledger.isDevicePayee(payer, address(dollar), WATCH, address(0xB0B)), "anybody");
        bind(WATCH, termsFor(watch, market));
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), WATCH, payee), "a list again");
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), WATCH, market), "a revoked device's");
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), 8, payee), "no device");
    }

    // Order of checks

    /// @dev Everything is wrong at once; what is mended comes off from the front.
    function test_OrderOfChecks() public {
        DeviceTerms memory terms = termsFor(watch, market);
        Row memory r = byWatch(0, 0);
        r.deadline = NOW - 1;
        r.r = bytes32(uint256(1));
        freeze(payer, address(dollar), NOW + 1);
        assertDeclined(r, RowCode.ZeroAmount);
        r.amount = 60e6;
        assertDeclined(r, RowCode.Expired);
        r.deadline = FAR;
        assertDeclined(r, RowCode.Frozen);
        vm.warp(NOW + 1);
        assertDeclined(r, RowCode.DeviceInactive);
        bind(WATCH, terms);
        assertDeclined(r, RowCode.OverDeviceLimit);
        r.amount = PER_PAYMENT;
        assertDeclined(r, RowCode.PayeeNotAllowed);
        bind(WATCH, termsOf(watch));
        assertPaid(byWatch(1, 0), "uses the sequence number");
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS - 1);
        assertDeclined(r, RowCode.NonceUsed);
        r.nonce = nonceAt(WATCH, 1);
        assertDeclined(r, RowCode.InsufficientBalance);
        fund(dollar, payer, FUNDS);
        assertDeclined(r, RowCode.BadSignature);
        resign(r, WATCH_KEY, payee, address(dollar));
        assertPaid(r, "mended");
    }

    function test_FrozenAccountPaysByNoDevice() public {
        bind(WATCH, termsOf(watch));
        freeze(payer, address(dollar), NOW + 10);
        assertDeclined(byWatch(1, 0), RowCode.Frozen);
        vm.warp(NOW + 9);
        assertDeclined(byWatch(1, 0), RowCode.Frozen);
        vm.warp(NOW + 10);
        assertPaid(byWatch(1, 0), "after it");
        freeze(payer, address(dollar), NOW + 20);
        assertDeclined(byWatch(1, 1), RowCode.Frozen);
    }

    function test_BalanceBoundary() public {
        bind(WATCH, termsOf(watch));
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS - 10);
        assertDeclined(byWatch(11, 0), RowCode.InsufficientBalance);
        assertPaid(byWatch(10, 0), "all there is");
    }

    // Sequence numbers (invariant 3)

    function test_3_WindowBoundary() public {
        bind(WATCH, termsOf(watch));
        assertPaid(byWatch(1, 100), "highest");
        assertDeclined(byWatch(1, 36), RowCode.NonceStale);
        assertPaid(byWatch(1, 37), "63 below");
        assertPaid(byWatch(1, 38), "62 below");
        assertDeclined(byWatch(1, 37), RowCode.NonceUsed);
        assertDeclined(byWatch(2, 100), RowCode.NonceUsed);
        assertPaid(byWatch(1, 101), "next");
        assertDeclined(byWatch(1, 37), RowCode.NonceStale);
    }

    function test_3_HighestSequenceNumber() public {
        bind(WATCH, termsOf(watch));
        assertDeclined(byWatch(1, type(uint56).max), RowCode.NonceTooHigh);
        assertPaid(byWatch(1, type(uint56).max - 1), "highest");
        assertPaid(byWatch(1, type(uint56).max - 2), "below it");
    }

    /// @dev What {isNonceUsed} says of a device is what becomes of its payment, at both ends of its window.
    function test_3_IsNonceUsedKnowsADevicesWindow() public {
        bind(WATCH, termsOf(watch));
        assertNonce(WATCH, 0, false);
        assertPaid(byWatch(1, 100), "the highest so far");
        // 64 of them, 37 to 100.
        assertNonce(WATCH, 36, true);
        assertDeclined(byWatch(1, 36), RowCode.NonceStale);
        assertNonce(WATCH, 37, false);
        assertNonce(WATCH, 99, false);
        assertNonce(WATCH, 100, true);
        assertDeclined(byWatch(1, 100), RowCode.NonceUsed);
        assertNonce(WATCH, 101, false);
        assertPaid(byWatch(1, 37), "the lowest");
        assertNonce(WATCH, 37, true);
        assertNonce(WATCH, 38, false);
        assertNonce(WATCH, type(uint56).max - 1, false);
        assertNonce(WATCH, type(uint56).max, true);
        assertNonce(WATCH - 1, 100, false);
        assertNonce(WATCH + 1, 100, false);
        assertNonce(0, 100, false);
        assertTrue(!ledger.isNonceUsed(payer, address(euro), nonceAt(WATCH, 100)), "of another token");
        assertTrue(!ledger.isNonceUsed(payee, address(dollar), nonceAt(WATCH, 100)), "of another owner");
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        assertNonce(WATCH, 100, true);
    }

    function test_3_IsNonceUsedAtTheFirstAndLastIndex() public {
        uint8[2] memory indices = [1, 255];
        for (uint256 i = 0; i < 2; ++i) {
            bind(indices[i], termsOf(watch));
            assertPaid(paid(WATCH_KEY, indices[i], 5, 1), "paid");
            assertNonce(indices[i], 4, false);
            assertNonce(indices[i], 5, true);
            assertNonce(indices[i], 6, false);
            assertNonce(0, 5, false);
        }
        assertPaid(row(1, 5), "the owner's");
        assertNonce(0, 5, true);
        assertNonce(2, 5, false);
    }

    function assertNonce(uint8 index, uint56 sequence, bool used) private view {
        assertTrue(
            ledger.isNonceUsed(payer, address(dollar), nonceAt(index, sequence)) == used,
            used ? "used" : "free"
        );
    }

    function test_3_ReplayInABatch() public {
        bind(WATCH, termsOf(watch));
        Row[] memory rows = new Row[](3);
        (rows[0], rows[1], rows[2]) = (byWatch(1, 0), byWatch(1, 0), byWatch(1, 1));
        RowCode[] memory codes = ledger.settle(batchOf(payee, address(dollar), rows))[0];
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.NonceUsed, "again");
        assertCode(codes[2], RowCode.Settled, "next");
        assertEq(device(WATCH).spentToday, 2, "spent");
    }

    /// @dev Owner and devices sign without knowing of each other.
    function test_3_SameSequenceNumberEverywhere() public {
        uint8[3] memory indices = [uint8(1), WATCH, 255];
        Row[] memory rows = new Row[](4);
        for (uint8 i = 0; i < 3; ++i) {
            bind(indices[i], termsOf(vm.addr(WATCH_KEY + i)));
            rows[i] = paid(WATCH_KEY + i, indices[i], 5, 10);
        }
        rows[3] = paid(PAYER_KEY, 0, 5, 10);
        RowCode[] memory codes = ledger.settle(batchOf(payee, address(dollar), rows))[0];
        for (uint256 i = 0; i < 4; ++i) {
            assertCode(codes[i], RowCode.Settled, "each");
            for (uint256 j = 0; j < i; ++j) {
                assertTrue(
                    idOf(rows[i], payee, address(dollar)) != idOf(rows[j], payee, address(dollar)),
                    "ids differ"
                );
            }
            assertDeclined(rows[i], RowCode.NonceUsed);
        }
        assertEq(balance(payee), 40, "payee");
    }

    /// @dev The owner and her devices draw on one balance in one batch.
    function test_2_OneBalanceForAll() public {
        bind(WATCH, termsOf(watch));
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS - 25);
        Row[] memory rows = new Row[](4);
        rows[0] = paid(PAYER_KEY, 0, 0, 10);
        rows[1] = byWatch(10, 0);
        rows[2] = byWatch(6, 1);
        rows[3] = paid(PAYER_KEY, 0, 1, 5);
        RowCode[] memory codes = ledger.settle(batchOf(payee, address(dollar), rows))[0];
        assertCode(codes[0], RowCode.Settled, "owner");
        assertCode(codes[1], RowCode.Settled, "device");
        assertCode(codes[2], RowCode.InsufficientBalance, "too much");
        assertCode(codes[3], RowCode.Settled, "owner");
        assertEq(balance(payer), 0, "payer");
        assertEq(ledger.accountOf(payer, address(dollar)).nextNonce, 2, "her own nonces");
        assertEq(device(WATCH).nextNonce, 1, "the device's");
    }

    function test_ADeviceMayPayItsOwner() public {
        bind(WATCH, termsOf(watch));
        Row[] memory rows = new Row[](1);
        rows[0] = Row(payer, 10, nonceAt(WATCH, 0), FAR, 0, 0, 0);
        resign(rows[0], WATCH_KEY, payer, address(dollar));
        ledger.settle(batchOf(payer, address(dollar), rows));
        assertEq(balance(payer), FUNDS, "payer");
        assertEq(device(WATCH).spentToday, 10, "spent all the same");
    }

    // One account, one token

    function test_OfAnotherTokenOrOwner() public {
        bind(WATCH, termsOf(watch));
        fund(euro, payer, FUNDS);
        Row memory r = byWatch(1, 0);
        resign(r, WATCH_KEY, payee, address(euro));
        assertRejectedAt(r, payee, address(euro), RowCode.DeviceInactive);
        fund(dollar, stranger, FUNDS);
        r = byWatch(1, 0);
        r.payer = stranger;
        resign(r, WATCH_KEY, payee, address(dollar));
        assertRejected(r, RowCode.DeviceInactive);
        // The same key may serve several accounts and indices.
        vm.prank(stranger);
        ledger.bindDevice(address(dollar), WATCH, termsOf(watch));
        bind(8, termsOf(watch));
        assertPaid(r, "the other owner's");
        assertPaid(paid(WATCH_KEY, 8, 0, 1), "another index");
        assertPaid(byWatch(1, 0), "and the first");
    }

    // Holds

    function holdBy(uint64 nonce) private view returns (HoldRef memory ref, OpenRow memory row_) {
        ref = plain(nonce);
        ref.hold.amount = PER_PAYMENT;
        row_.hold = ref.hold;
        (row_.r, row_.vs) = compact(WATCH_KEY, referenceId(ref));
    }

    function test_ADeviceOpensAHold() public {
        bind(WATCH, termsFor(watch, address(escrow)));
        (HoldRef memory ref, OpenRow memory row_) = holdBy(nonceAt(WATCH, 0));
        assertCode(escrow.open(openBatch(ref, row_))[0][0], RowCode.Settled, "code");
        assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
        assertEq(device(WATCH).spentToday, PER_PAYMENT, "spent");
        capture(ref, PER_PAYMENT);
        assertEq(balance(payee), PER_PAYMENT, "payee");
    }

    function test_AHoldIsPaidToTheEscrow() public {
        bind(WATCH, termsFor(watch, payee));
        (HoldRef memory ref, OpenRow memory row_) = holdBy(nonceAt(WATCH, 0));
        assertCode(escrow.open(openBatch(ref, row_))[0][0], RowCode.PayeeNotAllowed, "code");
        assertHold(referenceId(ref), HoldStatus.None, 0, 0);
    }

    // Other kinds of keys

    function settleNoted(Row memory r, address signer, bytes memory signature) private returns (RowCode) {
        (r.r, r.vs) = (0, 0);
        SignedDigest[] memory all = new SignedDigest[](1);
        all[0] = SignedDigest(signer, idOf(r, payee, address(dollar)), signature);
        bytes memory call = abi.encodeCall(ledger.settle, (batchOf(r)));
        return abi.decode(ledger.callWithSignatures(all, call), (RowCode[][]))[0][0];
    }

    function test_PasskeysAndWalletsAsDevices() public {
        WalletMock wallet = new WalletMock(stranger);
        address key = passkeyAddress(PASSKEY);
        bind(1, termsOf(key));
        bind(2, termsOf(address(wallet)));
        Row memory r = Row(payer, 10, nonceAt(1, 0), FAR, 0, 0, 0);
        bytes32 id = idOf(r, payee, address(dollar));
        assertDeclined(r, RowCode.BadSignature);
        assertCode(settleNoted(r, key, plainP256(PASSKEY, id)), RowCode.Settled, "P-256");
        r.nonce = nonceAt(1, 1);
        id = idOf(r, payee, address(dollar));
        assertCode(settleNoted(r, key, passkey(PASSKEY + 1, id)), RowCode.BadSignature, "another passkey");
        assertCode(settleNoted(r, key, passkey(PASSKEY, id)), RowCode.Settled, "passkey");
        r.nonce = nonceAt(2, 0);
        id = idOf(r, payee, address(dollar));
        assertCode(
            settleNoted(r, address(wallet), long(PAYER_KEY, id)),
            RowCode.BadSignature,
            "the owner's is not the wallet's"
        );
        assertCode(settleNoted(r, address(wallet), long(STRANGER_KEY, id)), RowCode.Settled, "wallet");
        // A signature by the owner, noted, is none of the device.
        r.nonce = nonceAt(2, 1);
        id = idOf(r, payee, address(dollar));
        assertCode(settleNoted(r, payer, long(PAYER_KEY, id)), RowCode.BadSignature, "the owner's, noted");
        assertEq(balance(payee), 30, "payee");
    }

    // Against a model

    function testFuzz_3_4_LimitsAgainstAModel(uint256 seed) public {
        bind(WATCH, termsOf(watch));
        // Kept apart: the compiler takes `block.timestamp` for the same all through a transaction.
        uint256 time = NOW;
        uint256 day = time / 1 days;
        uint256 spent;
        uint256 gone;
        for (uint56 i = 0; i < 16; ++i) {
            uint256 chance = uint256(keccak256(abi.encode(seed, i)));
            time += (chance % 8) * 1 hours;
            vm.warp(time);
            uint128 amount = uint128(bound(chance >> 8, 1, uint256(PER_PAYMENT) + PER_PAYMENT / 4));
            if (time / 1 days != day) (day, spent) = (time / 1 days, 0);
            bool good = amount <= PER_PAYMENT && spent + amount <= PER_DAY && amount <= FUNDS - gone;
            RowCode code = settle(byWatch(amount, i));
            assertTrue((code == RowCode.Settled) == good, "code");
            if (good) (spent, gone) = (spent + amount, gone + amount);
            assertEq(device(WATCH).spentToday, spent, "spent today");
        }
        assertEq(balance(payer), FUNDS - gone, "payer");
        assertEq(balance(payee), gone, "payee");
    }
}

contract LedgerDeviceBindingTest is DeviceTest {
    function binding(
        address owner,
        address token,
        uint8 index,
        DeviceTerms memory terms,
        uint64 nonce,
        uint48 deadline
    ) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "DeviceBinding(address owner,address token,uint8 index,address key,uint48 expiry,uint112 perPayment,uint112 perDay,address[] payees,uint64 nonce,uint48 deadline)"
        );
        bytes memory payees;
        for (uint256 i = 0; i < terms.payees.length; ++i) {
            payees = bytes.concat(payees, abi.encode(terms.payees[i]));
        }
        bytes memory head = abi.encode(typehash, owner, token, index, terms.key, terms.expiry);
        bytes memory tail = abi.encode(terms.perPayment, terms.perDay, keccak256(payees), nonce, deadline);
        return digestOf(keccak256(bytes.concat(head, tail)));
    }

    function binding(DeviceTerms memory terms, uint64 nonce) private view returns (bytes32) {
        return binding(payer, address(dollar), WATCH, terms, nonce, DEADLINE);
    }

    function revocation(uint8 index, uint64 nonce) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "DeviceRevocation(address owner,address token,uint8 index,uint64 nonce,uint48 deadline)"
        );
        return digestOf(keccak256(abi.encode(typehash, payer, address(dollar), index, nonce, DEADLINE)));
    }

    function bindSigned(DeviceTerms memory terms, uint64 nonce, bytes memory signature) private {
        ledger.bindDeviceWithSignature(payer, address(dollar), WATCH, terms, nonce, DEADLINE, signature);
    }

    function unusable(uint64 nonce, RowCode code) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(ILedger.LedgerNonceUnusable.selector, payer, address(dollar), nonce, code);
    }

    function test_BindsBySignature() public {
        DeviceTerms memory terms = termsFor(watch, payee);
        bytes32 id = binding(terms, 3);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.NonceUsed(payer, address(dollar), 3, id);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.DeviceBound(
            payer,
            address(dollar),
            WATCH,
            watch,
            EXPIRY,
            PER_PAYMENT,
            PER_DAY,
            terms.payees
        );
        bindSigned(terms, 3, long(PAYER_KEY, id));
        assertPaid(byWatch(1, 0), "it pays");
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 3), "the owner's nonce");
    }

    /// @dev What was signed once cannot bring a revoked device back.
    function test_3_ABindingWorksOnce() public {
        DeviceTerms memory terms = termsOf(watch);
        bytes memory signature = long(PAYER_KEY, binding(terms, 3));
        bindSigned(terms, 3, signature);
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        vm.expectRevert(unusable(3, RowCode.NonceUsed));
        bindSigned(terms, 3, signature);
        assertDeclined(byWatch(1, 0), RowCode.DeviceInactive);
    }

    function test_RevertWhen_SignatureIsNotOverThis() public {
        DeviceTerms memory terms = termsFor(watch, payee);
        bytes memory signature = long(PAYER_KEY, binding(terms, 3));
        DeviceTerms[6] memory others;
        for (uint256 i = 0; i < 6; ++i) others[i] = termsFor(watch, payee);
        others[0].key = stranger;
        others[1].expiry += 1;
        others[2].perPayment += 1;
        others[3].perDay += 1;
        others[4].payees[0] = stranger;
        others[5].payees = new address[](0);
        for (uint256 i = 0; i < 6; ++i) {
            bytes memory refusal = abi.encodeWithSelector(
                ILedger.LedgerBadSignature.selector,
                payer,
                binding(others[i], 3)
            );
            vm.expectRevert(refusal);
            bindSigned(others[i], 3, signature);
        }
        bytes32 elsewhere = binding(payer, address(dollar), 8, terms, 3, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, elsewhere));
        ledger.bindDeviceWithSignature(payer, address(dollar), 8, terms, 3, DEADLINE, signature);
        elsewhere = binding(payer, address(euro), WATCH, terms, 3, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, elsewhere));
        ledger.bindDeviceWithSignature(payer, address(euro), WATCH, terms, 3, DEADLINE, signature);
        bytes memory forged = long(STRANGER_KEY, binding(terms, 3));
        elsewhere = binding(terms, 3);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, elsewhere));
        bindSigned(terms, 3, forged);
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 3), "the nonce is free");
        bindSigned(terms, 3, signature);
    }

    function test_DeadlineIsInclusive() public {
        DeviceTerms memory terms = termsOf(watch);
        bytes memory late = long(PAYER_KEY, binding(terms, 4));
        bytes memory lateRevocation = long(PAYER_KEY, revocation(WATCH, 5));
        bytes memory good = long(PAYER_KEY, binding(terms, 3));
        vm.warp(DEADLINE);
        bindSigned(terms, 3, good);
        vm.warp(uint256(DEADLINE) + 1);
        bytes memory refusal = abi.encodeWithSelector(
            ILedger.LedgerSignatureExpired.selector,
            uint256(DEADLINE) + 1,
            DEADLINE
        );
        vm.expectRevert(refusal);
        bindSigned(terms, 4, late);
        vm.expectRevert(refusal);
        ledger.revokeDeviceWithSignature(payer, address(dollar), WATCH, 5, DEADLINE, lateRevocation);
    }

    function test_RevertWhen_DeviceIsInvalid() public {
        address[3] memory keys = [watch, address(0), payer];
        uint8[3] memory indices = [uint8(0), WATCH, WATCH];
        for (uint256 i = 0; i < 3; ++i) {
            DeviceTerms memory terms = termsOf(keys[i]);
            bytes memory refusal = abi.encodeWithSelector(
                ILedger.LedgerInvalidDevice.selector,
                indices[i],
                keys[i]
            );
            vm.expectRevert(refusal);
            vm.prank(payer);
            ledger.bindDevice(address(dollar), indices[i], terms);
            bytes32 digest = binding(payer, address(dollar), indices[i], terms, 0, DEADLINE);
            bytes memory signature = long(PAYER_KEY, digest);
            vm.expectRevert(refusal);
            ledger.bindDeviceWithSignature(payer, address(dollar), indices[i], terms, 0, DEADLINE, signature);
        }
        bind(1, termsOf(watch));
        bind(255, termsOf(watch));
        assertPaid(paid(WATCH_KEY, 1, 0, 1), "lowest index");
        assertPaid(paid(WATCH_KEY, 255, 0, 1), "highest index");
    }

    /// @dev A new key at an index: neither sequence numbers nor the day's sum begin again.
    function test_3_RebindingForgetsNothing() public {
        bind(WATCH, termsOf(watch));
        assertPaid(byWatch(50e6, 9), "the old key");
        bind(WATCH, termsOf(vm.addr(WATCH_KEY + 1)));
        assertEq(device(WATCH).nextNonce, 10, "next sequence number");
        assertEq(device(WATCH).spentToday, 50e6, "spent");
        assertDeclined(byWatch(1, 10), RowCode.BadSignature);
        assertDeclined(paid(WATCH_KEY + 1, WATCH, 9, 1), RowCode.NonceUsed);
        assertPaid(paid(WATCH_KEY + 1, WATCH, 8, 50e6), "the new key");
        assertDeclined(paid(WATCH_KEY + 1, WATCH, 10, 20e6 + 1), RowCode.OverDeviceLimit);
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        bind(WATCH, termsOf(watch));
        assertDeclined(byWatch(1, 9), RowCode.NonceUsed);
        assertDeclined(byWatch(20e6 + 1, 10), RowCode.OverDeviceLimit);
    }

    function test_ARevokedDeviceIsOutAtOnce() public {
        bind(WATCH, termsOf(watch));
        bind(8, termsOf(watch));
        Row memory signedBefore = byWatch(1, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.DeviceRevoked(payer, address(dollar), WATCH);
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        assertDeclined(signedBefore, RowCode.DeviceInactive);
        assertEq(device(WATCH).key, address(0), "no key");
        assertTrue(!ledger.isDevicePayee(payer, address(dollar), WATCH, payee), "nobody");
        assertPaid(paid(WATCH_KEY, 8, 0, 1), "another index stays");
    }

    function test_RevokesBySignature() public {
        bind(WATCH, termsOf(watch));
        bytes32 id = revocation(WATCH, 2);
        bytes memory signature = long(PAYER_KEY, id);
        bytes memory forged = long(WATCH_KEY, id);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, id));
        ledger.revokeDeviceWithSignature(payer, address(dollar), WATCH, 2, DEADLINE, forged);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.NonceUsed(payer, address(dollar), 2, id);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.DeviceRevoked(payer, address(dollar), WATCH);
        ledger.revokeDeviceWithSignature(payer, address(dollar), WATCH, 2, DEADLINE, signature);
        assertDeclined(byWatch(1, 0), RowCode.DeviceInactive);
        vm.expectRevert(unusable(2, RowCode.NonceUsed));
        ledger.revokeDeviceWithSignature(payer, address(dollar), WATCH, 2, DEADLINE, signature);
    }

    function test_RevokingNothingSaysSo() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.DeviceRevoked(payer, address(dollar), WATCH);
        vm.prank(payer);
        ledger.revokeDevice(address(dollar), WATCH);
        assertEq(device(WATCH).key, address(0), "none");
    }

    function test_StrangersBindToTheirOwnAccounts() public {
        vm.prank(stranger);
        ledger.bindDevice(address(dollar), WATCH, termsOf(watch));
        assertDeclined(byWatch(1, 0), RowCode.DeviceInactive);
        bind(WATCH, termsOf(watch));
        vm.prank(stranger);
        ledger.revokeDevice(address(dollar), WATCH);
        assertPaid(byWatch(1, 0), "the payer's is still there");
    }

    // A device only pays (invariant 4)

    function test_4_ADeviceSignsNothingElse() public {
        bind(WATCH, termsOf(watch));
        uint64[2] memory nonces = [uint64(5), nonceAt(WATCH, 5)];
        // With a nonce of the owner's it is not her signature; one of its own names no message but a payment.
        for (uint256 i = 0; i < 2; ++i) {
            uint64 nonce = nonces[i];
            WithdrawalRow[] memory rows = new WithdrawalRow[](1);
            rows[0] = WithdrawalRow(payer, watch, 1, 0, 0, nonce, DEADLINE, "");
            rows[0].signature = long(WATCH_KEY, withdrawalId(rows[0]));
            RowCode code = ledger.withdrawBatch(address(dollar), rows)[0];
            assertCode(code, i == 0 ? RowCode.BadSignature : RowCode.NonceTooHigh, "withdrawal");
            bytes4 refusal =
                i == 0 ? ILedger.LedgerBadSignature.selector : ILedger.LedgerNonceUnusable.selector;
            bytes memory signature = new bytes(65);
            bytes[5] memory calls = [
                abi.encodeCall(
                    ledger.cancelWithSignature,
                    (payer, address(dollar), nonce, DEADLINE, signature)
                ),
                abi.encodeCall(
                    ledger.agreeWithSignature,
                    (payer, watch, address(dollar), 1, 1, nonce, DEADLINE, signature)
                ),
                abi.encodeCall(
                    ledger.approveWithSignature,
                    (payer, watch, address(dollar), 1, nonce, DEADLINE, signature)
                ),
                abi.encodeCall(
                    ledger.bindDeviceWithSignature,
                    (payer, address(dollar), 9, termsOf(watch), nonce, DEADLINE, signature)
                ),
                abi.encodeCall(
                    ledger.revokeDeviceWithSignature,
                    (payer, address(dollar), 9, nonce, DEADLINE, signature)
                )
            ];
            for (uint256 j = 0; j < 5; ++j) {
                bytes memory call = i == 0 ? signedByWatch(calls[j], signature) : calls[j];
                (bool ok, bytes memory reason) = address(ledger).call(call);
                assertTrue(!ok, "refused");
                assertEq(bytes32(bytes4(reason)), bytes32(refusal), "error");
            }
        }
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 5), "the owner's nonce");
        assertEq(balance(payer), FUNDS, "payer");
        bytes memory own = abi.encodeWithSelector(
            ILedger.LedgerInsufficientBalance.selector,
            watch,
            address(dollar),
            0,
            1
        );
        vm.expectRevert(own);
        vm.prank(watch);
        ledger.withdraw(address(dollar), watch, 1);
    }

    /// @dev The call with a signature by the device over the very digest that the Ledger says it wants.
    function signedByWatch(bytes memory call, bytes memory blank) private returns (bytes memory) {
        (, bytes memory reason) = address(ledger).call(call);
        bytes32 digest;
        assembly ("memory-safe") {
            digest := mload(add(reason, 0x44))
        }
        bytes memory signature = long(WATCH_KEY, digest);
        // The signature stands last, in three words of which the last is padded.
        uint256 start = call.length - 96;
        for (uint256 i = 0; i < blank.length; ++i) call[start + i] = signature[i];
        return call;
    }

    function withdrawalId(WithdrawalRow memory w) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Withdrawal(address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline)"
        );
        bytes memory head = abi.encode(typehash, w.owner, address(dollar), w.to, w.amount);
        return digestOf(keccak256(bytes.concat(head, abi.encode(w.maxFee, w.nonce, w.deadline))));
    }

    /// @dev The owner's own calls about a device's numbers change nothing of it.
    function test_OwnersNoncesAreNotADevices() public {
        bind(WATCH, termsOf(watch));
        vm.expectRevert(unusable(nonceAt(WATCH, 0), RowCode.NonceTooHigh));
        vm.prank(payer);
        ledger.cancel(address(dollar), nonceAt(WATCH, 0));
        vm.prank(payer);
        ledger.cancel(address(dollar), 0);
        assertPaid(byWatch(1, 0), "the device's 0");
    }
}
