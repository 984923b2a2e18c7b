// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HoldRow, Split} from "../types/EscrowTypes.sol";

/// @title EscrowHashes
/// @notice EIP-712 hashes of a hold's payment and of every act on a hold.
library EscrowHashes {
    /// @dev What follows the stub of `Payment`, as `Ledger.collect` takes it.
    string internal constant TERMS_TYPE =
        "HoldTerms terms)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)";

    bytes32 internal constant PAYMENT_TYPEHASH = keccak256(
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,HoldTerms terms)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)"
    );

    bytes32 internal constant TERMS_TYPEHASH = keccak256(
        "HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)"
    );

    bytes32 internal constant SPLIT_TYPEHASH = keccak256("Split(address recipient,uint16 shareBps)");

    bytes32 internal constant CAPTURE_TYPEHASH = keccak256(
        "Capture(bytes32 id,uint128 amount,uint128 captured,uint48 deadline)"
    );

    bytes32 internal constant VOID_TYPEHASH = keccak256("Void(bytes32 id,uint128 captured,uint48 deadline)");

    bytes32 internal constant REFUND_TYPEHASH = keccak256(
        "Refund(bytes32 id,uint128 amount,uint128 refunded,uint48 deadline)"
    );

    bytes32 internal constant DISPUTE_TYPEHASH = keccak256(
        "Dispute(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)"
    );

    bytes32 internal constant EVIDENCE_TYPEHASH = keccak256(
        "Evidence(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)"
    );

    bytes32 internal constant RULING_TYPEHASH = keccak256(
        "Ruling(bytes32 id,uint16 payerBps,uint128 captured,uint48 deadline)"
    );

    bytes32 internal constant SETTLEMENT_TYPEHASH = keccak256(
        "Settlement(bytes32 id,uint128 toPayer,uint128 captured,uint48 deadline)"
    );

    function splitsHash(Split[] calldata splits) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](splits.length);
        for (uint256 i = 0; i < splits.length; ++i) {
            hashes[i] = keccak256(abi.encode(SPLIT_TYPEHASH, splits[i].recipient, splits[i].shareBps));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// @notice Writes what the holds of a batch have in common into a buffer, which {idOf} completes hold by hold.
    /// @param domain The Ledger's.
    function prepare(
        bytes32 domain,
        address escrow,
        address payee,
        address token,
        Split[] calldata splits
    ) internal pure returns (uint256 buffer) {
        (bytes32 termsTypehash, bytes32 paymentTypehash) = (TERMS_TYPEHASH, PAYMENT_TYPEHASH);
        bytes32 hashOfSplits = splitsHash(splits);
        // In words: the terms (9: typehash, payee, splits, six of the hold's), the payment (8: typehash, payer, payee,
        // token, amount, nonce, deadline, terms), then 0x1901, domain, hash.
        // slither-disable-next-line assembly: hashes rows in one buffer; the tests hold it against abi.encode
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, 0x280))
            mstore(buffer, termsTypehash)
            mstore(add(buffer, 0x20), payee)
            mstore(add(buffer, 0x40), hashOfSplits)
            mstore(add(buffer, 0x120), paymentTypehash)
            mstore(add(buffer, 0x160), escrow)
            mstore(add(buffer, 0x180), token)
            mstore(add(buffer, 0x220), 0x1901)
            mstore(add(buffer, 0x240), domain)
        }
    }

    /// @notice The hold's id, which is the payment's, and the struct hash of its terms, without allocating memory.
    function idOf(
        uint256 buffer,
        HoldRow calldata hold
    ) internal pure returns (bytes32 id, bytes32 termsHash) {
        // slither-disable-next-line assembly: as in prepare
        assembly ("memory-safe") {
            calldatacopy(add(buffer, 0x60), add(hold, 0x80), 0xc0)
            termsHash := keccak256(buffer, 0x120)
            mstore(add(buffer, 0x140), calldataload(hold))
            calldatacopy(add(buffer, 0x1a0), add(hold, 0x20), 0x60)
            mstore(add(buffer, 0x200), termsHash)
            mstore(add(buffer, 0x260), keccak256(add(buffer, 0x120), 0x100))
            id := keccak256(add(buffer, 0x23e), 0x42)
        }
    }

    /// @notice The struct hash of the payment whose id {idOf} returned last.
    function structHashIn(uint256 buffer) internal pure returns (bytes32 structHash) {
        // slither-disable-next-line assembly: as in prepare
        assembly ("memory-safe") {
            structHash := mload(add(buffer, 0x260))
        }
    }

    /// @notice The struct hash of an act: each has the id, then its own members, then the deadline.
    function act(
        bytes32 typehash,
        bytes32 id,
        uint256 first,
        uint256 second,
        uint48 deadline
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(typehash, id, first, second, deadline));
    }

    function void_(bytes32 id, uint128 captured, uint48 deadline) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOID_TYPEHASH, id, captured, deadline));
    }
}
