// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

import {Mischief} from "./Mischief.sol";
import {TestToken} from "./TestToken.sol";

/// @title HostileAuthorizationToken
/// @notice A token that misbehaves, in any one of its functions that others rely on, in any one of these ways.
contract HostileAuthorizationToken is TestToken {
    enum Mode {
        /// @dev By the book.
        Honest,
        /// @dev Keeps one percent of what moves.
        TakesFee,
        /// @dev Says that it moved, and did not.
        MovesNothing,
        /// @dev Marks the authorization as used, and moves nothing.
        OnlyMarks,
        /// @dev Lets the same authorization be used again.
        ForgetsMark,
        /// @dev Delivers one unit more than was sent.
        DeliversMore,
        /// @dev Makes a call of anyone's choice in the middle.
        Reenters,
        BurnsGas,
        AnswersAtLength,
        RevertsAtLength,
        /// @dev Answers false instead of reverting.
        AnswersFalse,
        /// @dev Reverts with a reason of anyone's choice, which may be another contract's.
        Reverts
    }

    /// @dev By the selector of the function that was called from outside.
    mapping(bytes4 selector => Mode) public modeOf;
    mapping(address from => mapping(bytes32 nonce => bool)) private _forgotten;
    address private _target;
    bytes private _data;
    bool public lastCallSucceeded;
    bytes public lastAnswer;

    constructor() TestToken("Hostile", "HST", 6) {}

    /// @notice Sets how each way in behaves: both forms of `receiveWithAuthorization`, and `transferFrom`.
    function setMode(Mode mode) external {
        modeOf[ERC3009.receiveWithAuthorization.selector] = mode;
        modeOf[
            bytes4(
                keccak256("receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)")
            )
        ] = mode;
        modeOf[this.transferFrom.selector] = mode;
    }

    /// @notice Sets how one function behaves.
    function setModeOf(bytes4 selector, Mode mode) external {
        modeOf[selector] = mode;
    }

    /// @param data Of the call, or the reason to revert with.
    function setCall(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        if (_mode() == Mode.AnswersFalse) return false;
        _spendAllowance(from, msg.sender, value);
        _move(from, to, value);
        return true;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (_mode() == Mode.AnswersFalse) return false;
        _move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) public override returns (bool) {
        _misbehave();
        return _mode() != Mode.AnswersFalse && super.approve(spender, value);
    }

    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) public override {
        _misbehave();
        if (_mode() != Mode.MovesNothing) super.permit(owner, spender, value, deadline, v, r, s);
    }

    function balanceOf(address account) public view override returns (uint256) {
        _bomb();
        return super.balanceOf(account);
    }

    function allowance(address owner, address spender) public view override returns (uint256) {
        // The token asks itself when it lowers an allowance.
        if (msg.sig == this.allowance.selector) _bomb();
        return super.allowance(owner, spender);
    }

    function nonces(address owner) public view override returns (uint256) {
        _bomb();
        return super.nonces(owner);
    }

    function authorizationState(address authorizer, bytes32 nonce) public view override returns (bool) {
        _bomb();
        return super.authorizationState(authorizer, nonce) && !_forgotten[authorizer][nonce];
    }

    function _transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) internal override {
        Mode mode = _mode();
        if (mode == Mode.ForgetsMark) {
            _checkValidity(validAfter, validBefore);
            _forgotten[from][nonce] = true;
            emit AuthorizationUsed(from, nonce);
            _move(from, to, value);
            return;
        }
        if (mode != Mode.MovesNothing) {
            _checkValidity(validAfter, validBefore);
            _consumeNonce(from, nonce);
            emit AuthorizationUsed(from, nonce);
        }
        _move(from, to, value);
    }

    function _move(address from, address to, uint256 value) private {
        _misbehave();
        Mode mode = _mode();
        if (mode == Mode.MovesNothing || mode == Mode.OnlyMarks) return;
        _transfer(from, to, value);
        if (mode == Mode.TakesFee) _burn(to, value / 100);
        if (mode == Mode.DeliversMore) _mint(to, 1);
    }

    function _misbehave() private {
        if (_mode() == Mode.Reenters) (lastCallSucceeded, lastAnswer) = _target.call(_data);
        else _bomb();
    }

    function _bomb() private view {
        Mode mode = _mode();
        if (mode == Mode.BurnsGas) Mischief.burnGas();
        if (mode == Mode.AnswersAtLength) Mischief.answerAtLength(bytes32(uint256(1)));
        if (mode == Mode.RevertsAtLength) Mischief.revertAtLength();
        if (mode == Mode.Reverts) _revertAsTold();
    }

    function _revertAsTold() private view {
        bytes memory reason = _data;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _mode() private view returns (Mode) {
        return modeOf[msg.sig];
    }
}
