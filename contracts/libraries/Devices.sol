// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    Device,
    DeviceKey,
    DeviceLimits,
    DeviceState,
    DeviceTerms,
    DeviceView,
    RowCode
} from "../types/LedgerTypes.sol";
import {NonceWindow} from "./NonceWindow.sol";

/// @title Devices
/// @notice Further keys of an account, each with limits and a nonce window of its own.
/// @dev The layout of a device's words, lowest bits first. Key: address (160), expiry (48), generation (40), whether it may
/// pay anybody (8). Limits: per payment (112), per day (112). State: window (64), nextNonce (56), day (24), spent that
/// day (112). Packed by hand, so that each is read once.
library Devices {
    uint256 private constant EXPIRY_AT = 160;
    uint256 private constant GENERATION_AT = 208;
    uint256 private constant ANY_PAYEE_AT = 248;
    uint256 private constant PER_DAY_AT = 112;
    uint256 private constant NEXT_NONCE_AT = 64;
    uint256 private constant DAY_AT = 120;
    uint256 private constant SPENT_AT = 144;

    /// @dev Above an address, where two things share a word.
    uint256 private constant ABOVE_ADDRESS = 160;

    /// @dev Where a device's index stands in a nonce; below it is the sequence number.
    uint256 private constant INDEX_AT = 56;

    function indexOf(uint64 nonce) internal pure returns (uint256) {
        return nonce >> INDEX_AT;
    }

    /// @notice The device's state after a payment, or why it may not make it. Looks at neither balance nor signature.
    /// @return code `Settled`, or why not.
    /// @return key Who has to have signed it.
    /// @return next The state, to be kept if she did.
    function spend(
        Device storage device,
        address payee,
        uint128 amount,
        uint64 nonce
    ) internal view returns (RowCode code, address key, DeviceState next) {
        DeviceKey word = device.key;
        key = addressOf(word);
        // Where there is no key, there is no time either.
        if (block.timestamp > expiryOf(word)) return (RowCode.DeviceInactive, key, next);
        uint256 state = DeviceState.unwrap(device.state);
        uint256 today = block.timestamp / 1 days;
        uint256 spent = _spentOn(state, today);
        uint256 limits = DeviceLimits.unwrap(device.limits);
        unchecked {
            spent += amount; // 112 and 128 bits
        }
        if (amount > uint112(limits) || spent > limits >> PER_DAY_AT) {
            return (RowCode.OverDeviceLimit, key, next);
        }
        if (!_mayPay(device, word, payee)) return (RowCode.PayeeNotAllowed, key, next);
        uint56 nextNonce_;
        uint64 window_;
        (code, nextNonce_, window_) = NonceWindow.use(
            uint56(state >> NEXT_NONCE_AT),
            uint64(state),
            uint56(nonce)
        );
        // `spent` is at most the limit of a day, which has 112 bits.
        next = DeviceState.wrap(
            uint256(window_) |
                (uint256(nextNonce_) << NEXT_NONCE_AT) |
                (today << DAY_AT) |
                (spent << SPENT_AT)
        );
    }

    function bind(Device storage device, DeviceTerms calldata terms) internal {
        // A generation of its own, so that the payees of an earlier key are forgotten.
        uint40 generation = generationOf(device.key) + 1;
        bool anyPayee = terms.payees.length == 0;
        device.key = _packKey(terms.key, terms.expiry, generation, anyPayee);
        device.limits = DeviceLimits.wrap(terms.perPayment | (uint256(terms.perDay) << PER_DAY_AT));
        for (uint256 i = 0; i < terms.payees.length; ++i) {
            device.payees[_payeeKey(generation, terms.payees[i])] = true;
        }
    }

    function revoke(Device storage device) internal {
        device.key = _packKey(address(0), 0, generationOf(device.key), false);
    }

    function isBound(Device storage device) internal view returns (bool) {
        return addressOf(device.key) != address(0);
    }

    function mayPay(Device storage device, address payee) internal view returns (bool) {
        return _mayPay(device, device.key, payee);
    }

    function isNonceUsed(Device storage device, uint64 nonce) internal view returns (bool) {
        uint256 state = DeviceState.unwrap(device.state);
        return NonceWindow.isUsed(uint56(state >> NEXT_NONCE_AT), uint64(state), uint56(nonce));
    }

    function viewOf(Device storage device) internal view returns (DeviceView memory) {
        DeviceKey word = device.key;
        uint256 limits = DeviceLimits.unwrap(device.limits);
        uint256 state = DeviceState.unwrap(device.state);
        return
            DeviceView({
                key: addressOf(word),
                expiry: expiryOf(word),
                perPayment: uint112(limits),
                perDay: uint112(limits >> PER_DAY_AT),
                spentToday: uint112(_spentOn(state, block.timestamp / 1 days)),
                anyPayee: isForAnyPayee(word),
                window: uint64(state),
                nextNonce: uint56(state >> NEXT_NONCE_AT)
            });
    }

    function addressOf(DeviceKey word) internal pure returns (address) {
        return address(uint160(DeviceKey.unwrap(word)));
    }

    /// @notice {s} inclusive
    function expiryOf(DeviceKey word) internal pure returns (uint48) {
        return uint48(DeviceKey.unwrap(word) >> EXPIRY_AT);
    }

    /// @notice How many keys were bound at this index.
    function generationOf(DeviceKey word) internal pure returns (uint40) {
        return uint40(DeviceKey.unwrap(word) >> GENERATION_AT);
    }

    function isForAnyPayee(DeviceKey word) internal pure returns (bool) {
        return DeviceKey.unwrap(word) >> ANY_PAYEE_AT != 0;
    }

    /// @dev {qTok} what was spent on `day`, if the state is of that day.
    function _spentOn(uint256 state, uint256 day) private pure returns (uint256) {
        // slither-disable-next-line incorrect-equality: a day is compared by its number
        return uint24(state >> DAY_AT) == day ? state >> SPENT_AT : 0;
    }

    function _mayPay(Device storage device, DeviceKey word, address payee) private view returns (bool) {
        return isForAnyPayee(word) || device.payees[_payeeKey(generationOf(word), payee)];
    }

    function _payeeKey(uint40 generation, address payee) private pure returns (uint256) {
        return uint256(uint160(payee)) | (uint256(generation) << ABOVE_ADDRESS);
    }

    function _packKey(
        address key,
        uint48 expiry,
        uint40 generation,
        bool anyPayee
    ) private pure returns (DeviceKey) {
        return
            DeviceKey.wrap(
                uint256(uint160(key)) |
                    (uint256(expiry) << EXPIRY_AT) |
                    (uint256(generation) << GENERATION_AT) |
                    (anyPayee ? uint256(1) << ANY_PAYEE_AT : 0)
            );
    }
}
