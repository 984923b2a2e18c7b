// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev What became of a row. Stable: members are appended, never renumbered or reused.
enum RowCode {
    /// @dev Never reported; a zero word must not read as success.
    None,
    /// @dev The row took effect.
    Settled,
    /// @dev Nobody can be paid at this address: zero, or the Ledger itself.
    InvalidPayee,
    /// @dev The amount is zero.
    ZeroAmount,
    /// @dev `block.timestamp` is past the signed deadline.
    Expired,
    /// @dev The account used or cancelled this nonce before.
    NonceUsed,
    /// @dev The nonce lies below the account's window of 64.
    NonceStale,
    /// @dev The nonce does not fit the account's slot.
    NonceTooHigh,
    /// @dev The account is under a live freeze.
    Frozen,
    /// @dev The account holds less than the row takes.
    InsufficientBalance,
    /// @dev The signature is malformed or not the owner's over this very row.
    BadSignature,
    /// @dev The fee asked is above the signed ceiling (withdrawals).
    FeeTooHigh,
    /// @dev The token refused the transfer or took more than the amount (withdrawals).
    TransferFailed,
    /// @dev The signed terms contradict themselves or the scheme's bounds (schemes).
    InvalidTerms,
    /// @dev The amount is above what the scheme can hold, or above what is left of the hold (schemes).
    AmountTooHigh,
    /// @dev The hold is not there, or not in a status that allows the act (schemes).
    WrongStatus,
    /// @dev The act is not allowed yet (schemes).
    TooEarly,
    /// @dev The act is not allowed any more (schemes).
    TooLate
}

/// @dev An account, what one owner holds of one token, packed into one word: see the library `Accounts`.
type Account is uint256;

/// @dev Where an account is kept. A struct, so that its place is computed once and used twice.
struct AccountSlot {
    Account account;
}

/// @dev An account as a caller sees it.
struct AccountView {
    /// @dev {qTok}
    uint128 balance;
    /// @dev Bit `i` says whether nonce `nextNonce - 1 - i` is used.
    uint64 window;
    /// @dev One above the highest nonce used; 0 before the first.
    uint56 nextNonce;
    /// @dev {s} end of the latest freeze, exclusive; 0 if there is none or it was lifted.
    uint48 frozenUntil;
}

/// @dev A signed payment as it travels in a batch, which adds payee and token.
struct Row {
    address payer;
    /// @dev {qTok}
    uint128 amount;
    uint64 nonce;
    /// @dev {s} last second at which the row may settle, inclusive.
    uint48 deadline;
    bytes32 memo;
    /// @dev The payer's signature, compact (ERC-2098).
    bytes32 r;
    bytes32 vs;
}

/// @dev Rows that share payee and token.
struct Batch {
    address payee;
    address token;
    Row[] rows;
}

/// @dev What one account receives of a transfer to many.
struct Credit {
    address receiver;
    /// @dev {qTok}
    uint128 amount;
}

/// @dev A payee's fee terms with one operator, for one token.
struct Agreement {
    /// @dev {qTok} a payment
    uint128 flatFee;
    /// @dev {bps} of a payment
    uint16 feeBps;
}

/// @dev A signed withdrawal as it travels in a batch, which adds the token.
struct WithdrawalRow {
    address owner;
    address to;
    /// @dev {qTok} what the account is lowered by, fee included.
    uint128 amount;
    /// @dev {qTok} the most that the owner lets the caller keep.
    uint128 maxFee;
    /// @dev {qTok} what the caller keeps; not signed, bounded by `maxFee`.
    uint128 fee;
    uint64 nonce;
    /// @dev {s} inclusive
    uint48 deadline;
    bytes signature;
}
