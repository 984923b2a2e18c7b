// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {ISignatureVerifier} from "../interfaces/ISignatureVerifier.sol";

/// @title Signatures
/// @notice Who signed: ECDSA, which most do, is recovered in place; every other kind is the verifier's matter.
library Signatures {
    /// @notice Whether the compact signature over `digest` is `signer`'s, or, if it is all zero, one of another kind was noted.
    function isValid(
        ISignatureVerifier verifier,
        address signer,
        bytes32 digest,
        bytes32 r,
        bytes32 vs
    ) internal view returns (bool) {
        if (r | vs == 0) return verifier.isNoted(signer, digest);
        // slither-disable-next-line unused-return: the third says more of the error, which is not told
        (address recovered, ECDSA.RecoverError err, ) = ECDSA.tryRecover(digest, r, vs);
        return err == ECDSA.RecoverError.NoError && recovered == signer;
    }

    /// @notice Whether `signature`, of any kind, over `digest` is `signer`'s. Never reverts on a malformed signature.
    function isValid(
        ISignatureVerifier verifier,
        address signer,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        return isEcdsa(signer, digest, signature) || verifier.isValid(signer, digest, signature);
    }

    /// @notice Whether `signature` is ECDSA over secp256k1, 64 bytes (ERC-2098: r, vs) or 65 (r, s, v), low s, by `signer`.
    function isEcdsa(address signer, bytes32 digest, bytes calldata signature) internal pure returns (bool) {
        // slither-disable-next-line unused-return: as above
        (address recovered, ECDSA.RecoverError err, ) = signature.length == 64
            ? ECDSA.tryRecover(digest, bytes32(signature[0:32]), bytes32(signature[32:64]))
            : ECDSA.tryRecoverCalldata(digest, signature);
        return err == ECDSA.RecoverError.NoError && recovered == signer;
    }
}
