// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    FxBatch,
    FxHoldBatch,
    FxHoldRef,
    FxRefund,
    Fill,
    Guard,
    GuardTerms,
    Quote,
    RefundRule
} from "../types/ExchangeTypes.sol";
import {RowCode} from "../types/LedgerTypes.sol";
import {ICalls} from "./ICalls.sol";
import {IEscrow} from "./IEscrow.sol";
import {ILedger} from "./ILedger.sol";

/// @title IExchange
/// @notice Pay in one currency, settle in another, both or neither, at a quote that a maker signed and the payer chose.
///
/// The payer signs a payment to this contract under the Ledger's domain, a ceiling in the pay token, with the terms
/// `FxTerms(address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo)` in the memo's place, or for
/// delivery into a hold `FxHoldTerms(address settleToken,uint128 settleAmount,bytes32 quote,uint8 refundRule,
/// uint48 refundDeadline,HoldTerms hold)`. The maker signs `Quote(address maker,address payToken,address settleToken,
/// uint128 payAmount,uint128 settleAmount,uint64 generation,uint48 deadline,bytes32 salt)` under this contract's domain
/// ("Corridor Exchange", "1"); a quote's id is that digest.
///
/// A payment of `settleAmount` costs `ceil(settleAmount * quote.payAmount / quote.settleAmount)` {qPay}: the maker, who does
/// not sign again, never gives more for less than she offered; the payer, who does, sees the very amount. The payee gets
/// `settleAmount` exactly, less the fee that she agreed with the caller. What the cost leaves of the payer's ceiling never
/// leaves her account ({ILedger-collectUpTo}).
///
/// From {QuoteFilled}, {Exchanged} and {Held}, and the Ledger's `Settled` of the same id, every payment can be
/// recomputed without a call: what was paid, at which rate, the fee, and what was settled.
interface IExchange is ICalls {
    // ------------------------------------------------------------------ payments

    /// @notice A payment was exchanged: `paid` {qPay}, the amount of the Ledger's `Settled` of the same `id`, for `settled` {qSettle},
    /// of which `fee` went to the operator and the rest to the payee. Quote and operator are those of the {QuoteFilled} that
    /// follows next in the same transaction.
    event Exchanged(
        bytes32 indexed id,
        address indexed payee,
        uint128 paid,
        uint128 settled,
        uint128 fee,
        bytes32 memo
    );

    /// @notice The maker got `paid` {qPay} and gave `settled` {qSettle}, `filled` in all so far, for the payments or the refund
    /// whose events precede in the same transaction.
    event QuoteFilled(
        bytes32 indexed id,
        address indexed maker,
        address indexed operator,
        Quote quote,
        uint256 payments,
        uint128 paid,
        uint128 settled,
        uint128 filled
    );

    /// @notice A row had no effect. Anyone can cause this about any `id`. Rows that the Ledger refused are logged there.
    event Rejected(bytes32 indexed id, RowCode code);

    error ExchangeChainSplit(bytes32 expected, bytes32 actual);

