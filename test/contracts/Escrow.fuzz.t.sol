// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HoldRef, HoldStatus, HoldView, Split} from "../../contracts/types/EscrowTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @dev Holds with any splits, cut anyhow, against a plain model.
contract EscrowFuzzTest is EscrowTest {
    /// @dev A hold with up to 8 recipients that the seed chooses; one in three leaves the payee nothing.
    function anyHold(uint64 nonce, uint128 amount, uint256 seed) private view returns (HoldRef memory ref) {
        ref = plain(nonce);
        ref.hold.amount = amount;
        ref.splits = new Split[](seed % 9);
        uint256 left = 10_000;
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 rest = ref.splits.length - 1 - i;
            uint256 share = bound(seed, 1, seed % 2 == 0 ? left - rest : (left - rest) / (rest + 1) + 1);
            if (share > left - rest) share = left - rest;
            if (rest == 0 && seed % 3 == 0) share = left;
            ref.splits[i] = Split(recipientAt(nonce, i), uint16(share));
            left -= share;
        }
    }

    function recipientAt(uint64 nonce, uint256 index) private pure returns (address) {
        return address(uint160(0x10000 + uint256(nonce) * 0x100 + index));
    }

    /// @dev What recipient `index` has of `total`: one after the other, each her share of what the ones before left.
    function modelOf(HoldRef memory ref, uint256 total, uint256 index) private pure returns (uint256 part) {
        uint256 bps = 10_000;
        for (uint256 i = 0; i <= index; ++i) {
            part = (total * ref.splits[i].shareBps) / bps;
            total -= part;
            bps -= ref.splits[i].shareBps;
        }
    }

    /// @dev Recipients and payee have what the model says of `captured`, and together all of it.
    function assertShares(HoldRef memory ref, uint256 captured, uint256 payeeBefore) private view {
        uint256 sum;
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            uint256 has = balance(ref.splits[i].recipient);
            assertEq(has, modelOf(ref, captured, i), "recipient");
            // Not below her exact share rounded down, and above it by less than a unit for each before her.
            uint256 exact = captured * ref.splits[i].shareBps;
            assertTrue(has >= exact / 10_000 && has * 10_000 <= exact + i * 10_000, "share");
            sum += has;
        }
        assertEq(payeeBefore + captured - sum, balance(payee), "payee has the rest");
    }

    /// @dev Moves `total` in parts that the seed chooses.
    function inParts(Act act, HoldRef memory ref, uint128 total, uint256 seed) private {
        while (total > 0) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint128 part =
                seed % 5 == 0 ? total : uint128(bound(seed, 1, seed % 2 == 0 ? total : (total + 9) / 10));
            if (act == Act.Capture) capture(ref, part);
            else refund(ref, part);
            total -= part;
        }
    }

    function anyAmount(uint128 amount) private pure returns (uint128) {
        // Small ones as often as large ones: there rounding matters most.
        return uint128(bound(amount, 1, amount % 2 == 0 ? 40 : 400e6));
    }

    function testFuzz_CuttingCapturesChangesNothing(uint128 amount, uint256 seed, uint256 cuts) public {
        amount = anyAmount(amount);
        HoldRef memory whole = anyHold(0, amount, seed);
        HoldRef memory cut = anyHold(1, amount, seed);
        open(whole);
        open(cut);
        capture(whole, amount);
        assertShares(whole, amount, 0);
        uint256 rest = balance(payee);
        inParts(Act.Capture, cut, amount, cuts);
        assertShares(cut, amount, rest);
        for (uint256 i = 0; i < cut.splits.length; ++i) {
            assertEq(balance(recipientAt(0, i)), balance(recipientAt(1, i)), "the same");
        }
        assertEq(balance(payee), 2 * rest, "the same");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    function testFuzz_AFullRefundLeavesNothing(
        uint128 amount,
        uint256 seed,
        uint256 cuts,
        uint256 again
    ) public {
        amount = anyAmount(amount);
        HoldRef memory ref = anyHold(0, amount, seed);
        open(ref);
        inParts(Act.Capture, ref, amount, cuts);
        allow(payee, type(uint256).max);
        for (uint256 i = 0; i < ref.splits.length; ++i) allow(ref.splits[i].recipient, type(uint256).max);
        uint128 half = uint128(bound(again, 0, amount));
        inParts(Act.Refund, ref, half, again);
        assertEq(balance(payer), FUNDS - amount + half, "payer");
        inParts(Act.Refund, ref, amount - half, again);
        for (uint256 i = 0; i < ref.splits.length; ++i) assertEq(balance(ref.splits[i].recipient), 0, "all");
        assertEq(balance(payee), 0, "payee");
        assertEq(balance(payer), FUNDS, "payer");
        assertHold(referenceId(ref), HoldStatus.Captured, amount, amount);
    }

    /// @dev Recipients who allow anything: the payer gets her refund, and nobody gives more than her share.
    function testFuzz_RefundsByWhoeverAllows(uint128 amount, uint256 seed, uint256 back) public {
        amount = anyAmount(amount);
        HoldRef memory ref = anyHold(0, amount, seed);
        open(ref);
        capture(ref, amount);
        allow(payee, type(uint256).max);
        fund(dollar, payee, amount);
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            allow(ref.splits[i].recipient, uint256(keccak256(abi.encode(back, i))) % (amount + 1));
        }
        uint256 before = balance(payee);
        back = bound(back, 1, amount);
        refund(ref, uint128(back));
        uint256 given;
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            address who = ref.splits[i].recipient;
            uint256 part = modelOf(ref, amount, i) - balance(who);
            assertTrue(part <= modelOf(ref, back, i), "no more than her share");
            if (part < modelOf(ref, back, i)) {
                uint256 more = ledger.allowance(who, address(escrow), uint160(address(dollar)));
                assertEq(more, 0, "as far as she allows");
            }
            given += part;
        }
        assertEq(before - balance(payee), back - given, "payee");
        assertEq(balance(payer), FUNDS - amount + back, "payer");
    }

    function testFuzz_RulingsDivideWhatIsLeft(
        uint128 amount,
        uint256 seed,
        uint256 captured,
        uint16 payerBps,
        uint256 how
    ) public {
        amount = anyAmount(amount);
        payerBps = uint16(bound(payerBps, 0, 10_000));
        HoldRef memory ref = anyHold(0, amount, seed);
        ref.hold.defaultPayerBps = payerBps;
        bytes32 id = open(ref);
        captured = bound(captured, 0, amount - 1);
        inParts(Act.Capture, ref, uint128(captured), how);
        uint256 toPayer = ((amount - captured) * payerBps) / 10_000;
        if (how % 3 == 0) {
            toPayer = bound(how, 0, amount - captured);
            vm.prank(payer);
            escrow.settleByAgreement(
                ref,
                uint128(toPayer),
                none(),
                consent(PAYEE_KEY, SETTLEMENT, id, toPayer, captured)
            );
        } else {
            dispute(ref);
            if (how % 3 == 1) {
                vm.prank(arbiter);
                escrow.rule(ref, payerBps, none());
            } else {
                vm.warp(uint256(NOW) + RULING_PERIOD + 1);
                escrow.resolve(ref);
            }
        }
        HoldView memory hold = escrow.holdOf(id);
        assertEq(hold.captured, amount - toPayer, "captured");
        assertEq(
            uint256(hold.status),
            uint256(
                how % 3 == 0
                    ? HoldStatus.Agreed
                    : how % 3 == 1
                        ? HoldStatus.Ruled
                        : HoldStatus.Resolved
            ),
            "status"
        );
        assertShares(ref, amount - toPayer, 0);
        assertEq(balance(payer), FUNDS - amount + toPayer, "payer");
        assertEq(balance(address(escrow)), 0, "escrow");
    }

    /// @dev A fee takes from the payee's rest alone, whatever it is.
    function testFuzz_FeesSpareRecipients(
        uint128 amount,
        uint256 seed,
        uint16 feeBps,
        uint128 flatFee
    ) public {
        amount = anyAmount(amount);
        vm.prank(payee);
        ledger.agree(operator, address(dollar), uint16(bound(feeBps, 0, 10_000)), flatFee);
        HoldRef memory ref = anyHold(0, amount, seed);
        bytes32 id = open(ref);
        doAct(Act.Capture, operator, ref, amount, consent(PAYEE_KEY, CAPTURE, id, amount, 0));
        uint256 rest = amount;
        for (uint256 i = 0; i < ref.splits.length; ++i) {
            assertEq(balance(ref.splits[i].recipient), modelOf(ref, amount, i), "recipient");
            rest -= modelOf(ref, amount, i);
        }
        uint256 fee = (uint256(amount) * bound(feeBps, 0, 10_000)) / 10_000 + flatFee;
        if (fee > rest) fee = rest;
        assertEq(balance(operator), fee, "operator");
        assertEq(balance(payee), rest - fee, "payee");
    }
}
