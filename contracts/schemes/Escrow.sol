// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Calls} from "../Calls.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {EscrowHashes} from "../libraries/EscrowHashes.sol";
import {Fees} from "../libraries/Fees.sol";
import {Holds} from "../libraries/Holds.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Splits} from "../libraries/Splits.sol";
import {
    AmountBatch,
    AmountRow,
    Consent,
    HoldRef,
    HoldRow,
    HoldSlot,
    HoldState,
    HoldStatus,
    HoldView,
    OpenBatch,
    OpenRow,
    ReclaimBatch,
    Split,
    VoidBatch,
    VoidRow
} from "../types/EscrowTypes.sol";
import {Agreement, Credit, Row, RowCode} from "../types/LedgerTypes.sol";

/// @title Escrow
/// @notice Payments that are held until they are captured, returned or decided. See {IEscrow}.
///
/// ROLES
/// - The payer fixes every term by her signature, or whoever pays in her name does ({openFunded}). The payee captures, voids and refunds. Either disputes.
/// - The arbiter, pinned in the terms, divides a disputed hold between these two, and can pay nobody else.
/// - Anyone relays signed acts, reclaims for payers after the deadline and resolves after the ruling period. Nobody owns
///   or upgrades this contract.
///
/// TOKEN REQUIREMENTS
/// - None: it moves accounts of the Ledger and never calls a token. Nobody is paid by a token's transfer, so nobody's
///   denylisting or reverting can stop an act.
///
/// LIVENESS
/// - An open hold ends by the capture deadline, by anyone's {reclaim}; a disputed one by the ruling period, at most 365
///   days, by anyone's {resolve}.
/// - It calls nothing but the Ledger. A freeze of this contract's own account in the Ledger would stop captures and
///   returns in that token for at most 30 days.
contract Escrow is IEscrow, Calls, EIP712 {
    using Holds for HoldState;
    using Splits for Splits.Rest;

    uint256 private constant MAX_RULING_PERIOD = 365 days;

    ILedger private immutable _ledger;
    bytes32 private immutable _ledgerDomain;

    mapping(bytes32 id => HoldSlot) private _holds;

    /// @dev What the rows of a batch add up to.
    struct Tally {
        /// @dev The payee calls and consents to every row by that. There is no operator's fee then.
        bool isPayees;
        uint256 rows;
        uint256 gross;
        uint256 fee;
        /// @dev {qTok} to each recipient of the splits, in order.
        uint256[] parts;
        /// @dev {qTok} to all of them.
        uint256 shared;
    }

    constructor(ILedger ledger_) EIP712("Corridor Escrow", "1") Calls(ledger_.signatureVerifier()) {
        _ledger = ledger_;
        _ledgerDomain = ledger_.domainSeparator();
    }

    // ------------------------------------------------------------------ opening

    /// @inheritdoc IEscrow
    function open(OpenBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        _requireOneChain();
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _openBatch(batches[i]);
        }
    }

    function _requireOneChain() private view {
        bytes32 domain = _ledger.domainSeparator();
        require(domain == _ledgerDomain, EscrowChainSplit(_ledgerDomain, domain));
    }

    function _openBatch(OpenBatch calldata batch) private returns (RowCode[] memory codes) {
        (address payee, address token) = (batch.payee, batch.token);
        OpenRow[] calldata rows = batch.rows;
        uint256 buffer = _prepare(payee, token, batch.splits);
        bool canPay = _canPay(payee, batch.splits);
        codes = new RowCode[](rows.length);
        Row[] memory payments = _placesFor(rows.length);
        uint256 good;
        for (uint256 i = 0; i < rows.length; ++i) {
            OpenRow calldata row = rows[i];
            HoldRow calldata hold = row.hold;
            (bytes32 id, bytes32 termsHash) = EscrowHashes.idOf(buffer, hold);
            RowCode code = canPay ? _openCode(id, hold, payee) : RowCode.InvalidTerms;
            if (code == RowCode.Settled) {
                payments[good++] = Row({
                    payer: hold.payer,
                    amount: hold.amount,
                    nonce: hold.nonce,
                    deadline: hold.deadline,
                    memo: termsHash,
                    r: row.r,
                    vs: row.vs
                });
            } else {
                codes[i] = code;
                emit Rejected(id, code);
            }
        }
        if (good == 0) return codes;
        // slither-disable-next-line assembly: Solidity cannot shorten an array
        assembly ("memory-safe") {
            mstore(payments, good) // as many as were filled
        }
        // slither-disable-next-line calls-loop: of the Ledger, which isolates rows and calls no token
        (RowCode[] memory collected, bytes32[] memory ids) = _ledger.collect(
            token,
            payments,
            EscrowHashes.TERMS_TYPE
        );
        // slither-disable-next-line reentrancy-no-eth,reentrancy-events: the Ledger calls the verifier alone, which calls statically
        _openCollected(batch, codes, collected, ids);
    }

    /// @dev Opens what the Ledger collected: the rows without a code yet, in order.
    function _openCollected(
        OpenBatch calldata batch,
        RowCode[] memory codes,
        RowCode[] memory collected,
        bytes32[] memory ids
    ) private {
        (address payee, OpenRow[] calldata rows) = (batch.payee, batch.rows);
        uint256 opened;
        uint256 next;
        unchecked {
            for (uint256 i = 0; i < rows.length; ++i) {
                if (codes[i] != RowCode.None) continue;
                (RowCode code, bytes32 id) = (collected[next], ids[next]);
                ++next;
                codes[i] = code;
                if (code != RowCode.Settled) continue;
                ++opened;
                _holds[id].state = Holds.pack(HoldStatus.Open, 0, 0, 0);
                _logOpened(id, payee, rows[i].hold);
            }
        }
        if (opened > 0) emit BatchOpened(payee, batch.token, opened, batch.splits);
    }

    /// @inheritdoc IEscrow
    function openFunded(
        OpenBatch calldata batch,
        RowCode[] calldata codes
    ) external returns (bytes32[] memory ids) {
        _requireOneChain();
        (address payee, address token) = (batch.payee, batch.token);
        OpenRow[] calldata rows = batch.rows;
        uint256 buffer = _prepare(payee, token, batch.splits);
        bool canPay = _canPay(payee, batch.splits);
        ids = new bytes32[](rows.length);
        uint256 opened;
        uint256 sum;
        for (uint256 i = 0; i < rows.length; ++i) {
            if (codes[i] != RowCode.Settled) continue;
            HoldRow calldata hold = rows[i].hold;
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, hold);
            RowCode code = canPay ? _fundedCode(id, hold, payee) : RowCode.InvalidTerms;
            require(code == RowCode.Settled, EscrowNotOpenable(i, code));
            _holds[id].state = Holds.pack(HoldStatus.Open, 0, 0, 0);
            ids[i] = id;
            ++opened;
            sum += hold.amount;
            _logOpened(id, payee, hold);
            emit Funded(id, msg.sender, hold.amount, hold.nonce);
        }
        if (opened == 0) return ids;
        emit BatchOpened(payee, token, opened, batch.splits);
        // slither-disable-next-line unused-return: the Ledger answers true or reverts
        _ledger.transferFrom(msg.sender, address(this), uint160(token), sum);
    }

    /// @inheritdoc IEscrow
    function check(OpenBatch calldata batch) external view returns (RowCode[] memory codes) {
        uint256 buffer = _prepare(batch.payee, batch.token, batch.splits);
        bool canPay = _canPay(batch.payee, batch.splits);
        codes = new RowCode[](batch.rows.length);
        for (uint256 i = 0; i < codes.length; ++i) {
            HoldRow calldata hold = batch.rows[i].hold;
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, hold);
            codes[i] = canPay ? _fundedCode(id, hold, batch.payee) : RowCode.InvalidTerms;
        }
    }

    /// @dev Beside what is asked of every hold: there is no Ledger here that looks at amount, deadline and payer.
    function _fundedCode(bytes32 id, HoldRow calldata hold, address payee) private view returns (RowCode) {
        if (!_canReceive(hold.payer)) return RowCode.InvalidTerms;
        if (hold.amount == 0) return RowCode.ZeroAmount;
        if (block.timestamp > hold.deadline) return RowCode.Expired;
        return _openCode(id, hold, payee);
    }

    /// @dev Places for rows that are still to be set, where `new` would allocate each row.
    function _placesFor(uint256 count) private pure returns (Row[] memory rows) {
        uint256[] memory places = new uint256[](count);
        // slither-disable-next-line assembly: an array of references, without the rows that Solidity would allocate
        assembly ("memory-safe") {
            rows := places
        }
    }

    function _logOpened(bytes32 id, address payee, HoldRow calldata hold) private {
        (address payer, bytes32 topic) = (hold.payer, Opened.selector);
        // Deadline to memo, as they stand in the row.
        // slither-disable-next-line assembly: logs seven words of calldata as they stand
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(hold, 0x60), 0xe0)
            log4(free, 0xe0, topic, id, payer, payee)
        }
    }

    /// @dev Whether payee and recipients could take their money out again.
    function _canPay(address payee, Split[] calldata splits) private view returns (bool) {
        if (!_canReceive(payee) || !Splits.areValid(splits, payee)) return false;
        for (uint256 i = 0; i < splits.length; ++i) {
            if (!_canReceive(splits[i].recipient)) return false;
        }
        return true;
    }

    function _canReceive(address owner) private view returns (bool) {
        return owner != address(0) && owner != address(_ledger) && owner != address(this);
    }

    function _openCode(bytes32 id, HoldRow calldata hold, address payee) private view returns (RowCode) {
        if (hold.amount > type(uint104).max) return RowCode.AmountTooHigh;
        (uint48 captureDeadline, uint48 refundDeadline) = (hold.captureDeadline, hold.refundDeadline);
        // A refund deadline of zero: there are no refunds.
        if (captureDeadline < block.timestamp || (refundDeadline < captureDeadline && refundDeadline != 0)) {
            return RowCode.InvalidTerms;
        }
        (address arbiter, uint48 rulingPeriod) = (hold.arbiter, hold.rulingPeriod);
        bool valid =
            arbiter == address(0)
                ? rulingPeriod == 0 && hold.defaultPayerBps == 0
                : arbiter != hold.payer &&
                    arbiter != payee &&
                    rulingPeriod != 0 &&
                    rulingPeriod <= MAX_RULING_PERIOD &&
                    hold.defaultPayerBps <= Fees.BPS;
        if (!valid) return RowCode.InvalidTerms;
        // Opened by whoever paid for it in the payer's name; her own payment is not taken for it again.
        return _holds[id].state.status() == HoldStatus.None ? RowCode.Settled : RowCode.WrongStatus;
    }

    // ------------------------------------------------------------------ capture

    /// @inheritdoc IEscrow
    function capture(AmountBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _captureBatch(batches[i]);
        }
    }

    function _captureBatch(AmountBatch calldata batch) private returns (RowCode[] memory codes) {
        (address payee, address token) = (batch.payee, batch.token);
        (Split[] calldata splits, AmountRow[] calldata rows) = (batch.splits, batch.rows);
        uint256 buffer = _prepare(payee, token, splits);
        Agreement memory agreement;
        // What a payee pays herself as operator would come back to her.
        // slither-disable-next-line calls-loop: of the Ledger, which only reads
        if (msg.sender != payee) agreement = _ledger.agreementOf(payee, msg.sender, token);
        Tally memory tally = _newTally(splits);
        tally.isPayees = msg.sender == payee && batch.consents.length == 0;
        codes = new RowCode[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            AmountRow calldata row = rows[i];
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, row.hold);
            HoldSlot storage slot = _holds[id];
            HoldState state = slot.state;
            uint128 held = row.hold.amount;
            uint128 amount = row.amount;
            RowCode code = _captureCode(state, held, amount, row.hold.captureDeadline);
            if (!tally.isPayees && code == RowCode.Settled) {
                bytes32 typehash = EscrowHashes.CAPTURE_TYPEHASH;
                code = _payeeCode(batch, i, typehash, id, amount, state.captured());
            }
            codes[i] = code;
            if (code != RowCode.Settled) {
                emit Rejected(id, code);
                continue;
            }
            uint104 before = state.captured();
            uint104 captured;
            unchecked {
                captured = before + uint104(amount); // at most `held`
            }
            HoldStatus status = captured == held ? HoldStatus.Captured : HoldStatus.Open;
            slot.state = Holds.pack(status, 0, captured, state.refunded());
            emit Captured(id, amount, captured);
            _tallyCapture(tally, splits, agreement, before, captured);
        }
        if (tally.rows == 0) return codes;
        emit BatchCaptured(payee, token, msg.sender, tally.rows, uint128(tally.gross), uint128(tally.fee));
        // slither-disable-next-line calls-loop: of the Ledger, which calls no token; who is credited could be paid when it was opened
        _ledger.transferMany(token, _creditsOf(tally, splits, payee, address(0), 0));
    }

    function _captureCode(
        HoldState state,
        uint128 held,
        uint128 amount,
        uint48 captureDeadline
    ) private view returns (RowCode) {
        if (state.status() != HoldStatus.Open) return RowCode.WrongStatus;
        if (block.timestamp > captureDeadline) return RowCode.TooLate;
        if (amount == 0) return RowCode.ZeroAmount;
        unchecked {
            // The id is of `held`, so no more was captured.
            if (amount > held - state.captured()) return RowCode.AmountTooHigh;
        }
        return RowCode.Settled;
    }

    /// @dev `Settled` if the payee called or signed for the row `index`, over `sum` so far.
    function _payeeCode(
        AmountBatch calldata batch,
        uint256 index,
        bytes32 typehash,
        bytes32 id,
        uint128 amount,
        uint104 sum
    ) private view returns (RowCode) {
        address payee = batch.payee;
        if (index >= batch.consents.length) {
            return msg.sender == payee ? RowCode.Settled : RowCode.BadSignature;
        }
        Consent calldata consent = batch.consents[index];
        if (_isCaller(payee, consent)) return RowCode.Settled;
        bytes32 structHash = EscrowHashes.act(typehash, id, amount, sum, consent.deadline);
        return _consentCode(payee, structHash, consent);
    }

    function _newTally(Split[] calldata splits) private pure returns (Tally memory tally) {
        tally.parts = new uint256[](splits.length);
    }

    /// @dev Adds what the growth of a hold's captured sum gives to each. The sums are bounded by what the Ledger holds.
    function _tallyCapture(
        Tally memory tally,
        Split[] calldata splits,
        Agreement memory agreement,
        uint256 before,
        uint256 later
    ) private pure {
        unchecked {
            uint256 amount = later - before;
            uint256 left = amount;
            if (splits.length != 0) {
                Splits.Rest memory rest = Splits.restOf(before, later);
                for (uint256 i = 0; i < splits.length; ++i) {
                    tally.parts[i] += rest.take(splits[i]);
                }
                left = rest.growth();
                tally.shared += amount - left;
            }
            // The fee comes out of what is left to the payee, and never out of a recipient's share.
            if (!tally.isPayees) {
                uint256 fee = Fees.feeOn(agreement, uint128(amount));
                tally.fee += fee < left ? fee : left;
            }
            tally.gross += amount;
            ++tally.rows;
        }
    }

    /// @dev Credits of recipients, payee and operator, and of the payer where something goes back.
    function _creditsOf(
        Tally memory tally,
        Split[] calldata splits,
        address payee,
        address payer,
        uint128 toPayer
    ) private view returns (Credit[] memory credits) {
        uint256 count = splits.length;
        credits = new Credit[](count + 3);
        for (uint256 i = 0; i < count; ++i) {
            credits[i] = Credit(splits[i].recipient, uint128(tally.parts[i]));
        }
        credits[count] = Credit(payee, uint128(tally.gross - tally.shared - tally.fee));
        credits[count + 1] = Credit(msg.sender, uint128(tally.fee));
        credits[count + 2] = Credit(payer, toPayer);
    }

    // ------------------------------------------------------------------ void, reclaim

    /// @inheritdoc IEscrow
    function void(VoidBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _voidBatch(batches[i]);
        }
    }

    function _voidBatch(VoidBatch calldata batch) private returns (RowCode[] memory codes) {
        uint256 buffer = _prepare(batch.payee, batch.token, batch.splits);
        VoidRow[] calldata rows = batch.rows;
        codes = new RowCode[](rows.length);
        Credit[] memory credits = new Credit[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            HoldRow calldata hold = rows[i].hold;
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, hold);
            HoldState state = _holds[id].state;
            RowCode code = _voidCode(id, state, batch.payee, rows[i].consent);
            codes[i] = code;
            if (code != RowCode.Settled) {
                emit Rejected(id, code);
                continue;
            }
            uint128 left = _end(id, state, HoldStatus.Voided, hold.amount);
            credits[i] = Credit(hold.payer, left);
            emit Voided(id, left);
        }
        // slither-disable-next-line calls-loop: of the Ledger, which calls no token
        _ledger.transferMany(batch.token, credits);
    }

    function _voidCode(
        bytes32 id,
        HoldState state,
        address payee,
        Consent calldata consent
    ) private view returns (RowCode) {
        if (state.status() != HoldStatus.Open) return RowCode.WrongStatus;
        if (_isCaller(payee, consent)) return RowCode.Settled;
        return _consentCode(payee, EscrowHashes.void_(id, state.captured(), consent.deadline), consent);
    }

    /// @inheritdoc IEscrow
    function reclaim(ReclaimBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _reclaimBatch(batches[i]);
        }
    }

    function _reclaimBatch(ReclaimBatch calldata batch) private returns (RowCode[] memory codes) {
        uint256 buffer = _prepare(batch.payee, batch.token, batch.splits);
        HoldRow[] calldata rows = batch.rows;
        codes = new RowCode[](rows.length);
        Credit[] memory credits = new Credit[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            HoldRow calldata hold = rows[i];
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, hold);
            HoldState state = _holds[id].state;
            RowCode code =
                state.status() != HoldStatus.Open
                    ? RowCode.WrongStatus
                    : block.timestamp <= hold.captureDeadline
                        ? RowCode.TooEarly
                        : RowCode.Settled;
            codes[i] = code;
            if (code != RowCode.Settled) {
                emit Rejected(id, code);
                continue;
            }
            uint128 left = _end(id, state, HoldStatus.Reclaimed, hold.amount);
            credits[i] = Credit(hold.payer, left);
            emit Reclaimed(id, left);
        }
        // slither-disable-next-line calls-loop: of the Ledger, which calls no token
        _ledger.transferMany(batch.token, credits);
    }

    /// @dev Ends a hold with nothing more captured. @return What was left of it.
    function _end(bytes32 id, HoldState state, HoldStatus status, uint128 amount) private returns (uint128) {
        _holds[id].state = Holds.pack(status, state.disputedAt(), state.captured(), state.refunded());
        return amount - state.captured();
    }

    // ------------------------------------------------------------------ refund

    /// @inheritdoc IEscrow
    function refund(AmountBatch[] calldata batches) external returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _refundBatch(batches[i]);
        }
    }

    function _refundBatch(AmountBatch calldata batch) private returns (RowCode[] memory codes) {
        uint256 buffer = _prepare(batch.payee, batch.token, batch.splits);
        uint128[] memory available = _availableTo(batch);
        uint128[] memory taken = new uint128[](available.length);
        codes = new RowCode[](batch.rows.length);
        Credit[] memory credits = new Credit[](codes.length);
        for (uint256 i = 0; i < codes.length; ++i) {
            AmountRow calldata row = batch.rows[i];
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, row.hold);
            HoldState state = _holds[id].state;
            (RowCode code, uint128 byPayee) = _refundCode(state, batch, row, available);
            if (code == RowCode.Settled) {
                bytes32 typehash = EscrowHashes.REFUND_TYPEHASH;
                code = _payeeCode(batch, i, typehash, id, row.amount, state.refunded());
            }
            codes[i] = code;
            if (code != RowCode.Settled) {
                emit Rejected(id, code);
                continue;
            }
            uint104 refunded = state.refunded() + uint104(row.amount);
            _holds[id].state = Holds.pack(state.status(), state.disputedAt(), state.captured(), refunded);
            _take(batch.splits, state.refunded(), refunded, byPayee, available, taken);
            credits[i] = Credit(row.hold.payer, row.amount);
            emit Refunded(id, row.amount, refunded, byPayee);
        }
        _collectTaken(batch, taken);
        // slither-disable-next-line calls-loop: of the Ledger, which calls no token
        _ledger.transferMany(batch.token, credits);
    }

    /// @dev What each recipient of the splits, in order, and last the payee allows to be taken now.
    function _availableTo(AmountBatch calldata batch) private view returns (uint128[] memory available) {
        uint256 count = batch.splits.length;
        available = new uint128[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            // slither-disable-next-line calls-loop: of the Ledger, which only reads; there are at most 8 splits
            available[i] = _ledger.spendable(batch.splits[i].recipient, address(this), batch.token);
        }
        // slither-disable-next-line calls-loop: of the Ledger, which only reads
        available[count] = _ledger.spendable(batch.payee, address(this), batch.token);
    }

    function _refundCode(
        HoldState state,
        AmountBatch calldata batch,
        AmountRow calldata row,
        uint128[] memory available
    ) private view returns (RowCode, uint128 byPayee) {
        if (state.status() == HoldStatus.None) return (RowCode.WrongStatus, 0);
        if (block.timestamp > row.hold.refundDeadline) return (RowCode.TooLate, 0);
        if (row.amount == 0) return (RowCode.ZeroAmount, 0);
        uint104 refunded = state.refunded();
        if (row.amount > state.captured() - refunded) return (RowCode.AmountTooHigh, 0);
        byPayee = row.amount;
        Splits.Rest memory rest = Splits.restOf(refunded, refunded + row.amount);
        for (uint256 i = 0; i < batch.splits.length; ++i) {
            byPayee -= _partOf(rest, batch.splits[i], available[i]);
        }
        if (byPayee > available[batch.splits.length]) return (RowCode.InsufficientBalance, 0);
        return (RowCode.Settled, byPayee);
    }

    /// @dev A recipient's share of a refund, as far as her account gives it.
    function _partOf(
        Splits.Rest memory rest,
        Split calldata split,
        uint128 available
    ) private pure returns (uint128) {
        uint128 part = rest.take(split);
        return part < available ? part : available;
    }

    function _take(
        Split[] calldata splits,
        uint256 before,
        uint256 later,
        uint128 byPayee,
        uint128[] memory available,
        uint128[] memory taken
    ) private pure {
        Splits.Rest memory rest = Splits.restOf(before, later);
        for (uint256 i = 0; i < splits.length; ++i) {
            uint128 part = _partOf(rest, splits[i], available[i]);
            available[i] -= part;
            taken[i] += part;
        }
        available[splits.length] -= byPayee;
        taken[splits.length] += byPayee;
    }

    /// @dev Brings what the rows took into this contract's account, one transfer an owner.
    function _collectTaken(AmountBatch calldata batch, uint128[] memory taken) private {
        for (uint256 i = 0; i < taken.length; ++i) {
            if (taken[i] == 0) continue;
            address owner = i == batch.splits.length ? batch.payee : batch.splits[i].recipient;
            // slither-disable-next-line calls-loop,unused-return: of the Ledger, which calls no token, and answers true or reverts
            _ledger.transferFrom(owner, address(this), uint160(batch.token), taken[i]);
        }
    }

    // ------------------------------------------------------------------ disputes

    /// @inheritdoc IEscrow
    function dispute(
        HoldRef calldata ref,
        address actor,
        bytes32 evidence,
        Consent calldata consent
    ) external {
        (bytes32 id, HoldState state) = _find(ref);
        require(ref.hold.arbiter != address(0), EscrowNoArbiter(id));
        require(state.status() == HoldStatus.Open, EscrowWrongStatus(id, state.status()));
        require(
            block.timestamp <= ref.hold.captureDeadline,
            EscrowTooLate(block.timestamp, ref.hold.captureDeadline)
        );
        _requireParty(ref, actor);
        _requireConsent(actor, EscrowHashes.DISPUTE_TYPEHASH, id, uint256(evidence), state, consent);
        _holds[id].state = Holds.pack(
            HoldStatus.Disputed,
            uint40(block.timestamp),
            state.captured(),
            state.refunded()
        );
        emit Disputed(id, actor, evidence);
    }

    /// @inheritdoc IEscrow
    function submitEvidence(
        HoldRef calldata ref,
        address actor,
        bytes32 evidence,
        Consent calldata consent
    ) external {
        (bytes32 id, HoldState state) = _find(ref);
        require(state.status() == HoldStatus.Disputed, EscrowWrongStatus(id, state.status()));
        _requireParty(ref, actor);
        _requireConsent(actor, EscrowHashes.EVIDENCE_TYPEHASH, id, uint256(evidence), state, consent);
        emit EvidenceSubmitted(id, actor, evidence);
    }

    /// @inheritdoc IEscrow
    function rule(HoldRef calldata ref, uint16 payerBps, Consent calldata consent) external {
        (bytes32 id, HoldState state) = _find(ref);
        require(state.status() == HoldStatus.Disputed, EscrowWrongStatus(id, state.status()));
        uint256 end = _rulingEnd(ref, state);
        require(block.timestamp <= end, EscrowTooLate(block.timestamp, end));
        require(payerBps <= Fees.BPS, EscrowShareTooHigh(payerBps, Fees.BPS));
        _requireConsent(ref.hold.arbiter, EscrowHashes.RULING_TYPEHASH, id, payerBps, state, consent);
        (uint128 toPayer, uint128 toPayee) = _divide(ref, state, payerBps);
        emit Ruled(id, ref.hold.arbiter, payerBps, toPayer, toPayee);
        _close(ref, id, state, HoldStatus.Ruled, toPayer);
    }

    /// @inheritdoc IEscrow
    function resolve(HoldRef calldata ref) external {
        (bytes32 id, HoldState state) = _find(ref);
        require(state.status() == HoldStatus.Disputed, EscrowWrongStatus(id, state.status()));
        uint256 end = _rulingEnd(ref, state);
        require(block.timestamp > end, EscrowTooEarly(block.timestamp, end));
        (uint128 toPayer, uint128 toPayee) = _divide(ref, state, ref.hold.defaultPayerBps);
        emit Resolved(id, toPayer, toPayee);
        _close(ref, id, state, HoldStatus.Resolved, toPayer);
    }

    /// @inheritdoc IEscrow
    function settleByAgreement(
        HoldRef calldata ref,
        uint128 toPayer,
        Consent calldata payerConsent,
        Consent calldata payeeConsent
    ) external {
        (bytes32 id, HoldState state) = _find(ref);
        HoldStatus status = state.status();
        require(status == HoldStatus.Open || status == HoldStatus.Disputed, EscrowWrongStatus(id, status));
        uint128 left = ref.hold.amount - state.captured();
        require(toPayer <= left, EscrowAmountTooHigh(toPayer, left));
        _requireConsent(ref.hold.payer, EscrowHashes.SETTLEMENT_TYPEHASH, id, toPayer, state, payerConsent);
        _requireConsent(ref.payee, EscrowHashes.SETTLEMENT_TYPEHASH, id, toPayer, state, payeeConsent);
        emit SettledByAgreement(id, toPayer, left - toPayer);
        _close(ref, id, state, HoldStatus.Agreed, toPayer);
    }

    function _find(HoldRef calldata ref) private view returns (bytes32 id, HoldState state) {
        // slither-disable-next-line unused-return: the id is enough
        (id, ) = EscrowHashes.idOf(_prepare(ref.payee, ref.token, ref.splits), ref.hold);
        state = _holds[id].state;
    }

    function _requireParty(HoldRef calldata ref, address actor) private pure {
        require(
            actor == ref.hold.payer || actor == ref.payee,
            EscrowNotParty(actor, ref.hold.payer, ref.payee)
        );
    }

    function _rulingEnd(HoldRef calldata ref, HoldState state) private pure returns (uint256) {
        return uint256(state.disputedAt()) + ref.hold.rulingPeriod;
    }

    /// @dev The payer's share of what is left, rounded down, and the rest.
    function _divide(
        HoldRef calldata ref,
        HoldState state,
        uint256 payerBps
    ) private pure returns (uint128 toPayer, uint128 toPayee) {
        uint128 left = ref.hold.amount - state.captured();
        toPayer = uint128((uint256(left) * payerBps) / Fees.BPS);
        toPayee = left - toPayer;
    }

    /// @dev Ends a hold: `toPayer` of what is left goes back, the rest is captured.
    function _close(
        HoldRef calldata ref,
        bytes32 id,
        HoldState state,
        HoldStatus status,
        uint128 toPayer
    ) private {
        uint104 before = state.captured();
        uint104 captured = uint104(ref.hold.amount - toPayer);
        _holds[id].state = Holds.pack(status, state.disputedAt(), captured, state.refunded());
        Tally memory tally = _newTally(ref.splits);
        if (captured != before) {
            Agreement memory agreement = _ledger.agreementOf(ref.payee, msg.sender, ref.token);
            _tallyCapture(tally, ref.splits, agreement, before, captured);
            emit Captured(id, captured - before, captured);
            emit BatchCaptured(ref.payee, ref.token, msg.sender, 1, uint128(tally.gross), uint128(tally.fee));
        }
        _ledger.transferMany(ref.token, _creditsOf(tally, ref.splits, ref.payee, ref.hold.payer, toPayer));
    }

    // ------------------------------------------------------------------ consent

    function _isCaller(address actor, Consent calldata consent) private view returns (bool) {
        return msg.sender == actor && consent.r | consent.vs == 0;
    }

    /// @dev `Settled` if `actor` signed the act and the signature is still good.
    function _consentCode(
        address actor,
        bytes32 structHash,
        Consent calldata consent
    ) private view returns (RowCode) {
        if (block.timestamp > consent.deadline) return RowCode.Expired;
        return
            Signatures.isValid(_verifier, actor, _hashTypedDataV4(structHash), consent.r, consent.vs)
                ? RowCode.Settled
                : RowCode.BadSignature;
    }

    function _requireConsent(
        address actor,
        bytes32 typehash,
        bytes32 id,
        uint256 what,
        HoldState state,
        Consent calldata consent
    ) private view {
        if (_isCaller(actor, consent)) return;
        bytes32 structHash = EscrowHashes.act(typehash, id, what, state.captured(), consent.deadline);
        bytes32 digest = _hashTypedDataV4(structHash);
        if (consent.r | consent.vs == 0) {
            require(_verifier.isNoted(actor, digest), EscrowNotActor(msg.sender, actor));
        }
        require(block.timestamp <= consent.deadline, EscrowConsentExpired(block.timestamp, consent.deadline));
        require(
            Signatures.isValid(_verifier, actor, digest, consent.r, consent.vs),
            EscrowBadConsent(actor, digest)
        );
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IEscrow
    function ledger() external view returns (ILedger) {
        return _ledger;
    }

    /// @inheritdoc IEscrow
    function holdId(HoldRef calldata ref) external view returns (bytes32 id) {
        // slither-disable-next-line unused-return: the id is enough
        (id, ) = EscrowHashes.idOf(_prepare(ref.payee, ref.token, ref.splits), ref.hold);
    }

    /// @inheritdoc IEscrow
    function holdOf(bytes32 id) external view returns (HoldView memory) {
        return _view(id);
    }

    /// @inheritdoc IEscrow
    function holdsOf(bytes32[] calldata ids) external view returns (HoldView[] memory views) {
        views = new HoldView[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            views[i] = _view(ids[i]);
        }
    }

    function _view(bytes32 id) private view returns (HoldView memory) {
        HoldState state = _holds[id].state;
        return
            HoldView({
                status: state.status(),
                disputedAt: state.disputedAt(),
                captured: state.captured(),
                refunded: state.refunded()
            });
    }

    function _prepare(address payee, address token, Split[] calldata splits) private view returns (uint256) {
        return EscrowHashes.prepare(_ledgerDomain, address(this), payee, token, splits);
    }
}
