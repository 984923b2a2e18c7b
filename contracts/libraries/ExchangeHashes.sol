// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FxRefund, FxRow, Quote, RefundRule} from "../types/ExchangeTypes.sol";
import {LedgerHashes} from "./LedgerHashes.sol";

/// @title ExchangeHashes
/// @notice EIP-712 hashes of quotes, of payments with the Exchange's terms, and of consents to refunds.
library ExchangeHashes {
    bytes32 internal constant QUOTE_TYPEHASH = keccak256(
        "Quote(address maker,address payToken,address settleToken,uint128 payAmount,uint128 settleAmount,uint64 generation,uint48 deadline,bytes32 salt)"
    );

    /// @dev What follows the stub of `Payment`, as `Ledger.collect` takes it.
    string internal constant TERMS_TYPE =
        "FxTerms terms)FxTerms(address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo)";

    bytes32 internal constant TERMS_TYPEHASH = keccak256(
        "FxTerms(address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo)"
    );

    string internal constant HOLD_TERMS_TYPE =
        "FxHoldTerms terms)FxHoldTerms(address settleToken,uint128 settleAmount,bytes32 quote,uint8 refundRule,uint48 refundDeadline,HoldTerms hold)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)";

    bytes32 internal constant HOLD_TERMS_TYPEHASH = keccak256(
        "FxHoldTerms(address settleToken,uint128 settleAmount,bytes32 quote,uint8 refundRule,uint48 refundDeadline,HoldTerms hold)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Split(address recipient,uint16 shareBps)"
    );

    bytes32 internal constant REFUND_TYPEHASH = keccak256(
        "FxRefund(bytes32 id,uint128 amount,uint128 refunded,bytes32 quote,uint128 maxCost,uint48 deadline)"
    );

    function quote(Quote calldata what) internal pure returns (bytes32) {
        return keccak256(abi.encode(QUOTE_TYPEHASH, what));
    }

    /// @notice Writes what the payments at a quote have in common into a buffer, which {termsOf} completes row by row.
    function prepare(address settleToken, bytes32 quoteId) internal pure returns (uint256 buffer) {
        bytes32 typehash = TERMS_TYPEHASH;
        // In words: typehash, payee, settlement token, settlement amount, quote, memo.
        // slither-disable-next-line assembly: hashes rows in one buffer; the tests hold it against abi.encode
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, 0xc0))
            mstore(buffer, typehash)
            mstore(add(buffer, 0x40), settleToken)
            mstore(add(buffer, 0x80), quoteId)
        }
    }

    /// @notice The struct hash of a row's terms, without allocating memory.
    function termsOf(uint256 buffer, FxRow calldata row) internal pure returns (bytes32 structHash) {
        // slither-disable-next-line assembly: as in prepare
        assembly ("memory-safe") {
            mstore(add(buffer, 0x20), calldataload(add(row, 0x80)))
            mstore(add(buffer, 0x60), calldataload(add(row, 0xa0)))
            mstore(add(buffer, 0xa0), calldataload(add(row, 0xc0)))
            structHash := keccak256(buffer, 0xc0)
        }
    }

    /// @param holdTerms The struct hash of the `HoldTerms`.
    function holdTermsOf(
        address settleToken,
        uint128 settleAmount,
        bytes32 quoteId,
        RefundRule refundRule,
        uint48 refundDeadline,
        bytes32 holdTerms
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    HOLD_TERMS_TYPEHASH,
                    settleToken,
                    settleAmount,
                    quoteId,
                    refundRule,
                    refundDeadline,
                    holdTerms
                )
            );
    }

    /// @notice The id of a payment to `payee` whose memo is the struct hash of terms of `termsType`.
    /// @param domain The Ledger's.
    function paymentId(
        bytes32 domain,
        string memory termsType,
        address payee,
        address token,
        uint256 payer,
        uint256 amount,
        uint256 nonce,
        uint256 deadline,
        bytes32 memo
    ) internal pure returns (bytes32) {
        bytes32 typehash = LedgerHashes.paymentTypehash(termsType);
        bytes32 structHash = keccak256(
            abi.encode(typehash, payer, payee, token, amount, nonce, deadline, memo)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @param refunded What was refunded before.
    function refund(
        bytes32 id,
        uint128 refunded,
        bytes32 quoteId,
        FxRefund calldata what
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REFUND_TYPEHASH,
                    id,
                    what.amount,
                    refunded,
                    quoteId,
                    what.maxCost,
                    what.consent.deadline
                )
            );
    }
}
