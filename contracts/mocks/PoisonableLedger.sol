// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Batch, RowCode} from "../types/LedgerTypes.sol";

/// @title PoisonableLedger
/// @notice Answers as a Ledger whose every row is good, but reverts as a whole if one has the poisonous memo: what the
/// Ledger must never do, and a relayer must survive.
contract PoisonableLedger {
    bytes32 public constant POISON = keccak256("poison");

    error Poisoned();

    function settle(Batch[] calldata batches) external pure returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = new RowCode[](batches[i].rows.length);
            for (uint256 j = 0; j < codes[i].length; ++j) {
                require(batches[i].rows[j].memo != POISON, Poisoned());
                codes[i][j] = RowCode.Settled;
            }
        }
    }
}
