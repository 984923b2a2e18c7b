// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title GreedyToken
/// @notice Takes one unit more from the sender of a `transfer` than the amount says.
contract GreedyToken is TestToken {
    constructor() TestToken("Greedy", "GRD", 6) {}

    function transfer(address to, uint256 value) public override returns (bool) {
        _burn(msg.sender, 1);
        return super.transfer(to, value);
    }
}
