// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AmountBatch,
    Consent,
    HoldRef,
    HoldStatus,
    HoldView,
    OpenBatch,
    ReclaimBatch,
    Split,
    VoidBatch
} from "../types/EscrowTypes.sol";
import {RowCode} from "../types/LedgerTypes.sol";
import {ICalls} from "./ICalls.sol";
import {ILedger} from "./ILedger.sol";

/// @title IEscrow
/// @notice Holds: payments that are kept until they are captured, returned or decided. A hold is a payment to this
/// contract whose terms the payer signed; its id is the payment's.
///
/// Units: `{qTok}` smallest units of a token, `{bps}` hundredths of a percent, `{s}` Unix seconds.
///
/// Acts with rows are isolated: a bad row is logged by {Rejected}, changes nothing and does not hinder the others, and
/// the call does not revert on any row. The other acts revert with an error that carries both values.
///
/// Whoever must agree to an act either calls, with an all-zero {Consent}, or signs it under this contract's EIP-712 domain
/// ("Corridor Escrow", "1"). A signature is over the sum captured (or refunded) so far, so it is void as soon as that
/// sum has moved. A consent carries compact ECDSA; one that is all zero and not the caller's counts as signed if another kind
/// of signature was noted in the same transaction, by {callWithSignatures}.
///
/// From {Opened}, {BatchOpened} and the Ledger's `Settled` of the same id (or {Funded}) a hold can be named in full, and from the other
/// events its state follows without a call.
interface IEscrow is ICalls {
    // ------------------------------------------------------------------ opening

    /// @notice A hold was opened. Amount and nonce stand in the Ledger's `Settled` of the same `id`, or in {Funded}; token and splits
    /// in the {BatchOpened} that follows in the same transaction for the same payee.
    event Opened(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        uint48 deadline,
        uint48 captureDeadline,
        uint48 refundDeadline,
        address arbiter,
        uint48 rulingPeriod,
        uint16 defaultPayerBps,
        bytes32 memo
    );

    /// @notice `holds` holds were opened, each by its {Opened}. Not logged if there were none.
    event BatchOpened(address indexed payee, address indexed token, uint256 holds, Split[] splits);

    /// @notice A row of an act had no effect. Anyone can cause this about any `id`. Rows that the Ledger refused are logged
    /// there.
    event Rejected(bytes32 indexed id, RowCode code);

    error EscrowChainSplit(bytes32 expected, bytes32 actual);

