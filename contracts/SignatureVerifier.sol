// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";

import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";
import {Passkeys} from "./libraries/Passkeys.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SignedDigest} from "./types/SignatureTypes.sol";

/// @title SignatureVerifier
/// @notice Every kind of signature, in one order. See {ISignatureVerifier}.
///
/// ROLES
/// - None: nobody owns or upgrades it, and it keeps nothing beyond a transaction.
///
/// TOKEN REQUIREMENTS
/// - None: it touches no token.
///
/// LIVENESS
/// - A wallet that burns gas, answers megabytes or reverts costs its caller {WALLET_GAS} and is no signer. It is called
///   statically, so it can change nothing.
contract SignatureVerifier is ISignatureVerifier {
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.BooleanSlot;

    /// @notice What a contract account may spend on its answer.
    uint256 public constant WALLET_GAS = 200_000;

    /// @dev A call passes on at most 63/64 of what is left; the rest is for what happens beside the call.
    uint256 private constant NEEDED_GAS = (WALLET_GAS * 64) / 63 + 5_000;

    /// @inheritdoc ISignatureVerifier
    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return _isValid(signer, digest, signature);
    }

    /// @inheritdoc ISignatureVerifier
    function note(SignedDigest[] calldata signatures) external returns (bool[] memory valid) {
        valid = new bool[](signatures.length);
        for (uint256 i = 0; i < signatures.length; ++i) {
            SignedDigest calldata signed = signatures[i];
            if (!_isValid(signed.signer, signed.digest, signed.signature)) continue;
            valid[i] = true;
            _placeOf(signed.signer, signed.digest).tstore(true);
        }
    }

    /// @inheritdoc ISignatureVerifier
    function isNoted(address signer, bytes32 digest) external view returns (bool) {
        return _placeOf(signer, digest).tload();
    }

    function _placeOf(address signer, bytes32 digest) private pure returns (TransientSlot.BooleanSlot) {
        return keccak256(abi.encode(signer, digest)).asBoolean();
    }

    function _isValid(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        if (Signatures.isEcdsa(signer, digest, signature)) return true;
        if (Passkeys.isKeyOf(signer, signature)) return Passkeys.isValid(digest, signature);
        return signer.code.length != 0 && _askWallet(signer, digest, signature);
    }

    /// @dev In assembly, since Solidity would copy whatever the wallet answers into memory.
    function _askWallet(
        address wallet,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        // Behind the copy, whose price grows with the signature.
        uint256 left = gasleft();
        require(left >= NEEDED_GAS, SignatureVerifierOutOfGas(left, NEEDED_GAS));
        bytes32 answer;
        bool answered;
        // slither-disable-next-line assembly: see above
        assembly ("memory-safe") {
            let done := staticcall(WALLET_GAS, wallet, add(question, 0x20), mload(question), 0x00, 0x20)
            answered := and(done, gt(returndatasize(), 0x1f))
            answer := mload(0x00)
        }
        return answered && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
