// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Where a hold stands. Only `Open` and `Disputed` still hold money; the others say how it ended. What was captured
/// can be refunded in any status until the refund deadline.
enum HoldStatus {
    /// @dev There is no such hold. Next: Open.
    None,
    /// @dev Some of the amount is held. Next: Open (captured in part), Captured, Voided, Reclaimed, Disputed, Agreed.
    Open,
    /// @dev A party objected; nothing moves until it is decided. Next: Ruled, Resolved, Agreed.
    Disputed,
    /// @dev All of it was captured. Last.
    Captured,
    /// @dev The payee gave back what was left. Last.
    Voided,
    /// @dev The capture deadline passed and what was left went back. Last.
    Reclaimed,
    /// @dev The arbiter divided what was left. Last.
    Ruled,
    /// @dev The arbiter stayed silent and what was left was divided as the terms say. Last.
    Resolved,
    /// @dev Payer and payee divided what was left. Last.
    Agreed
}

/// @dev The state of a hold packed into one word: see the library `Holds`.
type HoldState is uint256;

/// @dev Where the state is kept. A struct, so that its place is computed once and used twice.
struct HoldSlot {
    HoldState state;
}

/// @dev The state of a hold as a caller sees it.
struct HoldView {
    HoldStatus status;
    /// @dev {s} when it was disputed; 0 if it never was.
    uint48 disputedAt;
    /// @dev {qTok} sum of all that went to the payee's side.
    uint128 captured;
    /// @dev {qTok} sum of what was given back of it.
    uint128 refunded;
}

/// @dev A further recipient of what is captured: a marketplace, a carrier, a tax.
struct Split {
    address recipient;
    /// @dev {bps} of what is captured.
    uint16 shareBps;
}

/// @dev A hold as it travels in a batch, which adds payee, token and splits: payment and `HoldTerms` as the payer signed them.
struct HoldRow {
    address payer;
    /// @dev {qTok} at most `type(uint104).max`.
    uint128 amount;
    uint64 nonce;
    /// @dev {s} last second at which the hold may be opened, inclusive.
    uint48 deadline;
    /// @dev {s} last second at which the payee may capture and either party dispute, inclusive.
    uint48 captureDeadline;
    /// @dev {s} last second at which the payee may refund through the hold, inclusive; zero: she may not.
    uint48 refundDeadline;
    /// @dev Who decides a dispute; zero: there are none.
    address arbiter;
    /// @dev {s} how long the arbiter has, at most 365 days; zero without an arbiter.
    uint48 rulingPeriod;
    /// @dev {bps} what the payer gets if the arbiter stays silent; zero without an arbiter.
    uint16 defaultPayerBps;
    bytes32 memo;
}

/// @dev One hold, named in full: its id is made from this.
struct HoldRef {
    address payee;
    address token;
    Split[] splits;
    HoldRow hold;
}

/// @dev An actor's signature over an act, compact (ERC-2098). All zero: the actor calls herself.
struct Consent {
    /// @dev {s} inclusive
    uint48 deadline;
    bytes32 r;
    bytes32 vs;
}

struct OpenRow {
    HoldRow hold;
    /// @dev The payer's signature over the payment, compact.
    bytes32 r;
    bytes32 vs;
}

/// @dev Holds that share payee, token and splits, to be opened.
struct OpenBatch {
    address payee;
    address token;
    Split[] splits;
    OpenRow[] rows;
}

struct AmountRow {
    HoldRow hold;
    /// @dev {qTok} what to capture or refund.
    uint128 amount;
}

/// @dev Holds that share payee, token and splits, to be captured from or refunded.
struct AmountBatch {
    address payee;
    address token;
    Split[] splits;
    AmountRow[] rows;
    /// @dev The payee's, one a row, in order. A row beyond their end is the payee's own call.
    Consent[] consents;
}

struct VoidRow {
    HoldRow hold;
    Consent consent;
}

/// @dev Holds that share payee, token and splits, to be voided.
struct VoidBatch {
    address payee;
    address token;
    Split[] splits;
    VoidRow[] rows;
}

/// @dev Holds that share payee, token and splits, to be reclaimed.
struct ReclaimBatch {
    address payee;
    address token;
    Split[] splits;
    HoldRow[] rows;
}
