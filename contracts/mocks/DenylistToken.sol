// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title DenylistToken
/// @notice Refuses transfers from and to whom it lists, as issuers of currencies do.
contract DenylistToken is TestToken {
    mapping(address => bool) private _denied;

    error Denied(address account);

    constructor() TestToken("Denylist", "DNY", 6) {}

    function deny(address account, bool denied) external {
        _denied[account] = denied;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!_denied[from], Denied(from));
        require(!_denied[to], Denied(to));
        super._update(from, to, value);
    }
}
