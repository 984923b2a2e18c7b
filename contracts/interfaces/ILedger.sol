// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC6909, IERC6909TokenSupply} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {
    AccountView,
    Agreement,
    Batch,
    Credit,
    DeviceTerms,
    DeviceView,
    Row,
    RowCode,
    WithdrawalRow
} from "../types/LedgerTypes.sol";
import {ICalls} from "./ICalls.sol";

/// @title ILedger
/// @notice Prefunded accounts, and payments between them that payers authorize off chain.
///
/// Units: `{qTok}` smallest units of a token, `{bps}` hundredths of a percent, `{s}` Unix seconds.
///
/// A signed message other than a payment uses up a nonce of the signer's account in the token it names, just as
/// a payment does, and says so by {NonceUsed}.
///
/// Who may sign for an account, and in which order it is tried, stands in {ISignatureVerifier}. Where a function takes
/// `signature`, it may be of any kind. Rows carry compact ECDSA; a row whose signature is all zero counts as signed if a
/// signature over its id was noted in the same transaction, by {callWithSignatures}.
///
/// Balances are also ERC-6909 claims, `id` being the token's address. Deposits, withdrawals and direct transfers
/// log the standard's `Transfer`; settlement does not, it logs {Settled} and {BatchSettled}. An account is
/// the sum of these three events.
interface ILedger is ICalls, IERC6909, IERC6909TokenSupply {
    // ------------------------------------------------------------------ payments

    /// @notice A payment took effect. `id` is its EIP-712 digest; the token is that of the {BatchSettled} that
    /// follows in the same transaction for the same payee.
    event Settled(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        uint128 amount,
        uint64 nonce,
        bytes32 memo
    );

    /// @notice A batch was credited: the payee got `gross - fee`, the operator `fee`. Not logged if no row settled.
    event BatchSettled(
        address indexed payee,
        address indexed token,
        address indexed operator,
        uint256 payments,
        uint128 gross,
        uint128 fee
    );

    /// @notice A row (payment or withdrawal) had no effect. Anyone can cause this about any `id`, with a signature
    /// that is not the owner's for instance, so it says nothing about what may happen to `id` later.
    event Rejected(bytes32 indexed id, address indexed owner, RowCode code);

    /// @notice Settles batches of payments. Open to all: the signatures fix who pays whom, and the caller earns a
    /// fee only where the payee agreed to one with {agree}. A bad row is logged by {Rejected}, changes nothing
    /// and does not hinder the others; the call itself does not revert on any row.
    ///
    /// A row is checked in this order: payee, amount, deadline (inclusive), freeze, the device if the nonce names one
    /// (`DeviceInactive`, `OverDeviceLimit`, `PayeeNotAllowed`), nonce, balance, signature. The signature comes last, so a
    /// code tells the state of the account, not who signed.
    /// @return codes One a row, in order. A caller simulates with `eth_call` to learn them before it sends.
    function settle(Batch[] calldata batches) external returns (RowCode[][] memory codes);

    /// @notice The id of a payment: its EIP-712 digest under this Ledger's domain.
    function paymentId(
        address payer,
        address payee,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline,
        bytes32 memo
    ) external view returns (bytes32);

    /// @notice Settles payments that are made to the caller, a scheme: their payee is `msg.sender`, so no scheme can
    /// collect what was signed for another. Each is signed with the scheme's terms in the memo's place: the type that
    /// the payer signs is `Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,
    /// uint48 deadline,` followed by `termsType`, and `row.memo` carries the terms' EIP-712 struct hash. Rows are isolated
    /// and checked as in {settle}, and logged by the same events; the scheme stands as operator and takes no fee.
    /// @param termsType The rest of the type string, from the member `terms` on, with the types that it refers to in
    /// alphabetical order, e.g. `HoldTerms terms)HoldTerms(address payee,bytes32 memo)`.
    /// @return codes One a row, in order.
    /// @return ids The payments' ids, one a row.
    function collect(
        address token,
        Row[] calldata rows,
        string calldata termsType
    ) external returns (RowCode[] memory codes, bytes32[] memory ids);

    /// @notice {collect} of payments whose signed amounts are ceilings: of the payment at `i`, `takes[i]` is taken, and stands as the
    /// amount in {Settled}, while the id is that of the payment as it was signed. A row that would take more than its ceiling is
    /// refused by `AmountTooHigh`, before anything else is looked at.
    /// @param takes {qTok} one a row.
    /// @dev Reverts with {LedgerLengthMismatch}.
    function collectUpTo(
        address token,
        Row[] calldata rows,
        uint128[] calldata takes,
        string calldata termsType
    ) external returns (RowCode[] memory codes, bytes32[] memory ids);

    /// @notice The EIP-712 domain separator under which payment ids are made.
    function domainSeparator() external view returns (bytes32);

    // ------------------------------------------------------------------ nonces

    /// @notice `nonce` of this account was used by a signed message that is not a payment, or cancelled.
    /// @param id The message's EIP-712 digest, or zero if the owner cancelled by her own call.
    event NonceUsed(address indexed owner, address indexed token, uint64 nonce, bytes32 indexed id);

