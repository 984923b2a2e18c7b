// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {FxRow} from "../types/ExchangeTypes.sol";
import {OpenRow} from "../types/EscrowTypes.sol";
import {RowCode} from "../types/LedgerTypes.sol";

/// @title Collections
/// @notice Calls of `Ledger.collectUpTo`, written row by row where they are sent from. Solidity would write each row to memory,
/// copy it into the call and copy the answer out of it, which costs a row of `npm run bench:gas` some 2,000 gas.
library Collections {
    /// @dev Bytes of a row: payer, amount, nonce, deadline, memo, r, vs.
    uint256 private constant ROW = 0xe0;

    struct Collection {
        /// @dev The call: selector, token, three offsets, rows, takes, type.
        bytes data;
        /// @dev Where in `data` the first row is.
        uint256 rows;
        /// @dev Those in `data`, with their length before them as everywhere in memory. {qTok}
        uint128[] takes;
    }

    /// @notice A call for `count` rows, all of them still to be set, as are the takes.
    function allocate(
        address token,
        uint256 count,
        string memory termsType
    ) internal pure returns (Collection memory collection) {
        bytes4 selector = ILedger.collectUpTo.selector;
        (bytes memory data, uint128[] memory takes, uint256 rows) = (collection.data, collection.takes, 0);
        // slither-disable-next-line assembly: the call's layout, without a copy: see the library's notice
        assembly ("memory-safe") {
            data := mload(0x40)
            let head := add(data, 0x24)
            let length := mload(termsType)
            rows := add(head, 0xa0)
            takes := add(rows, mul(count, ROW))
            let text := add(takes, mul(add(count, 1), 0x20))
            let end := add(add(text, 0x20), and(add(length, 0x1f), not(0x1f)))
            mstore(0x40, and(add(end, 0x1f), not(0x1f)))
            mstore(data, sub(end, add(data, 0x20)))
            mstore(add(data, 0x20), selector)
            mstore(head, token)
            mstore(add(head, 0x20), 0x80)
            mstore(add(head, 0x40), sub(takes, head))
            mstore(add(head, 0x60), sub(text, head))
            mstore(add(head, 0x80), count)
            mstore(takes, count)
            mcopy(text, termsType, add(length, 0x20))
        }
        // What follows the text up to `end` may be anything: no decoder looks at it.
        (collection.data, collection.rows, collection.takes) = (data, rows, takes);
    }

    /// @notice Sets a row to the payment of `row`, with the hash of its terms for its memo.
    function set(
        Collection memory collection,
        uint256 index,
        FxRow calldata row,
        bytes32 terms
    ) internal pure {
        uint256 rows = collection.rows;
        // slither-disable-next-line assembly: one copy of a row's words, of calldata
        assembly ("memory-safe") {
            let place := add(rows, mul(index, ROW))
            calldatacopy(place, row, 0x80)
            mstore(add(place, 0x80), terms)
            calldatacopy(add(place, 0xa0), add(row, 0xe0), 0x40)
        }
    }

    /// @notice Sets a row to the payment into the hold of `row`, with its ceiling.
    function set(
        Collection memory collection,
        uint256 index,
        OpenRow calldata row,
        uint128 ceiling,
        bytes32 terms
    ) internal pure {
        uint256 rows = collection.rows;
        // slither-disable-next-line assembly: one copy of a row's words, of calldata
        assembly ("memory-safe") {
            let place := add(rows, mul(index, ROW))
            mstore(place, calldataload(row))
            mstore(add(place, 0x20), ceiling)
            calldatacopy(add(place, 0x40), add(row, 0x40), 0x40)
            mstore(add(place, 0x80), terms)
            calldatacopy(add(place, 0xa0), add(row, 0x140), 0x40)
        }
    }

    /// @notice Sets a row and its take to those of another call.
    function copy(
        Collection memory collection,
        uint256 index,
        Collection memory source,
        uint256 sourceIndex
    ) internal pure {
        (uint256 to, uint256 from) = (collection.rows, source.rows);
        // slither-disable-next-line assembly: one copy of a row's words, in memory
        assembly ("memory-safe") {
            mcopy(add(to, mul(index, ROW)), add(from, mul(sourceIndex, ROW)), ROW)
        }
        collection.takes[index] = source.takes[sourceIndex];
    }

    /// @notice What of a row makes its id: the words from payer to memo.
    function payment(
        Collection memory collection,
        uint256 index
    ) internal pure returns (uint256 payer, uint256 amount, uint256 nonce, uint256 deadline, bytes32 memo) {
        uint256 rows = collection.rows;
        // slither-disable-next-line assembly: a row's words, where the call has them
        assembly ("memory-safe") {
            let place := add(rows, mul(index, ROW))
            payer := mload(place)
            amount := mload(add(place, 0x20))
            nonce := mload(add(place, 0x40))
            deadline := mload(add(place, 0x60))
            memo := mload(add(place, 0x80))
        }
    }

    /// @notice Sends the call. The Ledger is trusted to answer two arrays, which are used as they come.
    /// @dev Reverts as the Ledger does.
    function collect(
        Collection memory collection,
        ILedger ledger
    ) internal returns (RowCode[] memory codes, bytes32[] memory ids) {
        bytes memory data = collection.data;
        // slither-disable-next-line assembly: sends the call as it is written, and reads the answer where it lies
        assembly ("memory-safe") {
            let answer := mload(0x40)
            let done := call(gas(), ledger, 0, add(data, 0x20), mload(data), 0, 0)
            returndatacopy(answer, 0, returndatasize())
            if iszero(done) {
                revert(answer, returndatasize())
            }
            mstore(0x40, add(answer, returndatasize()))
            codes := add(answer, mload(answer))
            ids := add(answer, mload(add(answer, 0x20)))
        }
    }
}
