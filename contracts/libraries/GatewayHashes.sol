// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authorization} from "../types/GatewayTypes.sol";
import {LedgerHashes} from "./LedgerHashes.sol";

/// @title GatewayHashes
/// @notice EIP-712 hashes of what the Gateway takes beside the Ledger's and the Escrow's, and the types of Permit2's witnesses.
library GatewayHashes {
    /// @dev A payment by ERC-3009. By Permit2 it is the Ledger's `Payment`, as wallets show it: so the id names the way, and
    /// a payer who signs for both has made two payments.
    bytes32 internal constant AUTHORIZED_PAYMENT_TYPEHASH = keccak256(
        "AuthorizedPayment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)"
    );

    bytes32 internal constant DEPOSIT_TYPEHASH = keccak256(
        "Deposit(uint8 kind,address from,address owner,address token,uint128 amount,uint64 nonce,uint48 deadline)"
    );

    /// @dev ERC-2612.
    bytes32 internal constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @dev What follows Permit2's stub: the witness, then every type that it refers to, in alphabetical order.
    string internal constant PAYMENT_WITNESS =
        "Payment witness)Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)TokenPermissions(address token,uint256 amount)";

    string internal constant HOLD_WITNESS =
        "Payment witness)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,HoldTerms terms)Split(address recipient,uint16 shareBps)TokenPermissions(address token,uint256 amount)";

    string internal constant DEPOSIT_WITNESS =
        "Deposit witness)Deposit(uint8 kind,address from,address owner,address token,uint128 amount,uint64 nonce,uint48 deadline)TokenPermissions(address token,uint256 amount)";

    function paymentTypehash(Authorization kind) internal pure returns (bytes32) {
        return kind == Authorization.Erc3009 ? AUTHORIZED_PAYMENT_TYPEHASH : LedgerHashes.PAYMENT_TYPEHASH;
    }

    function deposit(
        Authorization kind,
        address from,
        address owner,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEPOSIT_TYPEHASH, kind, from, owner, token, amount, nonce, deadline));
    }

    function permit(
        address owner,
        address spender,
        uint128 amount,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, amount, nonce, deadline));
    }
}
