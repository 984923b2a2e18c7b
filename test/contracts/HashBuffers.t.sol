// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EscrowHashes} from "../../contracts/libraries/EscrowHashes.sol";
import {ExchangeHashes} from "../../contracts/libraries/ExchangeHashes.sol";
import {LedgerHashes} from "../../contracts/libraries/LedgerHashes.sol";
import {HoldRow, Split} from "../../contracts/types/EscrowTypes.sol";
import {FxRow} from "../../contracts/types/ExchangeTypes.sol";
import {Row} from "../../contracts/types/LedgerTypes.sol";
import {Test} from "./Test.sol";

/// @dev Hashes are made in buffers that nothing else may lie in.
contract HashBuffersTest is Test {
    bytes32 private constant WORD = bytes32(type(uint256).max);

    function hashPayment(Row calldata row) external pure {
        uint256 buffer = LedgerHashes.prepare(WORD, WORD, address(1), address(2));
        bytes memory behind = abi.encodePacked(WORD);
        bytes32 id = LedgerHashes.paymentOf(buffer, row);
        assertEq(keccak256(behind), keccak256(abi.encodePacked(WORD)), "behind");
        assertEq(LedgerHashes.paymentOf(buffer, row), id, "again");
        assertHolds(buffer, WORD);
    }

    function hashTerms(FxRow calldata row) external pure {
        uint256 buffer = ExchangeHashes.prepare(address(1), WORD);
        bytes memory behind = abi.encodePacked(WORD);
        ExchangeHashes.termsOf(buffer, row);
        assertEq(keccak256(behind), keccak256(abi.encodePacked(WORD)), "behind");
        assertHolds(buffer, ExchangeHashes.TERMS_TYPEHASH);
    }

    function hashHold(HoldRow calldata row, Split[] calldata splits) external pure {
        uint256 buffer = EscrowHashes.prepare(WORD, address(1), address(2), address(3), splits);
        bytes memory behind = abi.encodePacked(WORD);
        EscrowHashes.idOf(buffer, row);
        assertEq(keccak256(behind), keccak256(abi.encodePacked(WORD)), "behind");
        assertHolds(buffer, EscrowHashes.TERMS_TYPEHASH);
    }

    function assertHolds(uint256 buffer, bytes32 first) private pure {
        bytes32 found;
        assembly ("memory-safe") {
            found := mload(buffer)
        }
        assertEq(found, first, "first word");
    }

    function test_NothingElseLiesInABuffer() public view {
        // Its last byte is where what comes behind would begin.
        for (uint256 i = 0; i < 4; ++i) {
            bytes32 memo = bytes32(type(uint256).max - i);
            Row memory row;
            row.memo = memo;
            this.hashPayment(row);
            FxRow memory fxRow;
            fxRow.memo = memo;
            this.hashTerms(fxRow);
            HoldRow memory hold;
            hold.memo = memo;
            this.hashHold(hold, new Split[](0));
        }
    }
}
