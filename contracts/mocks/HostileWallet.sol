// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

import {Mischief} from "./Mischief.sol";

/// @title HostileWallet
/// @notice A contract wallet that misbehaves when it is asked about a signature. It looks at no signature.
contract HostileWallet is IERC1271 {
    enum Mode {
        /// @dev Accepts whatever it is asked about.
        Accepts,
        /// @dev Refuses, by the book.
        Refuses,
        /// @dev Leaves nothing of its gas.
        BurnsGas,
        /// @dev Accepts, with an answer as long as its gas allows.
        AnswersAtLength,
        /// @dev Reverts, with as many bytes as its gas allows.
        RevertsAtLength,
        /// @dev Says the right word in 4 bytes where 32 are due.
        AnswersShort,
        /// @dev Says the right word with a bit beyond its 4 bytes.
        AnswersDirty,
        /// @dev Accepts a digest the first time in a transaction, refuses it from then on.
        ChangesItsMind,
        /// @dev Makes a call of anyone's choice, then accepts.
        Reenters,
        /// @dev Accepts after it has used a given amount of gas.
        Thirsts
    }

    Mode private _mode;
    uint256 private _thirst;
    address private _target;
    bytes private _data;

    constructor(Mode mode) {
        _mode = mode;
    }

    function setMode(Mode mode) external {
        _mode = mode;
    }

    /// @param amount {gas} what is used in all, from the first instruction on.
    function setThirst(uint256 amount) external {
        (_mode, _thirst) = (Mode.Thirsts, amount);
    }

    function setCall(address target, bytes calldata data) external {
        (_mode, _target, _data) = (Mode.Reenters, target, data);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        uint256 start = gasleft();
        bytes4 yes = IERC1271.isValidSignature.selector;
        Mode mode = _mode;
        if (mode == Mode.BurnsGas) Mischief.burnGas();
        if (mode == Mode.AnswersAtLength) Mischief.answerAtLength(yes);
        if (mode == Mode.RevertsAtLength) Mischief.revertAtLength();
        if (mode == Mode.AnswersShort) _answer(yes, 4);
        if (mode == Mode.AnswersDirty) _answer(bytes32(yes) | bytes32(uint256(1)), 32);
        if (mode == Mode.Reenters) _reenter();
        if (mode == Mode.Thirsts) _drink(start, _thirst);
        if (mode == Mode.Refuses || (mode == Mode.ChangesItsMind && _wasAsked(digest))) return 0xffffffff;
        return yes;
    }

    function _answer(bytes32 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }

    function _reenter() private view {
        (address target, bytes memory data) = (_target, _data);
        assembly ("memory-safe") {
            // A plain call, of which Solidity would say that it is not `view`.
            pop(staticcall(gas(), target, add(data, 0x20), mload(data), 0, 0))
        }
    }

    function _drink(uint256 start, uint256 amount) private view {
        // What follows costs about 100.
        while (start - gasleft() + 100 < amount) {}
    }

    /// @dev An address costs more to look at the first time in a transaction, which even a static call can tell.
    function _wasAsked(bytes32 digest) private view returns (bool) {
        address mark = address(uint160(uint256(keccak256(abi.encode(this, digest)))));
        uint256 before = gasleft();
        (bool ok, ) = mark.staticcall("");
        return ok && before - gasleft() < 2_000;
    }
}
