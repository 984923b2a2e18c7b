// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFeed} from "../interfaces/IPriceFeed.sol";

/// @title TestFeed
/// @notice A price feed for local chains and tests that answers what anybody sets.
contract TestFeed is IPriceFeed {
    uint8 private immutable _decimals;

    uint80 private _roundId;
    int256 private _answer;
    uint256 private _updatedAt;

    constructor(uint8 decimals_) {
        _decimals = decimals_;
    }

    /// @notice Answers `answer` from now on, as of this block.
    function setAnswer(int256 answer) external {
        setAnswerAsOf(answer, block.timestamp);
    }

    function setAnswerAsOf(int256 answer, uint256 updatedAt) public {
        ++_roundId;
        (_answer, _updatedAt) = (answer, updatedAt);
    }

    /// @inheritdoc IPriceFeed
    function decimals() external view returns (uint8) {
        return _decimals;
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_roundId, _answer, _updatedAt, _updatedAt, _roundId);
    }
}
