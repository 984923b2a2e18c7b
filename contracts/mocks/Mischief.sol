// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Mischief
/// @notice What a called contract can do to the gas and memory of its caller.
library Mischief {
    /// @notice Leaves nothing of the gas it was given.
    function burnGas() internal pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    /// @notice Answers `first` and as many zeros after it as the gas allows.
    function answerAtLength(bytes32 first) internal view {
        uint256 size = _affordable();
        assembly {
            mstore(0, first)
            return(0, size)
        }
    }

    /// @notice Reverts with as many bytes as the gas allows.
    function revertAtLength() internal view {
        uint256 size = _affordable();
        assembly {
            revert(0, size)
        }
    }

    /// @dev Memory of `w` words costs `3w + w² / 512`.
    function _affordable() private view returns (uint256) {
        uint256 left = gasleft() - gasleft() / 8;
        return (Math.sqrt(left * 512 + 768 ** 2) - 768) * 32;
    }
}
