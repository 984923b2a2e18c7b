// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Account} from "../types/LedgerTypes.sol";

/// @title Accounts
/// @notice The layout of an account's word, lowest bits first: balance (128), window (64), nextNonce (56),
/// flag (8). Packed by hand because the compiler would write a struct member by member, each with its own SSTORE.
library Accounts {
    uint256 private constant WINDOW_AT = 128;
    uint256 private constant NEXT_NONCE_AT = 192;
    uint256 private constant FLAG_AT = 248;

    function pack(
        uint128 balance_,
        uint64 window_,
        uint56 nextNonce_,
        bool flagged_
    ) internal pure returns (Account) {
        return
            Account.wrap(
                uint256(balance_) |
                    (uint256(window_) << WINDOW_AT) |
                    (uint256(nextNonce_) << NEXT_NONCE_AT) |
                    (flagged_ ? uint256(1) << FLAG_AT : 0)
            );
    }

    /// @notice {qTok}
    function balance(Account account) internal pure returns (uint128) {
        return uint128(Account.unwrap(account));
    }

    /// @notice See {NonceWindow}.
    function window(Account account) internal pure returns (uint64) {
        return uint64(Account.unwrap(account) >> WINDOW_AT);
    }

    /// @notice See {NonceWindow}.
    function nextNonce(Account account) internal pure returns (uint56) {
        return uint56(Account.unwrap(account) >> NEXT_NONCE_AT);
    }

    /// @notice Whether a freeze was recorded. Whether it is still live is kept elsewhere, off the hot path.
    function isFlagged(Account account) internal pure returns (bool) {
        return Account.unwrap(account) >> FLAG_AT != 0;
    }

    function withBalance(Account account, uint128 balance_) internal pure returns (Account) {
        return pack(balance_, window(account), nextNonce(account), isFlagged(account));
    }

    function withFlag(Account account, bool flagged_) internal pure returns (Account) {
        return pack(balance(account), window(account), nextNonce(account), flagged_);
    }
}