    /// @notice Opens holds. Open to all: the payers' signatures fix everything. A row is checked in this order: payee and
    /// splits (`InvalidTerms`), amount (`AmountTooHigh`), the other terms (`InvalidTerms`), that the hold is not there
    /// (`WrongStatus`), then as every payment by the Ledger.
    ///
    /// Terms are valid if: payee and recipients can be paid (not zero, Ledger or Escrow); at most 8 splits, each above
    /// zero, no recipient twice nor the payee, together at most 10,000 bps; `now <= captureDeadline <= refundDeadline`, or a
    /// refund deadline of zero, for a hold without refunds; the
    /// arbiter is neither payer nor payee, has from 1 second to 365 days, and a default of at most 10,000 bps; without
    /// an arbiter period and default are zero.
    /// @dev Reverts with {EscrowChainSplit} where the chain's id is another than at deployment: what was held before can
    /// still be captured and returned on both chains, but only one of them opens more.
    function open(OpenBatch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice A hold was paid for by `funder`, in the payer's name: what the Ledger's `Settled` says of others.
    event Funded(bytes32 indexed id, address indexed funder, uint128 amount, uint64 nonce);

    error EscrowNotOpenable(uint256 index, RowCode code);

    /// @notice Opens holds that the caller pays for, out of its own account in the Ledger, in the name of the payers that the
    /// rows name. Nobody's signature is asked for, as nobody else's money is taken; the Gateway uses it for holds that
    /// payers funded by their token's authorization. What is given back goes to the named payer. The payments' nonces are not
    /// used up: the id of a hold that was opened opens no other, by whichever way.
    /// @param codes One a row, in order; a row whose code is not `Settled` is passed over.
    /// @return ids The holds' ids, one a row, zero where it was passed over.
    /// @dev Reverts with {EscrowChainSplit}, {EscrowNotOpenable} on the first row that {check} finds wrong, or as the Ledger's
    /// `transferFrom` if the caller has not allowed this contract to take the sum.
    function openFunded(
        OpenBatch calldata batch,
        RowCode[] calldata codes
    ) external returns (bytes32[] memory ids);

    /// @notice What {openFunded} would say of each row: `Settled` if it can be opened. Codes: those of {open} before the
    /// Ledger's, `InvalidTerms` also for a payer who cannot be paid back, `ZeroAmount` and `Expired`.
    function check(OpenBatch calldata batch) external view returns (RowCode[] memory codes);

    // ------------------------------------------------------------------ capture, void, reclaim, refund

    /// @notice `amount` of the hold went to the payee's side; `captured` is the new sum.
    event Captured(bytes32 indexed id, uint128 amount, uint128 captured);

    /// @notice A batch's captures were credited: `gross` in all, of which `fee` to the operator, and to each recipient of the
    /// splits what the Ledger's `Transfer` says.
    event BatchCaptured(
        address indexed payee,
        address indexed token,
        address indexed operator,
        uint256 captures,
        uint128 gross,
        uint128 fee
    );

    /// @notice The payee gave back what was left, `amount`.
    event Voided(bytes32 indexed id, uint128 amount);

    /// @notice What was left, `amount`, went back to the payer after the capture deadline.
    event Reclaimed(bytes32 indexed id, uint128 amount);

    /// @notice `amount` of what was captured went back to the payer, `byPayee` of it out of the payee's account and the
    /// rest out of the recipients'; `refunded` is the new sum.
    event Refunded(bytes32 indexed id, uint128 amount, uint128 refunded, uint128 byPayee);

    /// @notice Captures from holds, by their payee, until the capture deadline (inclusive), as often as she likes. Each
    /// recipient of the splits gets her share, rounded on the sum captured so far and not on each capture; the caller earns the payee's agreed fee out of what is left to the payee.
    /// A row is checked in this order: `WrongStatus`, `TooLate`, `ZeroAmount`, `AmountTooHigh`, then the payee's consent, if
    /// she does not call (`Expired`, `BadSignature`), over `Capture(bytes32 id,uint128 amount,uint128 captured,uint48 deadline)`.
    function capture(AmountBatch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice Gives back what is left of open holds, by their payee, at any time. Codes: `WrongStatus`, `Expired`,
    /// `BadSignature`. Consent over `Void(bytes32 id,uint128 captured,uint48 deadline)`.
    function void(VoidBatch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice Gives what is left of open holds back to their payers after the capture deadline. Open to all. Codes:
    /// `WrongStatus`, `TooEarly`.
    function reclaim(ReclaimBatch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice Gives back what was captured, by the payee, until the refund deadline (inclusive), as often as she likes, never
    /// more than was captured. The money comes from accounts that allowed this contract to move it (ERC-6909): each
    /// recipient's share from hers, as far as she allows and has it, and the rest from the payee's. The operator's fee is
    /// not given back. A row is checked in this order: `WrongStatus`, `TooLate`, `ZeroAmount`, `AmountTooHigh`,
    /// `InsufficientBalance`, then the consent (`Expired`, `BadSignature`) over
    /// `Refund(bytes32 id,uint128 amount,uint128 refunded,uint48 deadline)`.
    function refund(AmountBatch[] calldata batches) external returns (RowCode[][] memory codes);

    // ------------------------------------------------------------------ disputes

    /// @notice Nothing of the hold moves until it is decided. `evidence` is the hash of a document that stays off chain.
    event Disputed(bytes32 indexed id, address indexed by, bytes32 evidence);

    event EvidenceSubmitted(bytes32 indexed id, address indexed by, bytes32 evidence);

    /// @notice The arbiter divided what was left.
    event Ruled(
        bytes32 indexed id,
        address indexed arbiter,
        uint16 payerBps,
        uint128 toPayer,
        uint128 toPayee
    );

    /// @notice The arbiter stayed silent, and what was left was divided by the terms' default.
    event Resolved(bytes32 indexed id, uint128 toPayer, uint128 toPayee);

    /// @notice Both parties divided what was left.
    event SettledByAgreement(bytes32 indexed id, uint128 toPayer, uint128 toPayee);

    error EscrowWrongStatus(bytes32 id, HoldStatus status);
    error EscrowTooLate(uint256 timestamp, uint256 deadline);
    error EscrowTooEarly(uint256 timestamp, uint256 deadline);
    error EscrowNoArbiter(bytes32 id);
    error EscrowNotParty(address actor, address payer, address payee);
    error EscrowNotActor(address caller, address actor);
    error EscrowConsentExpired(uint256 timestamp, uint48 deadline);
    error EscrowBadConsent(address actor, bytes32 digest);
    error EscrowShareTooHigh(uint16 payerBps, uint256 maximum);
    error EscrowAmountTooHigh(uint128 amount, uint256 maximum);

    /// @notice Objects to a hold, until the capture deadline (inclusive): stops capture, void and reclaim. `actor` is payer or
    /// payee. Consent over `Dispute(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)`.
    /// @dev Reverts with {EscrowNoArbiter}, {EscrowWrongStatus} unless `Open`, {EscrowTooLate}, {EscrowNotParty},
    /// {EscrowNotActor}, {EscrowConsentExpired}, {EscrowBadConsent}.
    function dispute(
        HoldRef calldata ref,
        address actor,
        bytes32 evidence,
        Consent calldata consent
    ) external;

    /// @notice Adds evidence while the dispute runs. Consent over
    /// `Evidence(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)`; it changes nothing but the log.
    /// @dev Reverts with {EscrowNotParty}, {EscrowWrongStatus} unless `Disputed`, or on the consent.
    function submitEvidence(
        HoldRef calldata ref,
        address actor,
        bytes32 evidence,
        Consent calldata consent
    ) external;

    /// @notice Divides what is left of a disputed hold, by its arbiter, within the ruling period (inclusive): `payerBps` of it
    /// to the payer, rounded down, the rest to the payee's side as a capture. Consent over
    /// `Ruling(bytes32 id,uint16 payerBps,uint128 captured,uint48 deadline)`.
    /// @dev Reverts with {EscrowWrongStatus} unless `Disputed`, {EscrowTooLate}, {EscrowShareTooHigh}, or on the consent.
    function rule(HoldRef calldata ref, uint16 payerBps, Consent calldata consent) external;

    /// @notice Divides what is left by the terms' default, once the ruling period is over. Open to all.
    /// @dev Reverts with {EscrowWrongStatus} unless `Disputed`, {EscrowTooEarly}.
    function resolve(HoldRef calldata ref) external;

    /// @notice Divides what is left of an open or disputed hold as payer and payee agree: `toPayer` to the payer, the rest
    /// to the payee's side as a capture. Each consents by calling or by her signature over
    /// `Settlement(bytes32 id,uint128 toPayer,uint128 captured,uint48 deadline)`.
    /// @dev Reverts with {EscrowWrongStatus} unless `Open` or `Disputed`, {EscrowAmountTooHigh}, or on a consent.
    function settleByAgreement(
        HoldRef calldata ref,
        uint128 toPayer,
        Consent calldata payerConsent,
        Consent calldata payeeConsent
    ) external;

    // ------------------------------------------------------------------ views

    function ledger() external view returns (ILedger);

    /// @notice The id of a hold: of the payment that opens it.
    function holdId(HoldRef calldata ref) external view returns (bytes32);

    function holdOf(bytes32 id) external view returns (HoldView memory);

    /// @notice {holdOf} for many at one block.
    function holdsOf(bytes32[] calldata ids) external view returns (HoldView[] memory);
}
