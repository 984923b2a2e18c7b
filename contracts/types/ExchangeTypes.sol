// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Consent, HoldRef, OpenBatch} from "./EscrowTypes.sol";

/// @dev A maker's offer: `settleAmount` of one token for `payAmount` of another, or any part of it in proportion. So the two
/// amounts are both rate and capacity. Its id is its EIP-712 digest under the Exchange's domain.
struct Quote {
    address maker;
    /// @dev What the maker takes.
    address payToken;
    /// @dev What the maker gives.
    address settleToken;
    /// @dev {qPay} for all of `settleAmount`.
    uint128 payAmount;
    /// @dev {qSettle} the most that the quote gives.
    uint128 settleAmount;
    /// @dev The maker's, when she signed; she voids all quotes of a generation at once.
    uint64 generation;
    /// @dev {s} last second at which the quote may be filled, inclusive.
    uint48 deadline;
    bytes32 salt;
}

/// @dev How much of a quote was given, and whether its maker cancelled it.
struct Fill {
    /// @dev {qSettle}
    uint128 filled;
    bool isCancelled;
}

/// @dev In which money what was captured is given back, and who bears what the rate has moved. Signed by the payer.
enum RefundRule {
    /// @dev In the settlement currency, through the Escrow. Nobody exchanges anything.
    SettlementCurrency,
    /// @dev In the pay currency, as much as the refund buys at a new quote: loss and gain are the payer's.
    PayerBears,
    /// @dev In the pay currency, the share of what the payer paid: loss and gain are the payee's.
    PayeeBears
}

/// @dev A payment with `FxTerms` as it travels in a batch, which adds the quote. Payment and terms as the payer signed them.
struct FxRow {
    address payer;
    /// @dev {qPay} ceiling: the most that the payer pays. What the quote does not take stays hers.
    uint128 amount;
    uint64 nonce;
    /// @dev {s} inclusive
    uint48 deadline;
    address payee;
    /// @dev {qSettle} what the payee gets, the operator's agreed fee included.
    uint128 settleAmount;
    bytes32 memo;
    /// @dev The payer's signature over the payment, compact. All zero: one of another kind was noted before.
    bytes32 r;
    bytes32 vs;
}

/// @dev Payments at one quote. Rows of one payee that follow each other are credited together.
struct FxBatch {
    Quote quote;
    /// @dev The maker's signature over the quote, compact. All zero: one of another kind was noted before.
    bytes32 r;
    bytes32 vs;
    FxRow[] rows;
}

/// @dev Payments at one quote, each into a hold in the settlement currency. The holds share payee and splits, and the payments
/// the rule for refunds.
struct FxHoldBatch {
    Quote quote;
    bytes32 r;
    bytes32 vs;
    RefundRule refundRule;
    /// @dev {s} last second at which the payee may refund by the rule; zero if refunds go through the Escrow.
    uint48 refundDeadline;
    /// @dev {qPay} ceilings, one a hold.
    uint128[] amounts;
    /// @dev Its token is the quote's settlement token, its rows' amounts are what is to be held. Payer, nonce and deadline are
    /// those of the payment, and so is the signature.
    OpenBatch holds;
}

/// @dev One payment into a hold, named in full: its id is made from this.
struct FxHoldRef {
    /// @dev The one at which it was paid.
    Quote quote;
    RefundRule refundRule;
    uint48 refundDeadline;
    /// @dev {qPay} the payment's ceiling.
    uint128 amount;
    HoldRef hold;
}

/// @dev A refund in the pay currency.
struct FxRefund {
    FxHoldRef ref;
    /// @dev {qSettle} how much of what was captured is given back.
    uint128 amount;
    /// @dev {qSettle} the most that the payee pays for it.
    uint128 maxCost;
    /// @dev The new one: its pay token is the settlement token, and the other way round.
    Quote quote;
    bytes32 r;
    bytes32 vs;
    /// @dev The payee's.
    Consent consent;
}

/// @dev What holds a pair's quotes against price feeds, as the role sets it.
struct GuardTerms {
    /// @dev AggregatorV3: the price of the pay token in some unit of account. Zero: the token is that unit.
    address payFeed;
    /// @dev AggregatorV3: the price of the settlement token in the same unit.
    address settleFeed;
    /// @dev {s} the greatest age of an answer, inclusive.
    uint32 maxAge;
    /// @dev {bps} how far a quote may be off on either side, inclusive.
    uint16 maxDeviationBps;
}

/// @dev A guard as it is kept.
struct Guard {
    address payFeed;
    uint32 maxAge;
    uint16 maxDeviationBps;
    /// @dev What the decimals of tokens and feeds come to: pay minus settlement, as a power of ten.
    int8 exponent;
    bool isSet;
    address settleFeed;
}