    /// @notice Settles payments at signed quotes. Open to all: signatures fix everything but the fee, which the payee agreed
    /// with the caller for the settlement token. A bad row changes nothing but the log, hinders no other, and uses up
    /// nothing of the quote.
    ///
    /// Checked in this order: the quote (`BadQuote`, `QuoteExpired`, `QuoteCancelled`, `StaleFeed`, `OutsideGuard`), for all of its
    /// rows; the row (`InvalidPayee`, `ZeroAmount`, `CeilingTooLow`, `QuoteExhausted`, `MakerShort`), then as every payment by
    /// the Ledger. A row is passed over as exhausted or short only if those that do settle leave too little.
    /// @return codes One a row, in order.
    /// @dev Reverts with {ExchangeChainSplit} where the chain's id is another than at deployment.
    function exchange(FxBatch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice The payment `id` was exchanged, `paid` {qPay} for `settled` {qSettle}, and is held in the Escrow as `hold`.
    event Held(
        bytes32 indexed id,
        bytes32 indexed hold,
        uint128 ceiling,
        uint128 paid,
        uint128 settled,
        RefundRule refundRule,
        uint48 refundDeadline
    );

    error ExchangeLengthMismatch(uint256 amounts, uint256 rows);

    /// @notice {exchange}, with what the maker gives held in the Escrow instead of paid. What the Escrow returns later without
    /// having been captured goes to the payer's account in the settlement token.
    ///
    /// Terms are valid (`InvalidTerms` otherwise) if the hold's token is the quote's settlement token, and either the rule is
    /// `SettlementCurrency` and `refundDeadline` is zero, or the hold's own refund deadline is zero, so that nothing can be
    /// refunded through the Escrow, and `refundDeadline` is not before its capture deadline. `PayerBears` asks for a guard on the way
    /// back. The other codes are those of {exchange} and of `Escrow.check`, which comes after the quote's.
    /// @dev Reverts with {ExchangeChainSplit}, {ExchangeLengthMismatch}.
    function exchangeIntoHolds(FxHoldBatch[] calldata batches) external returns (RowCode[][] memory codes);

    // ------------------------------------------------------------------ refunds

    /// @notice `amount` {qSettle} of what was captured was given back: the payee paid `cost` {qSettle}, the payer got `returned`
    /// {qPay}. `refunded` is the new sum. The quote is that of the {QuoteFilled} that follows.
    event Refunded(
        bytes32 indexed id,
        bytes32 indexed hold,
        uint128 amount,
        uint128 refunded,
        uint128 cost,
        uint128 returned
    );

    error ExchangeRefundElsewhere(RefundRule rule);
    error ExchangeTooLate(uint256 timestamp, uint256 deadline);
    error ExchangeRefundTooHigh(uint128 amount, uint256 maximum);
    error ExchangeQuoteMismatch(address payToken, address settleToken);
    error ExchangeCostTooHigh(uint256 cost, uint128 maxCost);
    error ExchangeRefused(bytes32 quote, RowCode code);
    error ExchangeConsentExpired(uint256 timestamp, uint48 deadline);
    error ExchangeBadConsent(address actor, bytes32 digest);
    error ExchangeNotActor(address caller, address actor);

    /// @notice Gives back, in the pay currency and by the rule that the payer signed, some of what was captured from the hold
    /// of an exchanged payment, never more than that. The payee calls, or consents by her signature over `FxRefund(bytes32 id,
    /// uint128 amount,uint128 refunded,bytes32 quote,uint128 maxCost,uint48 deadline)`, `refunded` being the sum so far.
    ///
    /// `PayerBears`: the payee pays `amount`, and the payer gets what that buys, rounded down. `PayeeBears`: the payer gets her
    /// share of what she paid, `floor(paid * (refunded + amount) / settled) - floor(paid * refunded / settled)`, and the payee
    /// pays what that costs, rounded up. The money comes from the payee's account, as far as she allows this contract (ERC-6909);
    /// what recipients of splits got stays with them. Sums
    /// are kept by hold; whether the payment that `ref` names is the one that opened it, the payee sees to, whose money it is.
    /// @dev Reverts with {ExchangeRefundElsewhere} under `SettlementCurrency`, {ExchangeTooLate}, {ExchangeRefundTooHigh} if it
    /// is nothing or more than was captured and not given back, {ExchangeQuoteMismatch}, {ExchangeCostTooHigh},
    /// {ExchangeRefused} with the quote's code (`OutsideGuard` also if `PayerBears` and there is no guard, or what the payer would get
    /// is off by rounding; `ZeroAmount` if it would give nothing), on the consent, or as the Ledger does on the payee's account.
    function refund(FxRefund calldata what) external;

    // ------------------------------------------------------------------ quotes

    event QuoteCancelled(bytes32 indexed id, address indexed maker);

    /// @notice All quotes of the maker with an earlier generation are void.
    event GenerationRaised(address indexed maker, uint64 generation);

    error ExchangeNotMaker(address caller, address maker);

    /// @notice Voids a quote of the caller, or what is left of it.
    /// @dev Reverts with {ExchangeNotMaker}.
    function cancelQuote(Quote calldata quote) external;

    /// @notice Voids all quotes that the caller signed for her present generation, and before.
    /// @return generation The one that new quotes have to name.
    function cancelAllQuotes() external returns (uint64 generation);

    /// @notice What {exchange} would say of a quote now, for a payment of `settleAmount`, before it looks at payer and payee.
    /// @return code `Settled` if it can be filled. `ZeroAmount`, `QuoteExhausted` and `MakerShort` are about `settleAmount`.
    /// @return cost {qPay} what it costs; zero for a quote that gives nothing.
    function check(
        Quote calldata quote,
        bytes32 r,
        bytes32 vs,
        uint128 settleAmount
    ) external view returns (RowCode code, uint256 cost);

    /// @notice The id of a quote: its EIP-712 digest under this contract's domain.
    function quoteId(Quote calldata quote) external view returns (bytes32);

    function fillOf(bytes32 quote) external view returns (Fill memory);

    function generationOf(address maker) external view returns (uint64);

    // ------------------------------------------------------------------ guards

    /// @notice Quotes of the pair are held against these feeds from now on.
    event GuardSet(address indexed payToken, address indexed settleToken, GuardTerms terms);

    /// @notice Quotes of the pair are held against nothing but what payer and maker signed.
    event GuardRemoved(address indexed payToken, address indexed settleToken);

    error ExchangeInvalidGuard(address payToken, address settleToken);

    /// @notice Sets a pair's guard. For the role that the AccessManager assigns, by the delay that it sets.
    /// @dev Reverts with {ExchangeInvalidGuard} if the tokens are one, the age is zero, the deviation is above
    /// 10,000 bps or decimals of a token or feed are above 18; as the token or feed does that cannot tell them; or with
    /// `AccessManagedUnauthorized`.
    function setGuard(address payToken, address settleToken, GuardTerms calldata terms) external;

    /// @notice Takes a pair's guard away. For the same role. No effect where there is none, but for the event.
    function removeGuard(address payToken, address settleToken) external;

    function guardOf(address payToken, address settleToken) external view returns (Guard memory);

    // ------------------------------------------------------------------ views

    function ledger() external view returns (ILedger);

    function escrow() external view returns (IEscrow);

    /// @notice The id of an exchanged payment into a hold, and of the hold.
    function idsOf(FxHoldRef calldata ref) external view returns (bytes32 id, bytes32 hold);

    /// @notice {qSettle} how much of a hold was refunded by {refund}.
    function refundedOf(bytes32 hold) external view returns (uint128);
}
