// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title FeeOnTransferToken
/// @notice Burns a share of every transfer, so that less arrives than was sent.
contract FeeOnTransferToken is TestToken {
    uint256 private immutable _feeBps;

    constructor(uint256 feeBps) TestToken("Fee On Transfer", "FOT", 18) {
        _feeBps = feeBps;
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : (value * _feeBps) / 10_000;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}
