// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Calls} from "../Calls.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {Collections} from "../libraries/Collections.sol";
import {EscrowHashes} from "../libraries/EscrowHashes.sol";
import {ExchangeHashes} from "../libraries/ExchangeHashes.sol";
import {Fees} from "../libraries/Fees.sol";
import {PriceGuards} from "../libraries/PriceGuards.sol";
import {Rates} from "../libraries/Rates.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {HoldRow, OpenBatch, OpenRow} from "../types/EscrowTypes.sol";
import {
    Fill,
    FxBatch,
    FxHoldBatch,
    FxHoldRef,
    FxRefund,
    FxRow,
    Guard,
    GuardTerms,
    Quote,
    RefundRule
} from "../types/ExchangeTypes.sol";
import {Agreement, RowCode} from "../types/LedgerTypes.sol";

/// @title Exchange
/// @notice Pay in one currency, settle in another, both or neither. See {IExchange}.
///
/// ROLES
/// - The payer fixes the quote, the ceiling and the amount to be settled by her signature; the maker fixes rate and capacity
///   by hers, and keeps the money that she gives in her own account in the Ledger, which she allows this contract to lower.
/// - The payee consents to refunds. Anyone relays. Nobody owns or upgrades this contract.
/// - The role that the AccessManager assigns for {setGuard} and {removeGuard} can make quotes be refused, or let quotes pass
///   that payer and maker signed. It cannot move money or change a rate.
///
/// TOKEN REQUIREMENTS
/// - None: it moves accounts of the Ledger. Only {setGuard} asks a token for its decimals.
///
/// LIVENESS
/// - A payment needs a maker who has and allows enough, and a feed of late where the pair has a guard. Nothing waits here:
///   between transactions this contract's accounts are as they were.
/// - A freeze of its accounts in the Ledger would stop payments in or holds of that token for at most 30 days.
contract Exchange is IExchange, Calls, AccessManaged, EIP712 {
    using Collections for Collections.Collection;

    ILedger private immutable _ledger;
    IEscrow private immutable _escrow;
    bytes32 private immutable _ledgerDomain;

    mapping(bytes32 quote => Fill) private _fills;
    mapping(address maker => uint64) private _generations;
    mapping(address payToken => mapping(address settleToken => Guard)) private _guards;
    /// @dev By hold, which is opened once, whatever payment a caller names.
    mapping(bytes32 hold => uint128) private _refunded;

    /// @dev A quote as it can be filled now.
    struct Offer {
        bytes32 id;
        address maker;
        /// @dev The rate: {qPay} for {qSettle}.
        uint128 payAmount;
        uint128 settleAmount;
        /// @dev {qSettle} what is left of the quote, and what the maker has and allows.
        uint256 capacity;
        uint256 inventory;
        /// @dev How many rows settled, and what they come to: {qSettle}, at most the two above, and {qPay}.
        uint256 payments;
        uint256 given;
        uint256 paid;
    }

    /// @dev The rows of a batch, by their index.
    struct Rows {
        /// @dev The payments as the Ledger takes them: the amount is the ceiling, the memo the hash of the terms, the take {qPay}
        /// the cost.
        Collections.Collection collection;
        /// @dev {qSettle}
        uint128[] settleAmounts;
        /// @dev `None`: still to be handed to the Ledger.
        RowCode[] codes;
        bytes32[] ids;
        /// @dev How many were refused before the Ledger saw them, and {qSettle} the sum of the others.
        uint256 refused;
        uint256 needed;
    }

    constructor(
        address authority_,
        IEscrow escrow_
    ) AccessManaged(authority_) EIP712("Corridor Exchange", "1") Calls(escrow_.ledger().signatureVerifier()) {
        _escrow = escrow_;
        _ledger = escrow_.ledger();
        _ledgerDomain = _ledger.domainSeparator();
        // For holds, which the Escrow takes out of this contract's account.
        // slither-disable-next-line unused-return: the Ledger answers true or reverts
        _ledger.setOperator(address(escrow_), true);
    }

    // ------------------------------------------------------------------ payments

    /// @inheritdoc IExchange
    function exchange(FxBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        _requireOneChain();
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _exchangeBatch(batches[i]);
        }
    }

    function _requireOneChain() private view {
        bytes32 domain = _ledger.domainSeparator();
        require(domain == _ledgerDomain, ExchangeChainSplit(_ledgerDomain, domain));
    }

    function _exchangeBatch(FxBatch calldata batch) private returns (RowCode[] memory) {
        Quote calldata quote = batch.quote;
        FxRow[] calldata fxRows = batch.rows;
        (RowCode code, Offer memory offer) = _offerOf(quote, batch.r, batch.vs);
        uint256 buffer = ExchangeHashes.prepare(quote.settleToken, offer.id);
        Rows memory rows = _newRows(quote.payToken, fxRows.length, ExchangeHashes.TERMS_TYPE);
        address payee;
        RowCode payeeCode = RowCode.InvalidPayee;
        for (uint256 i = 0; i < fxRows.length; ++i) {
            FxRow calldata row = fxRows[i];
            rows.collection.set(i, row, ExchangeHashes.termsOf(buffer, row));
            if (row.payee != payee) {
                payee = row.payee;
                payeeCode = _canReceive(payee) ? RowCode.None : RowCode.InvalidPayee;
            }
            _price(rows, i, code == RowCode.None ? payeeCode : code, row.amount, offer, row.settleAmount);
        }
        _collect(quote.payToken, offer, rows, ExchangeHashes.TERMS_TYPE);
        _creditPayees(fxRows, quote.settleToken, offer, rows);
        // slither-disable-next-line reentrancy-no-eth,reentrancy-events: Ledger and Escrow call nobody who could come back here
        _payMaker(quote, offer);
        return rows.codes;
    }

    function _newRows(
        address payToken,
        uint256 count,
        string memory termsType
    ) private pure returns (Rows memory rows) {
        rows.collection = Collections.allocate(payToken, count, termsType);
        rows.settleAmounts = new uint128[](count);
        rows.codes = new RowCode[](count);
        rows.ids = new bytes32[](count);
    }

    /// @param code Why the row is refused, whatever it costs; `None` if it is not.
    function _price(
        Rows memory rows,
        uint256 i,
        RowCode code,
        uint128 ceiling,
        Offer memory offer,
        uint128 settleAmount
    ) private pure {
        rows.settleAmounts[i] = settleAmount;
        if (code == RowCode.None) {
            uint256 cost = Rates.costOf(offer.payAmount, offer.settleAmount, settleAmount);
            rows.collection.takes[i] = uint128(cost);
            if (settleAmount == 0) code = RowCode.ZeroAmount;
            else if (cost > ceiling) code = RowCode.CeilingTooLow;
        }
        if (code == RowCode.None) {
            rows.needed += settleAmount;
        } else {
            rows.codes[i] = code;
            ++rows.refused;
        }
    }

    /// @dev Has the Ledger collect the rows that have no code yet, and gives every row its code.
    function _collect(
        address payToken,
        Offer memory offer,
        Rows memory rows,
        string memory termsType
    ) private {
        if (rows.refused == 0 && _roomCode(offer, rows.needed) == RowCode.Settled) {
            // What is common: all of them together.
            (rows.codes, rows.ids) = rows.collection.collect(_ledger);
            return;
        }
        (uint256 given, bool hasFailed) = _collectFitting(payToken, offer, rows, termsType);
        // What was refused has left its room. One at a time now: to try many again and again could cost without bound.
        for (uint256 i = 0; hasFailed && i < rows.codes.length; ++i) {
            if (rows.codes[i] != RowCode.None) continue;
            if (_roomCode(offer, given + rows.settleAmounts[i]) != RowCode.Settled) continue;
            uint256[] memory only = new uint256[](1);
            only[0] = i;
            given += _collectRows(payToken, rows, only, 1, termsType);
        }
        for (uint256 i = 0; i < rows.codes.length; ++i) {
            // The others' ids are the Ledger's to tell, and so are their rejections.
            if (rows.ids[i] != 0) continue;
            if (rows.codes[i] == RowCode.None) {
                rows.codes[i] = _roomCode(offer, given + rows.settleAmounts[i]);
            }
            emit Rejected(_paymentId(payToken, rows, i, termsType), rows.codes[i]);
        }
    }

    function _paymentId(
        address payToken,
        Rows memory rows,
        uint256 i,
        string memory termsType
    ) private view returns (bytes32) {
        (uint256 payer, uint256 amount, uint256 nonce, uint256 deadline, bytes32 memo) = rows
            .collection
            .payment(i);
        return
            ExchangeHashes.paymentId(
                _ledgerDomain,
                termsType,
                address(this),
                payToken,
                payer,
                amount,
                nonce,
                deadline,
                memo
            );
    }

    /// @dev Hands over the rows without a code that fit beside each other.
    /// @return given {qSettle} what settled.
    /// @return hasFailed Whether the Ledger refused some of them.
    function _collectFitting(
        address payToken,
        Offer memory offer,
        Rows memory rows,
        string memory termsType
    ) private returns (uint256 given, bool hasFailed) {
        uint256[] memory indexes = new uint256[](rows.codes.length);
        uint256 count;
        uint256 reserved;
        for (uint256 i = 0; i < rows.codes.length; ++i) {
            if (rows.codes[i] != RowCode.None) continue;
            uint256 needed = reserved + rows.settleAmounts[i];
            if (_roomCode(offer, needed) != RowCode.Settled) continue;
            reserved = needed;
            indexes[count++] = i;
        }
        if (count == 0) return (0, false);
        given = _collectRows(payToken, rows, indexes, count, termsType);
        hasFailed = given != reserved;
    }

    /// @dev Has the Ledger collect the first `count` rows of `indexes`. @return given {qSettle} what settled.
    function _collectRows(
        address payToken,
        Rows memory rows,
        uint256[] memory indexes,
        uint256 count,
        string memory termsType
    ) private returns (uint256 given) {
        Collections.Collection memory part = Collections.allocate(payToken, count, termsType);
        for (uint256 k = 0; k < count; ++k) {
            part.copy(k, rows.collection, indexes[k]);
        }
        (RowCode[] memory codes, bytes32[] memory ids) = part.collect(_ledger);
        for (uint256 k = 0; k < count; ++k) {
            uint256 i = indexes[k];
            (rows.codes[i], rows.ids[i]) = (codes[k], ids[k]);
            if (codes[k] == RowCode.Settled) given += rows.settleAmounts[i];
        }
    }

    function _roomCode(Offer memory offer, uint256 needed) private pure returns (RowCode) {
        if (needed > offer.capacity) return RowCode.QuoteExhausted;
        return needed > offer.inventory ? RowCode.MakerShort : RowCode.Settled;
    }

    /// @dev Credits each payee, rows of hers that follow each other together, out of the maker's account.
    function _creditPayees(
        FxRow[] calldata fxRows,
        address settleToken,
        Offer memory offer,
        Rows memory rows
    ) private {
        (RowCode[] memory codes, uint128[] memory costs) = (rows.codes, rows.collection.takes);
        address payee;
        Agreement memory agreement;
        uint256 net;
        uint256 fees;
        for (uint256 i = 0; i < fxRows.length; ++i) {
            if (codes[i] != RowCode.Settled) continue;
            FxRow calldata row = fxRows[i];
            if (row.payee != payee) {
                _move(offer.maker, payee, settleToken, net);
                (payee, net) = (row.payee, 0);
                // slither-disable-next-line calls-loop: of the Ledger, which only reads
                agreement = _ledger.agreementOf(payee, msg.sender, settleToken);
            }
            uint128 settleAmount = rows.settleAmounts[i];
            uint128 fee = Fees.feeOn(agreement, settleAmount);
            uint128 cost = costs[i];
            _count(offer, settleAmount, cost);
            unchecked {
                net += settleAmount - fee;
                fees += fee;
            }
            // slither-disable-next-line reentrancy-events: the Ledger calls nobody who could come back here
            emit Exchanged(rows.ids[i], payee, cost, settleAmount, fee, row.memo);
        }
        _move(offer.maker, payee, settleToken, net);
        _move(offer.maker, msg.sender, settleToken, fees);
    }

    /// @dev What is given is at most the quote's amount, and what is paid at most what accounts hold: 128 bits each.
    function _count(Offer memory offer, uint128 settleAmount, uint128 cost) private pure {
        unchecked {
            ++offer.payments;
            offer.given += settleAmount;
            offer.paid += cost;
        }
    }

    function _move(address from, address to, address token, uint256 amount) private {
        // slither-disable-next-line calls-loop,unused-return: of the Ledger, which calls no token, and answers true or reverts
        if (amount != 0) _ledger.transferFrom(from, to, uint160(token), amount);
    }

    /// @dev Gives the maker what was collected, and notes what the quote gave.
    function _payMaker(Quote calldata quote, Offer memory offer) private {
        if (offer.payments == 0) return;
        _logFill(quote, offer);
        _move(address(this), offer.maker, quote.payToken, offer.paid);
    }

    function _logFill(Quote calldata quote, Offer memory offer) private {
        Fill storage fill = _fills[offer.id];
        uint128 filled = fill.filled + uint128(offer.given);
        fill.filled = filled;
        emit QuoteFilled(
            offer.id,
            offer.maker,
            msg.sender,
            quote,
            offer.payments,
            uint128(offer.paid),
            uint128(offer.given),
            filled
        );
    }

    /// @dev Whether a payee could take her money out again.
    function _canReceive(address payee) private view returns (bool) {
        return
            payee != address(0) &&
            payee != address(_ledger) &&
            payee != address(_escrow) &&
            payee != address(this);
    }

    // ------------------------------------------------------------------ payments into holds

    /// @inheritdoc IExchange
    function exchangeIntoHolds(FxHoldBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        _requireOneChain();
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _exchangeIntoHolds(batches[i]);
        }
    }

    function _exchangeIntoHolds(FxHoldBatch calldata batch) private returns (RowCode[] memory) {
        Quote calldata quote = batch.quote;
        OpenBatch calldata holds = batch.holds;
        require(
            batch.amounts.length == holds.rows.length,
            ExchangeLengthMismatch(batch.amounts.length, holds.rows.length)
        );
        (RowCode code, Offer memory offer) = _offerOf(quote, batch.r, batch.vs);
        if (code == RowCode.None && holds.token != quote.settleToken) code = RowCode.InvalidTerms;
        if (code == RowCode.None && _isPaidByHold(holds)) code = RowCode.InvalidPayee;
        // slither-disable-next-line calls-loop: of the Escrow, which only reads
        RowCode[] memory openable = _escrow.check(holds);
        Rows memory rows = _newRows(quote.payToken, holds.rows.length, ExchangeHashes.HOLD_TERMS_TYPE);
        uint256 buffer = _prepareHolds(holds);
        for (uint256 i = 0; i < openable.length; ++i) {
            OpenRow calldata row = holds.rows[i];
            RowCode rowCode = code;
            if (code == RowCode.None) {
                if (!_isRefundable(batch, row.hold)) rowCode = RowCode.InvalidTerms;
                else if (openable[i] != RowCode.Settled) rowCode = openable[i];
            }
            uint128 ceiling = batch.amounts[i];
            rows.collection.set(i, row, ceiling, _termsOf(batch, row.hold, offer.id, buffer));
            _price(rows, i, rowCode, ceiling, offer, row.hold.amount);
        }
        _collect(quote.payToken, offer, rows, ExchangeHashes.HOLD_TERMS_TYPE);
        for (uint256 i = 0; i < openable.length; ++i) {
            if (rows.codes[i] == RowCode.Settled) {
                _count(offer, rows.settleAmounts[i], rows.collection.takes[i]);
            }
        }
        if (offer.payments != 0) _hold(batch, offer, rows);
        // slither-disable-next-line reentrancy-no-eth,reentrancy-events: Ledger and Escrow call nobody who could come back here
        _payMaker(quote, offer);
        return rows.codes;
    }

    /// @dev The Escrow knows of no other scheme: what it gave to this contract, nobody could take out again.
    function _isPaidByHold(OpenBatch calldata holds) private view returns (bool) {
        if (holds.payee == address(this)) return true;
        for (uint256 i = 0; i < holds.splits.length; ++i) {
            if (holds.splits[i].recipient == address(this)) return true;
        }
        return false;
    }

    function _termsOf(
        FxHoldBatch calldata batch,
        HoldRow calldata hold,
        bytes32 quoteId_,
        uint256 buffer
    ) private pure returns (bytes32) {
        // slither-disable-next-line unused-return: the terms are enough
        (, bytes32 holdTerms) = EscrowHashes.idOf(buffer, hold);
        return
            ExchangeHashes.holdTermsOf(
                batch.holds.token,
                hold.amount,
                quoteId_,
                batch.refundRule,
                batch.refundDeadline,
                holdTerms
            );
    }

    /// @dev Has the Escrow hold what the maker gives.
    function _hold(FxHoldBatch calldata batch, Offer memory offer, Rows memory rows) private {
        _move(offer.maker, address(this), batch.holds.token, offer.given);
        // slither-disable-next-line calls-loop: of the Escrow, which calls the Ledger alone; check was asked of the same rows above
        bytes32[] memory holds = _escrow.openFunded(batch.holds, rows.codes);
        for (uint256 i = 0; i < holds.length; ++i) {
            if (rows.codes[i] != RowCode.Settled) continue;
            // slither-disable-next-line reentrancy-events: Ledger and Escrow call nobody who could come back here
            emit Held(
                rows.ids[i],
                holds[i],
                batch.amounts[i],
                rows.collection.takes[i],
                rows.settleAmounts[i],
                batch.refundRule,
                batch.refundDeadline
            );
        }
    }

    /// @dev Whether the rule for refunds and the hold's own terms agree.
    function _isRefundable(FxHoldBatch calldata batch, HoldRow calldata hold) private view returns (bool) {
        RefundRule rule = batch.refundRule;
        if (rule == RefundRule.SettlementCurrency) return batch.refundDeadline == 0;
        if (hold.refundDeadline != 0 || batch.refundDeadline < hold.captureDeadline) return false;
        return rule == RefundRule.PayeeBears || _isGuarded(batch.quote.settleToken, batch.quote.payToken);
    }

    function _prepareHolds(OpenBatch calldata holds) private view returns (uint256 buffer) {
        return EscrowHashes.prepare(_ledgerDomain, address(_escrow), holds.payee, holds.token, holds.splits);
    }

    // ------------------------------------------------------------------ refunds

    /// @inheritdoc IExchange
    function refund(FxRefund calldata what) external {
        _requireOneChain();
        FxHoldRef calldata ref = what.ref;
        (Quote calldata quote, RefundRule rule, uint128 amount) = (what.quote, ref.refundRule, what.amount);
        (bytes32 id, bytes32 hold) = _idsOf(ref);
        require(rule != RefundRule.SettlementCurrency, ExchangeRefundElsewhere(rule));
        require(block.timestamp <= ref.refundDeadline, ExchangeTooLate(block.timestamp, ref.refundDeadline));
        uint128 before = _refunded[hold];
        uint128 left = _escrow.holdOf(hold).captured - before;
        require(amount != 0 && amount <= left, ExchangeRefundTooHigh(amount, left));
        require(
            quote.payToken == ref.hold.token && quote.settleToken == ref.quote.payToken,
            ExchangeQuoteMismatch(quote.payToken, quote.settleToken)
        );
        (RowCode code, Offer memory offer) = _offerOf(quote, what.r, what.vs);
        if (
            code == RowCode.None &&
            rule == RefundRule.PayerBears &&
            !_isGuarded(quote.payToken, quote.settleToken)
        ) {
            code = RowCode.OutsideGuard;
        }
        require(code == RowCode.None, ExchangeRefused(offer.id, code));
        _requireConsent(ref.hold.payee, ExchangeHashes.refund(id, before, offer.id, what), what);
        (offer.paid, offer.given) = _termsOfRefund(what, before);
        require(offer.paid <= what.maxCost, ExchangeCostTooHigh(offer.paid, what.maxCost));
        code = offer.given == 0 ? RowCode.ZeroAmount : _roomCode(offer, offer.given);
        if (code == RowCode.Settled && rule == RefundRule.PayerBears) {
            // Rounding is the payer's too, and parts may be small: what she gets must lie within the guard, as the quote does.
            Guard memory guard = _guards[quote.payToken][quote.settleToken];
            code = PriceGuards.codeOf(guard, offer.paid, offer.given);
        }
        require(code == RowCode.Settled, ExchangeRefused(offer.id, code));

        _refunded[hold] = before + amount;
        emit Refunded(id, hold, amount, before + amount, uint128(offer.paid), uint128(offer.given));
        _logFill(quote, offer);
        _move(ref.hold.payee, offer.maker, quote.payToken, offer.paid);
        _move(offer.maker, ref.hold.hold.payer, quote.settleToken, offer.given);
    }

    /// @return cost {qSettle} what the payee pays. @return returned {qPay} what the payer gets.
    function _termsOfRefund(
        FxRefund calldata what,
        uint128 before
    ) private pure returns (uint256 cost, uint256 returned) {
        FxHoldRef calldata ref = what.ref;
        uint128 amount = what.amount;
        if (ref.refundRule == RefundRule.PayerBears) return (amount, Rates.bought(what.quote, amount));
        uint128 settled = ref.hold.hold.amount;
        uint256 paid = Rates.costOf(ref.quote, settled);
        returned = Rates.share(paid, before, before + amount, settled);
        cost = Rates.costOf(what.quote, uint128(returned));
    }

    function _requireConsent(address payee, bytes32 structHash, FxRefund calldata what) private view {
        (bytes32 r, bytes32 vs) = (what.consent.r, what.consent.vs);
        if (msg.sender == payee && r | vs == 0) return;
        bytes32 digest = _hashTypedDataV4(structHash);
        if (r | vs == 0) require(_verifier.isNoted(payee, digest), ExchangeNotActor(msg.sender, payee));
        require(
            block.timestamp <= what.consent.deadline,
            ExchangeConsentExpired(block.timestamp, what.consent.deadline)
        );
        require(Signatures.isValid(_verifier, payee, digest, r, vs), ExchangeBadConsent(payee, digest));
    }

    function _idsOf(FxHoldRef calldata ref) private view returns (bytes32 id, bytes32 hold) {
        HoldRow calldata row = ref.hold.hold;
        bytes32 holdTerms;
        (hold, holdTerms) = EscrowHashes.idOf(
            EscrowHashes.prepare(
                _ledgerDomain,
                address(_escrow),
                ref.hold.payee,
                ref.hold.token,
                ref.hold.splits
            ),
            row
        );
        bytes32 terms = ExchangeHashes.holdTermsOf(
            ref.hold.token,
            row.amount,
            _quoteId(ref.quote),
            ref.refundRule,
            ref.refundDeadline,
            holdTerms
        );
        id = ExchangeHashes.paymentId(
            _ledgerDomain,
            ExchangeHashes.HOLD_TERMS_TYPE,
            address(this),
            ref.quote.payToken,
            uint160(row.payer),
            ref.amount,
            row.nonce,
            row.deadline,
            terms
        );
    }

    // ------------------------------------------------------------------ quotes

    /// @inheritdoc IExchange
    function cancelQuote(Quote calldata quote) external {
        require(msg.sender == quote.maker, ExchangeNotMaker(msg.sender, quote.maker));
        bytes32 id = _quoteId(quote);
        _fills[id].isCancelled = true;
        emit QuoteCancelled(id, msg.sender);
    }

    /// @inheritdoc IExchange
    function cancelAllQuotes() external returns (uint64 generation) {
        generation = _generations[msg.sender] + 1;
        _generations[msg.sender] = generation;
        emit GenerationRaised(msg.sender, generation);
    }

    /// @inheritdoc IExchange
    function check(
        Quote calldata quote,
        bytes32 r,
        bytes32 vs,
        uint128 settleAmount
    ) external view returns (RowCode code, uint256 cost) {
        Offer memory offer;
        (code, offer) = _offerOf(quote, r, vs);
        if (quote.settleAmount != 0) cost = Rates.costOf(quote, settleAmount);
        if (code == RowCode.None) {
            code = settleAmount == 0 ? RowCode.ZeroAmount : _roomCode(offer, settleAmount);
        }
    }

    /// @dev What is asked of a quote, whatever is to be paid at it. @return code `None` if it is good.
    function _offerOf(
        Quote calldata quote,
        bytes32 r,
        bytes32 vs
    ) private view returns (RowCode code, Offer memory offer) {
        (bytes32 id, address maker) = (_quoteId(quote), quote.maker);
        (offer.id, offer.maker) = (id, maker);
        (offer.payAmount, offer.settleAmount) = (quote.payAmount, quote.settleAmount);
        (address payToken, address settleToken) = (quote.payToken, quote.settleToken);
        if (offer.payAmount == 0 || offer.settleAmount == 0 || payToken == settleToken) {
            return (RowCode.BadQuote, offer);
        }
        if (!Signatures.isValid(_verifier, maker, id, r, vs)) return (RowCode.BadQuote, offer);
        if (block.timestamp > quote.deadline) return (RowCode.QuoteExpired, offer);
        Fill memory fill = _fills[id];
        if (fill.isCancelled || _generations[maker] != quote.generation) {
            return (RowCode.QuoteCancelled, offer);
        }
        Guard storage guard = _guards[payToken][settleToken];
        if (guard.isSet) {
            code = PriceGuards.codeOf(guard, offer.payAmount, offer.settleAmount);
            if (code != RowCode.Settled) return (code, offer);
        }
        offer.capacity = offer.settleAmount - fill.filled;
        // slither-disable-next-line calls-loop: of the Ledger, which only reads
        offer.inventory = _ledger.spendable(maker, address(this), settleToken);
        return (RowCode.None, offer);
    }

    function _quoteId(Quote calldata quote) private view returns (bytes32) {
        return _hashTypedDataV4(ExchangeHashes.quote(quote));
    }

    // ------------------------------------------------------------------ guards

    /// @inheritdoc IExchange
    function setGuard(address payToken, address settleToken, GuardTerms calldata terms) external restricted {
        (bool valid, Guard memory guard) = PriceGuards.build(payToken, settleToken, terms);
        require(valid, ExchangeInvalidGuard(payToken, settleToken));
        _guards[payToken][settleToken] = guard;
        emit GuardSet(payToken, settleToken, terms);
    }

    /// @inheritdoc IExchange
    function removeGuard(address payToken, address settleToken) external restricted {
        delete _guards[payToken][settleToken];
        emit GuardRemoved(payToken, settleToken);
    }

    function _isGuarded(address payToken, address settleToken) private view returns (bool) {
        return _guards[payToken][settleToken].isSet;
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IExchange
    function ledger() external view returns (ILedger) {
        return _ledger;
    }

    /// @inheritdoc IExchange
    function escrow() external view returns (IEscrow) {
        return _escrow;
    }

    /// @inheritdoc IExchange
    function quoteId(Quote calldata quote) external view returns (bytes32) {
        return _quoteId(quote);
    }

    /// @inheritdoc IExchange
    function fillOf(bytes32 quote) external view returns (Fill memory) {
        return _fills[quote];
    }

    /// @inheritdoc IExchange
    function generationOf(address maker) external view returns (uint64) {
        return _generations[maker];
    }

    /// @inheritdoc IExchange
    function guardOf(address payToken, address settleToken) external view returns (Guard memory) {
        return _guards[payToken][settleToken];
    }

    /// @inheritdoc IExchange
    function idsOf(FxHoldRef calldata ref) external view returns (bytes32 id, bytes32 hold) {
        return _idsOf(ref);
    }

    /// @inheritdoc IExchange
    function refundedOf(bytes32 hold) external view returns (uint128) {
        return _refunded[hold];
    }
}
