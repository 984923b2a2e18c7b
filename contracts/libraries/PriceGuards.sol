// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceFeed} from "../interfaces/IPriceFeed.sol";
import {Guard, GuardTerms} from "../types/ExchangeTypes.sol";
import {RowCode} from "../types/LedgerTypes.sol";

/// @title PriceGuards
/// @notice Holds quotes against price feeds: their sign, their age, and how far the quote is off.
library PriceGuards {
    uint256 internal constant BPS = 10_000;

    /// @dev A feed that needs more is taken for one that does not answer.
    uint256 private constant FEED_GAS = 100_000;
    uint8 private constant MAX_DECIMALS = 18;
    /// @dev With 36 decimals, a deviation and an amount, two products of at most 512 bits are compared.
    uint256 private constant MAX_PRICE = type(uint96).max;

    /// @notice The guard that terms come to. @return valid Whether they do not contradict themselves; it reverts where a feed or
    /// token does not tell its decimals.
    function build(
        address payToken,
        address settleToken,
        GuardTerms calldata terms
    ) internal view returns (bool valid, Guard memory guard) {
        if (payToken == settleToken) return (false, guard);
        if (terms.maxAge == 0 || terms.maxDeviationBps > BPS) return (false, guard);
        uint8[4] memory decimals = [
            IERC20Metadata(payToken).decimals(),
            _feedDecimals(terms.payFeed),
            IERC20Metadata(settleToken).decimals(),
            _feedDecimals(terms.settleFeed)
        ];
        for (uint256 i = 0; i < decimals.length; ++i) {
            if (decimals[i] > MAX_DECIMALS) return (false, guard);
        }
        guard = Guard({
            payFeed: terms.payFeed,
            maxAge: terms.maxAge,
            maxDeviationBps: terms.maxDeviationBps,
            // At most 36 on either side.
            exponent: int8(decimals[0]) + int8(decimals[1]) - int8(decimals[2]) - int8(decimals[3]),
            isSet: true,
            settleFeed: terms.settleFeed
        });
        return (true, guard);
    }

    /// @notice `Settled` if the rate of `payAmount` for `settleAmount` lies within the guard's bounds, inclusive.
    function codeOf(
        Guard memory guard,
        uint256 payAmount,
        uint256 settleAmount
    ) internal view returns (RowCode) {
        (bool isPayFresh, uint256 payPrice) = _priceOf(guard.payFeed, guard.maxAge);
        if (!isPayFresh) return RowCode.StaleFeed;
        (bool isSettleFresh, uint256 settlePrice) = _priceOf(guard.settleFeed, guard.maxAge);
        if (!isSettleFresh) return RowCode.StaleFeed;
        // Both sides' values, in one unit: prices have at most 96 bits, the power of ten 120, the factors below 15.
        if (guard.exponent >= 0) settlePrice *= 10 ** uint8(guard.exponent);
        else payPrice *= 10 ** uint8(-guard.exponent);
        (uint256 takenHigh, uint256 takenLow) = Math.mul512(payAmount, payPrice * BPS);
        (uint256 mostHigh, uint256 mostLow) = Math.mul512(
            settleAmount,
            settlePrice * (BPS + guard.maxDeviationBps)
        );
        (uint256 leastHigh, uint256 leastLow) = Math.mul512(
            settleAmount,
            settlePrice * (BPS - guard.maxDeviationBps)
        );
        bool isWithin =
            !_isLess(mostHigh, mostLow, takenHigh, takenLow) &&
                !_isLess(takenHigh, takenLow, leastHigh, leastLow);
        return isWithin ? RowCode.Settled : RowCode.OutsideGuard;
    }

    function _isLess(uint256 aHigh, uint256 aLow, uint256 bHigh, uint256 bLow) private pure returns (bool) {
        return aHigh < bHigh || (aHigh == bHigh && aLow < bLow);
    }

    function _feedDecimals(address feed) private view returns (uint8) {
        return feed == address(0) ? 0 : IPriceFeed(feed).decimals();
    }

    /// @dev Never reverts: an upgraded feed may answer anything, and rows of other pairs travel in the same transaction.
    function _priceOf(address feed, uint256 maxAge) private view returns (bool isFresh, uint256 price) {
        if (feed == address(0)) return (true, 1);
        bytes4 selector = IPriceFeed.latestRoundData.selector;
        bool answered;
        int256 answer;
        uint256 updatedAt;
        // slither-disable-next-line assembly: a bounded call whose answer cannot make it revert
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            answered := staticcall(FEED_GAS, feed, free, 4, free, 0xa0)
            answered := and(answered, gt(returndatasize(), 0x9f))
            answer := mload(add(free, 0x20))
            updatedAt := mload(add(free, 0x60))
        }
        if (!answered || answer <= 0 || uint256(answer) > MAX_PRICE) return (false, 0);
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > maxAge) return (false, 0);
        return (true, uint256(answer));
    }
}
