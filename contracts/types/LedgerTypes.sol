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
    TooLate,
    /// @dev No live device is bound at the nonce's index: never bound, revoked or expired.
    DeviceInactive,
    /// @dev The amount is above what the device may pay at once, or together with what it paid today.
    OverDeviceLimit,
    /// @dev The device may not pay this payee.
    PayeeNotAllowed,
    /// @dev The token's authorization was used or cancelled before (gateway).
    AuthorizationUsed,
    /// @dev The quote contradicts itself, or the signature is not its maker's (exchange).
    BadQuote,
    /// @dev `block.timestamp` is past the quote's deadline (exchange).
    QuoteExpired,
    /// @dev The maker cancelled the quote, alone or with all of its generation (exchange).
    QuoteCancelled,
    /// @dev Less of the quote is left than the row needs (exchange).
    QuoteExhausted,
    /// @dev At the quote's rate the row costs more than its payer allows (exchange).
    CeilingTooLow,
    /// @dev The maker has, or allows the Exchange, less than the row needs (exchange).
    MakerShort,
    /// @dev The quote is further off the price feeds than the pair's guard allows (exchange).
    OutsideGuard,
    /// @dev A price feed of the pair's guard does not answer, or not with a price of late (exchange).
    StaleFeed
}

/// @dev An account, what one owner holds of one token, packed into one word: see the library `Accounts`.
type Account is uint256;

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

/// @dev What the owner of an account lets a further key do: a watch, a till, a car, a second phone.
struct DeviceTerms {
    /// @dev The key's address. It signs payments as an owner's key would, by any kind of signature.
    address key;
    /// @dev {s} last second at which the device may pay, inclusive.
    uint48 expiry;
    /// @dev {qTok} the most that one payment may take.
    uint112 perPayment;
    /// @dev {qTok} the most that payments of one day (UTC) may take together.
    uint112 perDay;
    /// @dev Whom it may pay; empty: anybody.
    address[] payees;
}

/// @dev A device's key, expiry, generation and whether it may pay anybody, packed into one word: see the library `Devices`.
type DeviceKey is uint256;

/// @dev What a device may pay at once and in a day, packed into one word.
type DeviceLimits is uint256;

/// @dev What a device used up, packed into one word.
type DeviceState is uint256;

/// @dev A device as it is kept.
struct Device {
    DeviceKey key;
    DeviceLimits limits;
    DeviceState state;
    /// @dev Whom it may pay, by generation and address.
    mapping(uint256 generationAndPayee => bool) payees;
}

/// @dev Where an account is kept, and its devices. A struct, so that its place is computed once.
struct AccountSlot {
    Account account;
    mapping(uint256 index => Device) devices;
}

/// @dev A device as a caller sees it.
struct DeviceView {
    /// @dev Zero if there is none, or if it was revoked.
    address key;
    /// @dev {s} inclusive
    uint48 expiry;
    /// @dev {qTok}
    uint112 perPayment;
    /// @dev {qTok}
    uint112 perDay;
    /// @dev {qTok} what it paid today (UTC).
    uint112 spentToday;
    /// @dev Whether it may pay anybody.
    bool anyPayee;
    /// @dev Bit `i` says whether the sequence number `nextNonce - 1 - i` is used.
    uint64 window;
    /// @dev One above the highest sequence number used; 0 before the first. Survives a new key at the same index.
    uint56 nextNonce;
}

/// @dev A signed payment as it travels in a batch, which adds payee and token.
struct Row {
    address payer;
    /// @dev {qTok}
    uint128 amount;
    /// @dev The top byte says who signs: 0 the payer, 1 to 255 her device at that index. The rest is a sequence number.
    uint64 nonce;
    /// @dev {s} last second at which the row may settle, inclusive.
    uint48 deadline;
    bytes32 memo;
    /// @dev The signature, compact (ERC-2098). All zero: one of another kind was noted before; see {callWithSignatures}.
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
