// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title HostileFeed
/// @notice A price feed that answers as it likes.
contract HostileFeed {
    enum Mood {
        Revert,
        BurnGas,
        AnswerShort,
        AnswerNothing,
        AnswerLong
    }

    Mood public mood;

    error HostileFeedRefuses();

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (mood == Mood.Revert) revert HostileFeedRefuses();
        while (mood == Mood.BurnGas) {}
        bool isLong = mood == Mood.AnswerLong;
        bool isShort = mood == Mood.AnswerShort;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 1)
            mstore(add(free, 0x20), 108000000)
            mstore(add(free, 0x40), timestamp())
            mstore(add(free, 0x60), timestamp())
            if isLong {
                return(free, 0x4000)
            }
            if isShort {
                return(free, 0x80)
            }
            return(free, 0)
        }
    }
}
