// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";

/// @title Passkeys
/// @notice Signatures by P-256 keys, whose accounts need no deployed wallet: an account's address is the end of its key's
/// hash, and the signature brings the key along. The layout stands in docs/signatures.md.
library Passkeys {
    /// @dev Key and signature: x, y, r, s. A WebAuthn signature has more.
    uint256 private constant KEY_AND_SIGNATURE = 128;
    uint256 private constant HEADER = 138;

    /// @dev RFC 1035: a host name has at most 253 characters.
    uint256 private constant MAX_HOST = 253;

    // Single quotes, as what they enclose is JSON.
    // solhint-disable quotes
    bytes private constant HTTPS = '"origin":"https://';
    bytes private constant LOCALHOST = '"origin":"http://localhost';
    bytes1 private constant QUOTE = '"';
    // solhint-enable quotes
    uint256 private constant LOCALHOST_LENGTH = 9;

    /// @notice Whether `signature` begins with the public key that `signer` is the address of.
    function isKeyOf(address signer, bytes calldata signature) internal pure returns (bool) {
        return
            signature.length >= KEY_AND_SIGNATURE &&
            address(uint160(uint256(keccak256(signature[0:64])))) == signer;
    }

    /// @notice Whether the key that `signature` begins with signed `digest`: directly, or as a passkey by WebAuthn.
    function isValid(bytes32 digest, bytes calldata signature) internal view returns (bool) {
        bytes32 x = bytes32(signature[0:32]);
        bytes32 y = bytes32(signature[32:64]);
        if (signature.length > KEY_AND_SIGNATURE) return _isAssertion(digest, signature, x, y);
        // What WebCrypto, Keystore and Secure Enclave do with the bytes that they are given.
        bytes32 hashed = sha256(abi.encodePacked(digest));
        return P256.verify(hashed, bytes32(signature[64:96]), bytes32(signature[96:128]), x, y);
    }

    function _isAssertion(
        bytes32 digest,
        bytes calldata signature,
        bytes32 x,
        bytes32 y
    ) private view returns (bool) {
        if (signature.length < HEADER) return false;
        uint256 clientDataAt = HEADER + _uint16(signature, 136);
        // Nothing of the authenticator's data is read before its length is known to be right.
        if (clientDataAt < HEADER + 37 || clientDataAt > signature.length) return false;
        bytes calldata clientData = signature[clientDataAt:];
        bytes32 relyingParty = bytes32(signature[HEADER:HEADER + 32]);
        if (!_isOriginOf(relyingParty, clientData, _uint16(signature, 132), _uint16(signature, 134))) {
            return false;
        }
        WebAuthn.WebAuthnAuth memory assertion = WebAuthn.WebAuthnAuth({
            r: bytes32(signature[64:96]),
            s: bytes32(signature[96:128]),
            challengeIndex: _uint16(signature, 130),
            typeIndex: _uint16(signature, 128),
            authenticatorData: signature[HEADER:clientDataAt],
            clientDataJSON: string(clientData)
        });
        return WebAuthn.verify(abi.encodePacked(digest), assertion, x, y, true);
    }

    /// @dev Whether the page that asked belongs to the relying party: its id is the page's host or the end of it, from a dot
    /// on. OpenZeppelin's library leaves this to the authenticator.
    function _isOriginOf(
        bytes32 relyingParty,
        bytes calldata clientData,
        uint256 originIndex,
        uint256 idLength
    ) private pure returns (bool) {
        if (originIndex > clientData.length) return false;
        bytes calldata origin = clientData[originIndex:];
        bool isLocal = _startsWith(origin, LOCALHOST);
        if (!isLocal && !_startsWith(origin, HTTPS)) return false;
        uint256 start = isLocal ? LOCALHOST.length - LOCALHOST_LENGTH : HTTPS.length;
        uint256 end = start;
        while (end < origin.length && origin[end] != QUOTE && origin[end] != ":") {
            if (end - start == MAX_HOST) return false;
            ++end;
        }
        uint256 hostLength = end - start;
        if (end == origin.length || idLength == 0 || idLength > hostLength) return false;
        if (isLocal && hostLength != LOCALHOST_LENGTH) return false;
        if (idLength < hostLength && origin[end - idLength - 1] != ".") return false;
        return sha256(origin[end - idLength:end]) == relyingParty;
    }

    function _startsWith(bytes calldata text, bytes memory start) private pure returns (bool) {
        return text.length >= start.length && keccak256(text[0:start.length]) == keccak256(start);
    }

    function _uint16(bytes calldata data, uint256 position) private pure returns (uint256) {
        return uint16(bytes2(data[position:position + 2]));
    }
}
