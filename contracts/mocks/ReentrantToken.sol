// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title ReentrantToken
/// @notice Makes a call of anyone's choice in the middle of each transfer, and remembers how it ended.
contract ReentrantToken is TestToken {
    address private _target;
    bytes private _data;
    bool public lastCallSucceeded;
    bytes public lastAnswer;

    constructor() TestToken("Reentrant", "RNT", 6) {}

    function setCall(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target == address(0) || from == address(0)) return;
        (lastCallSucceeded, lastAnswer) = _target.call(_data);
    }
}
