// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title LyingToken
/// @notice Tells everybody twice the balance that is there, so that a deposit seems to be worth twice as much.
contract LyingToken is TestToken {
    constructor() TestToken("Lying", "LIE", 6) {}

    function balanceOf(address account) public view override returns (uint256) {
        return 2 * super.balanceOf(account);
    }
}
