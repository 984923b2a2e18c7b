// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureVerifier} from "../../contracts/interfaces/ISignatureVerifier.sol";
import {Signatures} from "../../contracts/libraries/Signatures.sol";
import {Test} from "./Test.sol";

contract SignaturesTest is Test {
    bytes32 private constant DIGEST = keccak256("digest");

    function isEcdsa(bytes calldata signature) external pure returns (bool) {
        return Signatures.isEcdsa(address(0), DIGEST, signature);
    }

    /// @dev Whose address is what recovering answers when there is nothing to recover.
    function test_NobodySignsForTheZeroAddress() public view {
        (bytes32 r, bytes32 vs) = (bytes32(type(uint256).max), bytes32(uint256(1)));
        ISignatureVerifier none = ISignatureVerifier(address(0));
        assertTrue(!Signatures.isValid(none, address(0), DIGEST, r, vs), "of a row");
        assertTrue(!this.isEcdsa(abi.encodePacked(r, vs)), "64 bytes");
        assertTrue(!this.isEcdsa(abi.encodePacked(r, vs, uint8(27))), "65 bytes");
        assertTrue(!this.isEcdsa("?"), "a byte");
    }
}
