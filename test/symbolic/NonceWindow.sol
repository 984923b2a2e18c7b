// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accounts} from "../../contracts/libraries/Accounts.sol";
import {NonceWindow} from "../../contracts/libraries/NonceWindow.sol";
import {Account, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {Symbolic} from "./Symbolic.sol";

/// @notice Invariant 3 for the nonces of one account, in any state and for every nonce: no bounds.
contract NonceWindowCheck is Symbolic {
    using Accounts for Account;

    /// @dev The model: what a state says about a nonce, in words of the documents and none of the code.
    function isSpent(uint56 next, uint64 window, uint256 nonce) private pure returns (bool) {
        if (nonce >= next) return false;
        uint256 age = uint256(next) - 1 - nonce;
        return age > 63 || (uint256(window) >> age) % 2 == 1;
    }

    /// @dev The whole of it: a nonce's code by the model alone.
    function check_CodeIsTheModels(uint56 next, uint64 window, uint64 nonce) external pure {
        RowCode expected = RowCode.Settled;
        if (nonce > type(uint56).max - 1 && nonce >= next) expected = RowCode.NonceTooHigh;
        else if (uint256(nonce) + 64 < next) expected = RowCode.NonceStale;
        else if (isSpent(next, window, nonce)) expected = RowCode.NonceUsed;
        (RowCode code, , ) = NonceWindow.use(next, window, nonce);
        assert(code == expected);
        assert(NonceWindow.isUsed(next, window, nonce) == (expected != RowCode.Settled));
    }

    /// @dev What an accepted nonce changes about any nonce: itself, and those that fall out of the window.
    function check_AcceptanceSpendsThatNonceAlone(
        uint56 next,
        uint64 window,
        uint64 nonce,
        uint64 any
    ) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code == RowCode.Settled);
        bool outOfWindow = uint256(any) + 64 < later;
        assert(
            isSpent(later, moved, any) == (any == nonce || isSpent(next, window, any) || outOfWindow)
        );
    }

    /// @dev With the next check: at most once, after however many further payments.
    function check_AcceptedIsRefusedNext(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code == RowCode.Settled);
        assert(NonceWindow.isUsed(later, moved, nonce));
    }

    function check_RefusedStaysRefused(uint56 next, uint64 window, uint64 nonce, uint64 other) external pure {
        vm.assume(NonceWindow.isUsed(next, window, nonce));
        (, uint56 later, uint64 moved) = NonceWindow.use(next, window, other);
        assert(NonceWindow.isUsed(later, moved, nonce));
    }

    function check_NextNonceNeverFalls(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, ) = NonceWindow.use(next, window, nonce);
        assert(later >= next);
        assert(code != RowCode.Settled || later == next || later == uint256(nonce) + 1);
    }

    function check_ARefusalChangesNothing(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code != RowCode.Settled);
        assert(later == next && moved == window);
    }

    /// @dev The account's word: balance and flag stay when a nonce is used, and what is packed is read back.
    function check_NothingElseInTheSlotChanges(
        uint128 balance,
        uint64 window,
        uint56 next,
        bool flagged,
        uint64 nonce
    ) external pure {
        Account account = Accounts.pack(balance, window, next, flagged);
        assert(account.window() == window && account.nextNonce() == next);
        (, uint56 later, uint64 moved) = NonceWindow.use(account.nextNonce(), account.window(), nonce);
        Account changed = Accounts.pack(account.balance(), moved, later, account.isFlagged());
        assert(changed.balance() == balance && changed.isFlagged() == flagged);
        assert(changed.window() == moved && changed.nextNonce() == later);
        uint256 difference = Account.unwrap(changed) ^ Account.unwrap(account);
        assert(uint128(difference) == 0 && difference >> 248 == 0);
    }

    /// @dev A balance is written without touching nonces or flag.
    function check_ABalanceIsWrittenAlone(uint256 word, uint128 balance) external pure {
        vm.assume(word >> 248 <= 1);
        Account account = Account.wrap(word);
        Account changed = account.withBalance(balance);
        assert(changed.balance() == balance);
        assert(Account.unwrap(changed) >> 128 == word >> 128);
    }
}
