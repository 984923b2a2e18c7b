// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authorization} from "../types/GatewayTypes.sol";
import {RowCode} from "../types/LedgerTypes.sol";
import {X402Batch, X402Row} from "../types/X402Types.sol";
import {IX402ExactPermit2Proxy} from "./IX402ExactPermit2Proxy.sol";

/// @title IX402Settler
/// @notice Settles many payments of x402's scheme `exact` in one transaction, from payers' tokens to payees, past the Ledger.
/// What is signed is x402's: ERC-3009's `TransferWithAuthorization`, or a Permit2 transfer whose spender is x402's own proxy.
/// Either names payee and amount, so whoever calls cannot change them, and anyone may call the token or the proxy instead.
///
/// Rows are isolated: a row whose authorization is used, cancelled, expired or badly signed, or whose token misbehaves,
/// changes nothing but the log.
///
/// Rows carry compact ECDSA signatures. A row whose `r` is zero has its signature in `signatures`, at the index `vs`, of
/// whichever kind token or Permit2 take; `BadSignature` if there is none.
interface IX402Settler {
    /// @notice A payment was made, in full, by this contract's call. {id} names all of its terms but the signature.
    event Settled(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        address token,
        uint256 amount
    );

    /// @notice A row had no effect. Anyone can cause this about any `id`.
    event Rejected(bytes32 indexed id, address indexed payer, RowCode code);

    error X402SettlerUnsupported(Authorization kind);
    error X402SettlerOnlySelf(address caller);
    error X402SettlerOutOfGas(uint256 left, uint256 needed);
    error X402SettlerArrivedOther(address token, uint256 arrived, uint256 amount);

    /// @notice Settles payments. Anyone may call.
    ///
    /// Codes, in this order: `InvalidPayee` (zero), `ZeroAmount`, `AuthorizationUsed` whatever else would keep the row from
    /// settling, `TooEarly`, `Expired`, `BadSignature` (an index that is none), `InsufficientBalance`, `TransferFailed`.
    /// @return codes One a row, in the order of the rows.
    /// @dev Reverts with {X402SettlerUnsupported}, {X402SettlerOutOfGas} rather than give a row less than {ROW_GAS}.
    function settle(
        X402Batch[] calldata batches,
        bytes[] calldata signatures
    ) external returns (RowCode[][] memory codes);

    /// @notice The hash of kind, token and the row without its signature.
    function rowId(
        Authorization kind,
        address token,
        X402Row calldata row
    ) external pure returns (bytes32 id);

    /// @notice Whether a payer's authorization was used or cancelled.
    /// @dev Reverts as the token does.
    function isUsed(
        Authorization kind,
        address token,
        address payer,
        bytes32 nonce
    ) external view returns (bool);

    function proxy() external view returns (IX402ExactPermit2Proxy);

    /// @notice Permit2's address, as the proxy has it.
    function permit2() external view returns (address);
}
