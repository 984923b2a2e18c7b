// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RowCode} from "../types/LedgerTypes.sol";

/// @title NonceWindow
/// @notice A sliding window over the last 64 nonces: each is used at most once, in any order, and what
/// lies below the window is used for good. The way IPsec (RFC 4303, section 3.4.3) keeps replays out.
library NonceWindow {
    uint64 internal constant SIZE = 64;

    /// @dev `nextNonce` must fit 56 bits after the highest nonce.
    uint64 internal constant MAX_NONCE = type(uint56).max - 1;

    /// @notice Uses `nonce` once.
    /// @param nextNonce One above the highest nonce used.
    /// @param window Bit `i` says whether `nextNonce - 1 - i` is used.
    /// @return code `Settled` if the nonce was free, else the reason; then the state comes back unchanged.
    function use(
        uint56 nextNonce,
        uint64 window,
        uint64 nonce
    ) internal pure returns (RowCode code, uint56 newNextNonce, uint64 newWindow) {
        if (nonce >= nextNonce) {
            if (nonce > MAX_NONCE) return (RowCode.NonceTooHigh, nextNonce, window);
            unchecked {
                uint64 shift = nonce - nextNonce + 1;
                // A shift of 64 or more leaves zero, which is what a jump past the window means.
                return (RowCode.Settled, uint56(nonce + 1), (window << shift) | 1);
            }
        }
        unchecked {
            uint64 age = nextNonce - 1 - nonce;
            if (age >= SIZE) return (RowCode.NonceStale, nextNonce, window);
            uint64 bit = uint64(1) << age;
            if (window & bit != 0) return (RowCode.NonceUsed, nextNonce, window);
            return (RowCode.Settled, nextNonce, window | bit);
        }
    }

    /// @notice Whether `nonce` can no longer be used.
    function isUsed(uint56 nextNonce, uint64 window, uint64 nonce) internal pure returns (bool) {
        (RowCode code, , ) = use(nextNonce, window, nonce);
        return code != RowCode.Settled;
    }
}
