// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

import {Test} from "./Test.sol";

/// @dev What a passkey was shown and answered, field by field, so that a test can break any one of them.
struct Assertion {
    bytes authenticatorData;
    string clientData;
    uint16 typeIndex;
    uint16 challengeIndex;
    uint16 originIndex;
    uint16 rpIdLength;
}

/// @dev A way to sign with P-256 keys, plainly and as a passkey.
abstract contract PasskeyTest is Test {
    uint256 internal constant PASSKEY = 0x9A55;
    uint256 internal constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;

    bytes1 internal constant PRESENT = 0x01;
    bytes1 internal constant VERIFIED = 0x04;
    bytes1 internal constant BACKUP_ELIGIBLE = 0x08;
    bytes1 internal constant BACKED_UP = 0x10;

    function keyOf(uint256 key) internal view returns (bytes memory) {
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        return abi.encode(x, y);
    }

    function passkeyAddress(uint256 key) internal view returns (address) {
        return address(uint160(uint256(keccak256(keyOf(key)))));
    }

    /// @dev r and s over a hash, low s.
    function lowP256(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(key, hash);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        return abi.encode(r, s);
    }

    /// @dev What WebCrypto makes of a digest.
    function plainP256(uint256 key, bytes32 digest) internal view returns (bytes memory) {
        return bytes.concat(keyOf(key), lowP256(key, sha256(abi.encodePacked(digest))));
    }

    function passkey(uint256 key, bytes32 digest) internal view returns (bytes memory) {
        return packed(key, assertionOf(digest, "https://pay.shop.example", "shop.example"));
    }

    function assertionOf(
        bytes32 digest,
        string memory origin,
        string memory rpId
    ) internal pure returns (Assertion memory made) {
        made.authenticatorData = authenticatorData(rpId, PRESENT | VERIFIED);
        made.clientData = string.concat(
            '{"type":"webauthn.get","challenge":"',
            Base64.encodeURL(abi.encodePacked(digest)),
            '","origin":"',
            origin,
            '","crossOrigin":false}'
        );
        made.typeIndex = find(made.clientData, '"type":"webauthn.get"');
        made.challengeIndex = find(made.clientData, '"challenge":"');
        made.originIndex = find(made.clientData, '"origin":"');
        made.rpIdLength = uint16(bytes(rpId).length);
    }

    function authenticatorData(string memory rpId, bytes1 flags) internal pure returns (bytes memory) {
        return abi.encodePacked(sha256(bytes(rpId)), flags, uint32(7));
    }

    /// @dev Signs and packs what stands in the assertion, right or wrong.
    function packed(uint256 key, Assertion memory a) internal view returns (bytes memory) {
        bytes32 hash = sha256(bytes.concat(a.authenticatorData, sha256(bytes(a.clientData))));
        return packedWith(bytes.concat(keyOf(key), lowP256(key, hash)), a);
    }

    function packedWith(
        bytes memory keyAndSignature,
        Assertion memory a
    ) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                keyAndSignature,
                a.typeIndex,
                a.challengeIndex,
                a.originIndex,
                a.rpIdLength,
                uint16(a.authenticatorData.length),
                a.authenticatorData,
                a.clientData
            );
    }

    /// @dev Where `part` begins, or 0.
    function find(string memory text, string memory part) internal pure returns (uint16) {
        (bytes memory all, bytes memory sought) = (bytes(text), bytes(part));
        for (uint256 i = 0; i + sought.length <= all.length; ++i) {
            uint256 j = 0;
            while (j < sought.length && all[i + j] == sought[j]) ++j;
            if (j == sought.length) return uint16(i);
        }
        return 0;
    }
}
