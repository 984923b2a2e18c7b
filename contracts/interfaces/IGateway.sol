// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OpenBatch} from "../types/EscrowTypes.sol";
import {Authorization, DepositBatch, DepositRow} from "../types/GatewayTypes.sol";
import {Batch, Row, RowCode} from "../types/LedgerTypes.sol";
import {IEscrow} from "./IEscrow.sol";
import {ILedger} from "./ILedger.sol";

/// @title IGateway
/// @notice Money in by a signature over the token itself: deposits, and payments by payers who have no account (the pull
/// lane). The payer signs one thing, her token's authorization, which binds what is to become of the money: the nonce of an
/// ERC-3009 authorization, or the witness of a Permit2 transfer, is the hash of the payment (terms included) or deposit.
///
/// Rows are isolated: a row whose authorization is used, cancelled, expired or badly signed, or whose token misbehaves,
/// changes nothing but the log. Payments settle in full or not at all: a token that takes a fee cannot be used for them.
/// A deposit credits what arrived, after every fee that the token takes on the two hops (to here, to the Ledger).
///
/// Rows carry compact ECDSA signatures. A row whose `r` is zero has its signature in `signatures`, at the index `vs`, of
/// whichever kind token or Permit2 take; `BadSignature` if there is none.
interface IGateway {
    // ------------------------------------------------------------------ payments

    /// @notice A payment was pulled and credited; as {ILedger.Settled}. Of a payment into a hold `payee` is the Escrow and `memo`
    /// the hash of the terms.
    event Settled(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        uint128 amount,
        uint64 nonce,
        bytes32 memo
    );

    /// @notice As {ILedger.BatchSettled}.
    event BatchSettled(
        address indexed payee,
        address indexed token,
        address indexed operator,
        uint256 payments,
        uint128 gross,
        uint128 fee
    );

    /// @notice A row had no effect. Anyone can cause this about any `id`.
    event Rejected(bytes32 indexed id, address indexed owner, RowCode code);

    /// @notice A batch had no effect as a whole, because of its token; its rows are logged as `TransferFailed`.
    event BatchFailed(address indexed token, bytes4 reason);

    error GatewayUnsupported(Authorization kind);
    error GatewayOnlySelf(address caller);
    error GatewayOutOfGas(uint256 left, uint256 needed);
    error GatewayBadPermit(address owner, bytes32 digest);
    error GatewayPermitUsed(bytes32 id);
    error GatewayDepositFailed(address token, uint256 amount);
    error GatewayArrivedOther(address token, uint256 arrived, uint256 amount);
    error GatewayCreditedOther(address token, uint256 credited, uint256 amount);

    /// @notice Pulls payments and credits their payees, each once a batch, and the caller with the fee that the payee agreed to
    /// in the Ledger. The id of a payment is the EIP-712 digest, under this contract's domain ("Corridor Gateway", "1"), of
    /// the Ledger's type `Payment` (Permit2), or of `AuthorizedPayment` with the same members (ERC-3009). So it is never the
    /// id of a payment from an account, nor of one by the other way. Its `nonce` makes it unique: any number (ERC-3009), or
    /// a free one of the payer's Permit2 bitmap.
    ///
    /// ERC-3009: `validAfter` is 0, `validBefore` is `deadline + 1`, `nonce` the id. Permit2: `deadline` and `nonce` are
    /// the payment's, the witness is `Payment witness` of the payment's struct hash.
    ///
    /// Codes, in this order: `InvalidPayee` (zero, Ledger, Escrow, or here), `ZeroAmount`, `Expired`, then `AuthorizationUsed`
    /// or `TransferFailed`.
    /// @param kind `Erc3009` or `Permit2`.
    /// @dev Reverts with {GatewayUnsupported}, {GatewayOutOfGas} rather than give a row less than {ROW_GAS}.
    function pay(
        Authorization kind,
        Batch[] calldata batches,
        bytes[] calldata signatures
    ) external returns (RowCode[][] memory codes);

    /// @notice Pulls payments to the Escrow and opens their holds. The id is the hold's, under the Ledger's domain, and the
    /// payment's nonce is as in {pay}. Codes: those of {IEscrow.check}, `Expired`, `AuthorizationUsed`, `TransferFailed`.
    /// @dev As {pay}. Permit2's witness is the payment with its terms.
    function open(
        Authorization kind,
        OpenBatch[] calldata batches,
        bytes[] calldata signatures
    ) external returns (RowCode[][] memory codes);

    // ------------------------------------------------------------------ deposits

    /// @notice `amount` was credited to `owner` from the tokens of `from`, by the signed deposit `id`.
    event Deposited(
        bytes32 indexed id,
        address indexed from,
        address indexed owner,
        address token,
        uint128 amount
    );

    /// @notice Pulls deposits. The id is the digest of `Deposit(uint8 kind,address from,address owner,address token,
    /// uint128 amount,uint64 nonce,uint48 deadline)` under this contract's domain. With ERC-3009 and Permit2 it is bound as in {pay}. An ERC-2612 permit over `amount` for this contract until
    /// `deadline`, at the token's nonce `nonce`, cannot be bound, so it credits its signer only (`InvalidPayee` else), and once; one
    /// that someone used first does no harm, as the allowance it gave serves as well.
    /// Codes as in {pay}, `InvalidPayee` for an owner of zero or the Ledger.
    function deposit(
        Authorization kind,
        DepositBatch[] calldata batches,
        bytes[] calldata signatures
    ) external returns (RowCode[][] memory codes);

    // ------------------------------------------------------------------ views

    /// @notice The id of a payment that is pulled by {pay}. The row's signature does not matter.
    function paymentId(
        Authorization kind,
        address payee,
        address token,
        Row calldata row
    ) external view returns (bytes32);

    /// @notice The id of a deposit. The row's signature does not matter.
    function depositId(
        Authorization kind,
        address token,
        DepositRow calldata row
    ) external view returns (bytes32);

    function ledger() external view returns (ILedger);

    function escrow() external view returns (IEscrow);

    /// @notice Permit2's address, 0x000000000022D473030F116dDEE9F6B43aC78BA3 on most chains.
    function permit2() external view returns (address);
}
