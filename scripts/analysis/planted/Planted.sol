// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Planted
/// @notice Faults that each run of Slither has to find, and one that it has to keep quiet about. Never deployed: a run that finds
/// less than this has seen nothing, and one that finds more does not heed what is explained beside the code.
contract Planted {
    mapping(address owner => uint256) private _balances;

    function deposit() external payable {
        _balances[msg.sender] += msg.value;
    }

    /// @dev reentrancy-eth, low-level-calls: the balance is still there while its owner is called.
    function withdrawAll() external {
        (bool done, ) = msg.sender.call{value: _balances[msg.sender]}("");
        require(done);
        _balances[msg.sender] = 0;
    }

    /// @dev arbitrary-send-erc20, unchecked-transfer: anybody takes from anybody, and a refusal goes unnoticed.
    function take(IERC20 token, address from, uint256 amount) external {
        token.transferFrom(from, msg.sender, amount);
    }

    /// @dev tx-origin: explained away, so not to be found.
    function isOrigin() external view returns (bool) {
        // slither-disable-next-line tx-origin: planted
        return tx.origin == msg.sender;
    }

    /// @dev unused-ignore-directive: there is nothing here to be quiet about.
    function count() external pure returns (uint256) {
        // slither-disable-next-line divide-before-multiply: planted
        return 1;
    }
}