    error LedgerNonceUnusable(address owner, address token, uint64 nonce, RowCode code);
    error LedgerSignatureExpired(uint256 timestamp, uint48 deadline);
    error LedgerBadSignature(address owner, bytes32 digest);

    /// @notice Uses up `nonce` of the caller's account, so that nothing signed with it can take effect any more.
    /// @dev Reverts with {LedgerNonceUnusable} if it was used before or is out of range.
    function cancel(address token, uint64 nonce) external;

    /// @notice {cancel} by the owner's signature over
    /// `Cancellation(address owner,address token,uint64 nonce,uint48 deadline)`.
    /// @dev Also reverts with {LedgerSignatureExpired}, {LedgerBadSignature}.
    function cancelWithSignature(
        address owner,
        address token,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external;

    /// @notice Whether `nonce` can no longer be used by this account, or by the device that it names: used, cancelled, below
    /// the window or too high.
    function isNonceUsed(address owner, address token, uint64 nonce) external view returns (bool);

    // ------------------------------------------------------------------ agreements

    event AgreementSet(
        address indexed payee,
        address indexed operator,
        address indexed token,
        uint16 feeBps,
        uint128 flatFee
    );

    error LedgerFeeTooHigh(uint16 feeBps, uint16 maximumBps);

    /// @notice Sets what `operator` earns when it settles payments to the caller in `token`:
    /// `min(amount, floor(amount * feeBps / 10_000) + flatFee)` a payment. Zero for both ends the agreement. Applies
    /// to whatever settles from now on.
    /// @param feeBps {bps} at most 10_000.
    /// @param flatFee {qTok} a payment.
    /// @dev Reverts with {LedgerFeeTooHigh}.
    function agree(address operator, address token, uint16 feeBps, uint128 flatFee) external;

    /// @notice {agree} by the payee's signature over `Agreement(address payee,address operator,address token,
    /// uint16 feeBps,uint128 flatFee,uint64 nonce,uint48 deadline)`.
    /// @dev Also reverts with {LedgerSignatureExpired}, {LedgerNonceUnusable}, {LedgerBadSignature}.
    function agreeWithSignature(
        address payee,
        address operator,
        address token,
        uint16 feeBps,
        uint128 flatFee,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external;

    function agreementOf(
        address payee,
        address operator,
        address token
    ) external view returns (Agreement memory);

    // ------------------------------------------------------------------ devices

    /// @notice `key` may pay from the account within these limits, with nonces whose top byte is `index`.
    event DeviceBound(
        address indexed owner,
        address indexed token,
        uint8 indexed index,
        address key,
        uint48 expiry,
        uint112 perPayment,
        uint112 perDay,
        address[] payees
    );

    event DeviceRevoked(address indexed owner, address indexed token, uint8 indexed index);

    error LedgerInvalidDevice(uint8 index, address key);

    /// @notice Lets a further key pay from the caller's account in `token`, within limits that are enforced here. It replaces
    /// the key at `index`; the sequence numbers used there stay used. A device only pays: it cannot withdraw, cancel,
    /// approve, agree or bind. A payment into a hold counts as paid to the Escrow.
    /// @param index 1 to 255. Each has a nonce window of its own, so devices sign without knowing of each other.
    /// @dev Reverts with {LedgerInvalidDevice} if `index` or the key is zero, or the key is the owner's own address.
    function bindDevice(address token, uint8 index, DeviceTerms calldata terms) external;

    /// @notice {bindDevice} by the owner's signature over `DeviceBinding(address owner,address token,uint8 index,
    /// address key,uint48 expiry,uint112 perPayment,uint112 perDay,address[] payees,uint64 nonce,uint48 deadline)`.
    /// @dev Also reverts with {LedgerSignatureExpired}, {LedgerNonceUnusable}, {LedgerBadSignature}.
    function bindDeviceWithSignature(
        address owner,
        address token,
        uint8 index,
        DeviceTerms calldata terms,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external;

    /// @notice Takes the key at `index` out, at once. No effect where there is none, but for the event.
    function revokeDevice(address token, uint8 index) external;

    /// @notice {revokeDevice} by the owner's signature over
    /// `DeviceRevocation(address owner,address token,uint8 index,uint64 nonce,uint48 deadline)`.
    /// @dev Reverts with {LedgerSignatureExpired}, {LedgerNonceUnusable}, {LedgerBadSignature}.
    function revokeDeviceWithSignature(
        address owner,
        address token,
        uint8 index,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external;

    function deviceOf(address owner, address token, uint8 index) external view returns (DeviceView memory);

    /// @notice Whether the device may pay `payee`. False where there is no device.
    function isDevicePayee(
        address owner,
        address token,
        uint8 index,
        address payee
    ) external view returns (bool);

    // ------------------------------------------------------------------ money in

    /// @notice `amount` arrived from `from` and was credited to `owner`.
    event Deposited(address indexed owner, address indexed token, address indexed from, uint128 amount);

    error LedgerInvalidRecipient(address recipient);
    error LedgerNothingReceived(address token, uint256 amount);
    error LedgerSupplyTooHigh(address token, uint256 supply, uint256 maximum);

    /// @notice Takes `amount` of `token` from the caller, by its approval, and credits `owner` with what arrived.
    /// @return credited {qTok} what arrived; less than `amount` with a token that takes a fee.
    /// @dev Reverts with {LedgerInvalidRecipient} if `owner` is zero or the Ledger, {LedgerNothingReceived},
    /// {LedgerSupplyTooHigh} if accounts of the token would sum to more than `type(uint128).max`, or as the token does.
    function deposit(address token, address owner, uint256 amount) external returns (uint128 credited);

    // ------------------------------------------------------------------ money out

    /// @notice `amount` left the account of `owner`: `amount - fee` to `to`, `fee` to the caller's account.
    /// @param id The digest of the signed withdrawal, or zero if the owner called.
    event Withdrawn(
        bytes32 indexed id,
        address indexed owner,
        address indexed token,
        address to,
        uint128 amount,
        uint128 fee
    );

    error LedgerInsufficientBalance(address owner, address token, uint256 balance, uint256 needed);
    error LedgerTookTooMuch(address token, uint256 taken, uint256 amount);
    error LedgerOnlySelf(address caller);

    /// @notice Pays `amount` of the caller's account out to `to`.
    /// @dev Reverts with {LedgerInvalidRecipient} if `to` is zero or the Ledger, {LedgerInsufficientBalance},
    /// {LedgerAccountFrozen}, {LedgerTookTooMuch} if the token lowers the Ledger by more than `amount`, or as
    /// the token does.
    function withdraw(address token, address to, uint128 amount) external;

    /// @notice Pays out what owners signed as `Withdrawal(address owner,address token,address to,uint128 amount,
    /// uint128 maxFee,uint64 nonce,uint48 deadline)`. Rows are isolated as in {settle} and checked in the same order, the
    /// recipient in the payee's place and then the fee ceiling. Rows share a token: one that misbehaves
    /// hinders no other token's owners.
    /// @return codes One a row, in order.
    function withdrawBatch(
        address token,
        WithdrawalRow[] calldata rows
    ) external returns (RowCode[] memory codes);

    // ------------------------------------------------------------------ claims (ERC-6909)

    /// @notice ERC-6909 `approve` by the owner's signature over `Approval(address owner,address spender,address token,
    /// uint256 amount,uint64 nonce,uint48 deadline)`.
    /// @dev Reverts with {LedgerSignatureExpired}, {LedgerNonceUnusable}, {LedgerBadSignature}.
    function approveWithSignature(
        address owner,
        address spender,
        address token,
        uint256 amount,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external;

    /// @notice ERC-6909 `transfer` from the caller's account to many: its account is written once. Logs a `Transfer` for
    /// each; a credit of zero is passed over, and nothing happens if all are.
    /// @dev Reverts as a whole, with {LedgerInvalidRecipient}, {LedgerInsufficientBalance} for the sum, {LedgerAccountFrozen}.
    function transferMany(address token, Credit[] calldata credits) external;

    /// @notice The most that `spender` can move out of the account by `transferFrom` now: bounded by balance and allowance,
    /// zero under a live freeze. {qTok}
    function spendable(address owner, address spender, address token) external view returns (uint128);

    error LedgerInsufficientAllowance(
        address owner,
        address spender,
        address token,
        uint256 allowed,
        uint256 needed
    );
    error LedgerNotAToken(uint256 id);

    // ------------------------------------------------------------------ freeze

    /// @notice The account cannot be lowered until `until` (exclusive). `evidence` commits to the order behind it.
    event Frozen(address indexed owner, address indexed token, uint48 until, bytes32 evidence);

    /// @notice The freeze was lifted before its time.
    event Unfrozen(address indexed owner, address indexed token, bytes32 evidence);

    error LedgerAccountFrozen(address owner, address token, uint48 until);
    error LedgerInvalidFreeze(uint256 timestamp, uint48 until, uint256 maximum);

    /// @notice Freezes an account for at most 30 days from now. A renewal is a new public act. Money can still arrive.
    /// @dev For the role that the AccessManager assigns. Reverts with {LedgerInvalidFreeze} unless
    /// `block.timestamp < until <= block.timestamp + 30 days`, or `AccessManagedUnauthorized`.
    function freeze(address owner, address token, uint48 until, bytes32 evidence) external;

    /// @notice Lifts a freeze. No effect on an account that is not frozen, but for the event.
    function unfreeze(address owner, address token, bytes32 evidence) external;

    // ------------------------------------------------------------------ views

    function accountOf(address owner, address token) external view returns (AccountView memory);

    /// @notice {accountOf} for many pairs at one block.
    /// @dev Reverts with {LedgerLengthMismatch}.
    function accountsOf(
        address[] calldata owners,
        address[] calldata tokens
    ) external view returns (AccountView[] memory);

    error LedgerLengthMismatch(uint256 owners, uint256 tokens);
}
