// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedDigest} from "../types/SignatureTypes.sol";
import {ISignatureVerifier} from "./ISignatureVerifier.sol";

/// @title ICalls
/// @notice Several calls in one transaction, and signatures that travel beside them.
interface ICalls {
    /// @notice The call at `index` of {tryEach} had no effect; `reason` is what it reverted with.
    event CallFailed(uint256 indexed index, bytes reason);

    /// @notice Makes several calls of this contract in the caller's name, each on its own: one that reverts does not
    /// hinder the others.
    function tryEach(bytes[] calldata calls) external returns (bool[] memory done);

    /// @notice Has signatures checked by {signatureVerifier}, then makes a call of this contract in the caller's name. For
    /// rows whose signature is not compact ECDSA: theirs is all zero, and what was found valid stands in its place.
    /// @return result What the call returned. It reverts as the call does.
    /// @dev Also reverts with `SignatureVerifierOutOfGas`.
    function callWithSignatures(
        SignedDigest[] calldata signatures,
        bytes calldata call
    ) external returns (bytes memory result);

    function signatureVerifier() external view returns (ISignatureVerifier);
}
