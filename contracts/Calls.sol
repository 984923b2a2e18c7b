// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {ICalls} from "./interfaces/ICalls.sol";
import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";
import {SignedDigest} from "./types/SignatureTypes.sol";

/// @title Calls
/// @notice Several calls in one transaction, and signatures that travel beside them. See {ICalls}.
/// @dev A contract calls itself by delegatecall, so that the caller stays the caller. No function of its heirs takes value.
abstract contract Calls is ICalls {
    ISignatureVerifier internal immutable _verifier;

    constructor(ISignatureVerifier verifier_) {
        _verifier = verifier_;
    }

    /// @inheritdoc ICalls
    function tryEach(bytes[] calldata calls) external returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            // slither-disable-next-line calls-loop,low-level-calls,reentrancy-events: its own code, as its caller; a failure is told, not passed on
            (bool ok, bytes memory reason) = address(this).delegatecall(calls[i]); // solhint-disable-line avoid-low-level-calls
            done[i] = ok;
            if (!ok) emit CallFailed(i, reason);
        }
    }

    /// @inheritdoc ICalls
    function callWithSignatures(
        SignedDigest[] calldata signatures,
        bytes calldata call
    ) external returns (bytes memory result) {
        // slither-disable-next-line unused-return: a signature that is not noted fails the call that needs it
        _verifier.note(signatures);
        return Address.functionDelegateCall(address(this), call);
    }

    /// @inheritdoc ICalls
    function signatureVerifier() external view returns (ISignatureVerifier) {
        return _verifier;
    }
}
