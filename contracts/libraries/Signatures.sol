// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signatures
/// @notice Who may sign for an account. The relayer mirrors this order exactly.
/// 1. ECDSA over secp256k1, low s only: 64 bytes (ERC-2098: r, vs) or 65 bytes (r, s, v).
library Signatures {
    /// @notice Whether the compact signature over `digest` is `signer`'s. Never reverts.
    function isValid(address signer, bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (bool) {
        (address recovered, ECDSA.RecoverError err, ) = ECDSA.tryRecover(digest, r, vs);
        return err == ECDSA.RecoverError.NoError && recovered == signer;
    }

    /// @notice Whether `signature` over `digest` is `signer`'s. Never reverts on a malformed signature.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal pure returns (bool) {
        if (signature.length == 64) {
            return isValid(signer, digest, bytes32(signature[0:32]), bytes32(signature[32:64]));
        }
        (address recovered, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        return err == ECDSA.RecoverError.NoError && recovered == signer;
    }
}
