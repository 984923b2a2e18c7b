// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title FalseReturnToken
/// @notice Once told to, moves nothing and answers false instead of reverting.
contract FalseReturnToken is TestToken {
    bool private _failing;

    constructor() TestToken("False Return", "FLS", 6) {}

    function setFailing(bool failing) external {
        _failing = failing;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return !_failing && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return !_failing && super.transferFrom(from, to, value);
    }
}
