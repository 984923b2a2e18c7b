// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accounts} from "../../contracts/libraries/Accounts.sol";
import {Fees} from "../../contracts/libraries/Fees.sol";
import {NonceWindow} from "../../contracts/libraries/NonceWindow.sol";
import {Account, Agreement, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {Test} from "./Test.sol";

contract NonceWindowTest is Test {
    /// @dev The model: a plain set of used nonces, and the highest of them.
    mapping(uint256 round => mapping(uint64 nonce => bool)) private _used;
    uint256 private _round;

    /// @dev Invariant 3, for the window: random nonces around a moving front, against the set.
    function testFuzz_3_AgainstAPlainSet(uint256 seed, uint64 start) public {
        ++_round;
        uint64 front = uint64(bound(start, 0, type(uint56).max - 10_000));
        uint56 next;
        uint64 window;
        bool any;
        uint64 highest;
        for (uint256 i = 0; i < 120; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint64 nonce = front + uint64(seed % 140);
            if ((seed >> 64) % 10 == 0) front += uint64((seed >> 128) % 90);
            RowCode expected = RowCode.Settled;
            if (any && nonce + 64 <= highest) expected = RowCode.NonceStale;
            else if (_used[_round][nonce]) expected = RowCode.NonceUsed;

            assertTrue(NonceWindow.isUsed(next, window, nonce) == (expected != RowCode.Settled), "isUsed");
            RowCode code;
            (uint56 oldNext, uint64 oldWindow) = (next, window);
            (code, next, window) = NonceWindow.use(next, window, nonce);
            assertEq(uint256(code), uint256(expected), "code");
            if (code == RowCode.Settled) {
                _used[_round][nonce] = true;
                if (!any || nonce > highest) highest = nonce;
                any = true;
                assertEq(next, uint256(highest) + 1, "next nonce");
            } else {
                assertEq(next, oldNext, "next nonce of a refusal");
                assertEq(window, oldWindow, "window of a refusal");
            }
        }
    }

    function test_JumpsOfEachSize() public pure {
        for (uint64 jump = 1; jump < 400; ++jump) {
            (, uint56 next, uint64 window) = NonceWindow.use(0, 0, 7);
            (, next, window) = NonceWindow.use(next, window, 7 + jump);
            assertEq(window, jump < 64 ? (uint64(1) << jump) | 1 : 1, "window after a jump");
        }
    }
}

contract FeesTest is Test {
    function testFuzz_IsTheSmallerOfFormulaAndAmount(uint128 amount, uint16 bps, uint128 flat) public pure {
        bps = uint16(bound(bps, 0, 10_000));
        uint128 fee = Fees.feeOn(Agreement(flat, bps), amount);
        uint256 formula = (uint256(amount) * bps) / 10_000 + flat;
        assertEq(fee, formula < amount ? formula : amount, "fee");
        assertTrue(fee <= amount, "never more than the payment");
    }

    function test_RoundsForThePayee() public pure {
        assertEq(Fees.feeOn(Agreement(0, 1), 9_999), 0, "just below one unit");
        assertEq(Fees.feeOn(Agreement(0, 1), 10_000), 1, "one unit");
        assertEq(Fees.feeOn(Agreement(0, 10_000), 10_000), 10_000, "all of it");
        assertEq(
            Fees.feeOn(Agreement(type(uint128).max, 10_000), type(uint128).max),
            type(uint128).max,
            "most"
        );
    }
}

contract AccountsTest is Test {
    using Accounts for Account;

    function testFuzz_RoundTrip(
        uint128 balance,
        uint64 window,
        uint56 next,
        bool flagged,
        uint128 other
    ) public pure {
        Account account = Accounts.pack(balance, window, next, flagged);
        check(account, balance, window, next, flagged);
        check(account.withBalance(other), other, window, next, flagged);
        check(account.withFlag(!flagged), balance, window, next, !flagged);
    }

    function test_Layout() public pure {
        Account account = Accounts.pack(1, 1, 1, true);
        uint256 word = 1 | (uint256(1) << 128) | (uint256(1) << 192) | (uint256(1) << 248);
        assertEq(Account.unwrap(account), word, "balance, window, next nonce, flag");
    }

    function check(Account account, uint128 balance, uint64 window, uint56 next, bool flagged) private pure {
        assertEq(account.balance(), balance, "balance");
        assertEq(account.window(), window, "window");
        assertEq(account.nextNonce(), next, "next nonce");
        assertTrue(account.isFlagged() == flagged, "flag");
    }
}
