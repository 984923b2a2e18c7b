// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedDigest} from "../types/SignatureTypes.sol";

/// @title ISignatureVerifier
/// @notice Who may sign for an account, in one order that the SDK and the relayer mirror (docs/signatures.md):
///
/// 1. ECDSA over secp256k1, 64 bytes (ERC-2098) or 65, low s, that recovers to the signer. Also the key of an account
///    that has code by EIP-7702.
/// 2. P-256: the signature begins with a public key whose keccak256 ends in the signer's address. 128 bytes: the key signed
///    the digest, hashed with SHA-256. Longer: a passkey signed it by WebAuthn. The answer is final.
/// 3. ERC-1271, if the signer has code: at most {WALLET_GAS} gas, and 32 bytes of its answer are read.
interface ISignatureVerifier {
    /// @notice Less gas was left than a wallet is promised, so nothing can be said about its signature.
    error SignatureVerifierOutOfGas(uint256 left, uint256 needed);

    /// @notice Whether `signature` over `digest` is the signer's, now. Never reverts on a signature, however malformed.
    /// @dev Reverts with {SignatureVerifierOutOfGas} rather than give a wallet less than {WALLET_GAS}.
    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool);

    /// @notice Checks signatures and keeps in mind, for this transaction only, which of them are valid. Open to all: what is
    /// noted is a fact. A wallet is asked once, here, and not while anyone's money moves.
    /// @return valid One a signature, in order.
    /// @dev Reverts with {SignatureVerifierOutOfGas}.
    function note(SignedDigest[] calldata signatures) external returns (bool[] memory valid);

    /// @notice Whether {note} found a signature of `signer` over `digest` valid in this transaction.
    function isNoted(address signer, bytes32 digest) external view returns (bool);
}
