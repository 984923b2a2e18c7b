// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A signature of any kind over a digest, as it travels beside the rows.
struct SignedDigest {
    address signer;
    bytes32 digest;
    bytes signature;
}
