// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DeviceTerms, Row, WithdrawalRow} from "../types/LedgerTypes.sol";

/// @title LedgerHashes
/// @notice EIP-712 struct hashes of every message that the Ledger takes.
library LedgerHashes {
    bytes32 internal constant PAYMENT_TYPEHASH = keccak256(
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)"
    );

    /// @dev What the type of every payment to a scheme begins with; the scheme's terms take the memo's place.
    string private constant PAYMENT_STUB =
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,";

    bytes32 internal constant WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline)"
    );

    bytes32 internal constant CANCELLATION_TYPEHASH = keccak256(
        "Cancellation(address owner,address token,uint64 nonce,uint48 deadline)"
    );

    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(address payee,address operator,address token,uint16 feeBps,uint128 flatFee,uint64 nonce,uint48 deadline)"
    );

    bytes32 internal constant APPROVAL_TYPEHASH = keccak256(
        "Approval(address owner,address spender,address token,uint256 amount,uint64 nonce,uint48 deadline)"
    );

    bytes32 internal constant DEVICE_BINDING_TYPEHASH = keccak256(
        "DeviceBinding(address owner,address token,uint8 index,address key,uint48 expiry,uint112 perPayment,uint112 perDay,address[] payees,uint64 nonce,uint48 deadline)"
    );

    bytes32 internal constant DEVICE_REVOCATION_TYPEHASH = keccak256(
        "DeviceRevocation(address owner,address token,uint8 index,uint64 nonce,uint48 deadline)"
    );

    function payment(
        address payer,
        address payee,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline,
        bytes32 memo
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(PAYMENT_TYPEHASH, payer, payee, token, amount, nonce, deadline, memo));
    }

    /// @notice The typehash of a payment whose memo is the struct hash of a scheme's terms.
    function paymentTypehash(string memory termsType) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(PAYMENT_STUB, termsType));
    }

    /// @notice Writes what the rows of a batch have in common into a buffer, which {paymentOf} completes row by row.
    function prepare(
        bytes32 domain,
        bytes32 typehash,
        address payee,
        address token
    ) internal pure returns (uint256 buffer) {
        // Layout, in words: typehash, payer, payee, token, amount, nonce, deadline, memo; then 0x1901, domain, hash.
        // slither-disable-next-line assembly: hashes rows in one buffer; the tests hold it against abi.encode
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, 0x160))
            mstore(buffer, typehash)
            mstore(add(buffer, 0x40), payee)
            mstore(add(buffer, 0x60), token)
            mstore(add(buffer, 0x100), 0x1901)
            mstore(add(buffer, 0x120), domain)
        }
    }

    /// @notice The id of the payment in `row`. Equal to the digest over {payment}, without allocating memory.
    function paymentOf(uint256 buffer, Row calldata row) internal pure returns (bytes32 id) {
        // slither-disable-next-line assembly: as in prepare
        assembly ("memory-safe") {
            mstore(add(buffer, 0x20), calldataload(row))
            calldatacopy(add(buffer, 0x80), add(row, 0x20), 0x80)
            mstore(add(buffer, 0x140), keccak256(buffer, 0x100))
            id := keccak256(add(buffer, 0x11e), 0x42)
        }
    }

    /// @notice The struct hash of the payment whose id {paymentOf} returned last.
    function structHashIn(uint256 buffer) internal pure returns (bytes32 structHash) {
        // slither-disable-next-line assembly: as in prepare
        assembly ("memory-safe") {
            structHash := mload(add(buffer, 0x140))
        }
    }

    function withdrawal(address token, WithdrawalRow calldata row) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    WITHDRAWAL_TYPEHASH,
                    row.owner,
                    token,
                    row.to,
                    row.amount,
                    row.maxFee,
                    row.nonce,
                    row.deadline
                )
            );
    }

    function cancellation(
        address owner,
        address token,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCELLATION_TYPEHASH, owner, token, nonce, deadline));
    }

    function agreement(
        address payee,
        address operator,
        address token,
        uint16 feeBps,
        uint128 flatFee,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(AGREEMENT_TYPEHASH, payee, operator, token, feeBps, flatFee, nonce, deadline)
            );
    }

    function approval(
        address owner,
        address spender,
        address token,
        uint256 amount,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(APPROVAL_TYPEHASH, owner, spender, token, amount, nonce, deadline));
    }

    function deviceBinding(
        address owner,
        address token,
        uint8 index,
        DeviceTerms calldata terms,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DEVICE_BINDING_TYPEHASH,
                    owner,
                    token,
                    index,
                    terms.key,
                    terms.expiry,
                    terms.perPayment,
                    terms.perDay,
                    keccak256(abi.encodePacked(terms.payees)),
                    nonce,
                    deadline
                )
            );
    }

    function deviceRevocation(
        address owner,
        address token,
        uint8 index,
        uint64 nonce,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEVICE_REVOCATION_TYPEHASH, owner, token, index, nonce, deadline));
    }
}
