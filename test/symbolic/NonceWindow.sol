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

    /// @notice Which code a nonce gets is what the documents say, in every state and for every nonce.
    function check_CodeIsTheModels(uint56 next, uint64 window, uint64 nonce) external pure {
        RowCode expected = RowCode.Settled;
        if (nonce > type(uint56).max - 1 && nonce >= next) expected = RowCode.NonceTooHigh;
        else if (uint256(nonce) + 64 < next) expected = RowCode.NonceStale;
        else if (isSpent(next, window, nonce)) expected = RowCode.NonceUsed;
        (RowCode code, , ) = NonceWindow.use(next, window, nonce);
        assert(code == expected);
        assert(NonceWindow.isUsed(next, window, nonce) == (expected != RowCode.Settled));
    }

    /// @notice An accepted nonce is spent, and no other but those that fall out of the window.
    /// @custom:where the nonce is accepted.
    function check_AcceptanceSpendsThatNonceAlone(
        uint56 next,
        uint64 window,
        uint64 nonce,
        uint64 any
    ) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code == RowCode.Settled);
        bool outOfWindow = uint256(any) + 64 < later;
        assert(isSpent(later, moved, any) == (any == nonce || isSpent(next, window, any) || outOfWindow));
    }

    /// @notice What is accepted is refused the next time.
    /// @custom:where the nonce is accepted.
    function check_AcceptedIsRefusedNext(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code == RowCode.Settled);
        assert(NonceWindow.isUsed(later, moved, nonce));
    }

    /// @notice What is refused as used stays refused, whatever other nonce comes. With the one above: a nonce is accepted at most once.
    /// @custom:where the nonce is used in the state begun with.
    function check_RefusedStaysRefused(uint56 next, uint64 window, uint64 nonce, uint64 other) external pure {
        vm.assume(NonceWindow.isUsed(next, window, nonce));
        (, uint56 later, uint64 moved) = NonceWindow.use(next, window, other);
        assert(NonceWindow.isUsed(later, moved, nonce));
    }

    /// @notice The next nonce never falls, and moves to one above the accepted nonce or not at all.
    function check_NextNonceNeverFalls(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, ) = NonceWindow.use(next, window, nonce);
        assert(later >= next);
        assert(code != RowCode.Settled || later == next || later == uint256(nonce) + 1);
    }

    /// @notice A refusal changes nothing.
    /// @custom:where the nonce is refused.
    function check_ARefusalChangesNothing(uint56 next, uint64 window, uint64 nonce) external pure {
        (RowCode code, uint56 later, uint64 moved) = NonceWindow.use(next, window, nonce);
        vm.assume(code != RowCode.Settled);
        assert(later == next && moved == window);
    }

    /// @notice An account's word gives back what was packed, and using a nonce leaves balance and flag alone.
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

    /// @notice Writing a balance touches neither nonces nor flag.
    /// @custom:where the flag is 0 or 1, as it is written.
    function check_ABalanceIsWrittenAlone(uint256 word, uint128 balance) external pure {
        vm.assume(word >> 248 <= 1);
        Account account = Account.wrap(word);
        Account changed = account.withBalance(balance);
        assert(changed.balance() == balance);
        assert(Account.unwrap(changed) >> 128 == word >> 128);
    }
}
