// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HoldState, HoldStatus} from "../types/EscrowTypes.sol";

/// @title Holds
/// @notice The layout of a hold's word, lowest bits first: captured (104), refunded (104), disputedAt (40), status (8).
library Holds {
    uint256 private constant REFUNDED_AT = 104;
    uint256 private constant DISPUTED_AT = 208;
    uint256 private constant STATUS_AT = 248;

    function pack(
        HoldStatus status_,
        uint40 disputedAt_,
        uint104 captured_,
        uint104 refunded_
    ) internal pure returns (HoldState) {
        return
            HoldState.wrap(
                uint256(captured_) |
                    (uint256(refunded_) << REFUNDED_AT) |
                    (uint256(disputedAt_) << DISPUTED_AT) |
                    (uint256(status_) << STATUS_AT)
            );
    }

    function status(HoldState state) internal pure returns (HoldStatus) {
        return HoldStatus(HoldState.unwrap(state) >> STATUS_AT);
    }

    /// @notice {s}
    function disputedAt(HoldState state) internal pure returns (uint40) {
        return uint40(HoldState.unwrap(state) >> DISPUTED_AT);
    }

    /// @notice {qTok}
    function captured(HoldState state) internal pure returns (uint104) {
        return uint104(HoldState.unwrap(state));
    }

    /// @notice {qTok}
    function refunded(HoldState state) internal pure returns (uint104) {
        return uint104(HoldState.unwrap(state) >> REFUNDED_AT);
    }
}
