// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title Permit2Double
/// @notice Stands in for Permit2 where it is not deployed: one signed transfer with a witness, as its `ISignatureTransfer`
/// documents it, errors and the order of the checks included.
contract Permit2Double {
    using SafeERC20 for IERC20;

    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    string private constant TYPE_STUB =
        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
    bytes32 private constant TOKEN_PERMISSIONS_TYPEHASH = keccak256(
        "TokenPermissions(address token,uint256 amount)"
    );
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,uint256 chainId,address verifyingContract)"
    );

    /// @dev One bit a nonce: the word at `nonce >> 8`, the bit `nonce & 0xff`.
    mapping(address owner => mapping(uint256 word => uint256)) public nonceBitmap;

    event UnorderedNonceInvalidation(address indexed owner, uint256 word, uint256 mask);

    error SignatureExpired(uint256 signatureDeadline);
    error InvalidNonce();
    error InvalidAmount(uint256 maxAmount);
    error InvalidSignatureLength();
    error InvalidSignature();
    error InvalidSigner();
    error InvalidContractSignature();

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external {
        require(block.timestamp <= permit.deadline, SignatureExpired(permit.deadline));
        uint256 permitted = permit.permitted.amount;
        require(transferDetails.requestedAmount <= permitted, InvalidAmount(permitted));
        _useNonce(owner, permit.nonce);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(bytes.concat(bytes(TYPE_STUB), bytes(witnessTypeString))),
                keccak256(abi.encode(TOKEN_PERMISSIONS_TYPEHASH, permit.permitted.token, permitted)),
                msg.sender,
                permit.nonce,
                permit.deadline,
                witness
            )
        );
        _verify(owner, MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), structHash), signature);
        IERC20(permit.permitted.token).safeTransferFrom(
            owner,
            transferDetails.to,
            transferDetails.requestedAmount
        );
    }

    function invalidateUnorderedNonces(uint256 word, uint256 mask) external {
        nonceBitmap[msg.sender][word] |= mask;
        emit UnorderedNonceInvalidation(msg.sender, word, mask);
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("Permit2"), block.chainid, address(this)));
    }

    function _useNonce(address owner, uint256 nonce) private {
        (uint256 word, uint256 bit) = (nonce >> 8, 1 << (nonce & 0xff));
        uint256 bits = nonceBitmap[owner][word];
        require(bits & bit == 0, InvalidNonce());
        nonceBitmap[owner][word] = bits | bit;
    }

    /// @dev Takes high s, as the original does. An owner with code is asked, even where EIP-7702 put it there.
    function _verify(address owner, bytes32 digest, bytes calldata signature) private view {
        if (owner.code.length > 0) {
            bytes4 answer = IERC1271(owner).isValidSignature(digest, signature);
            require(answer == IERC1271.isValidSignature.selector, InvalidContractSignature());
            return;
        }
        require(signature.length == 64 || signature.length == 65, InvalidSignatureLength());
        bytes32 s = bytes32(signature[32:64]);
        uint8 v;
        if (signature.length == 65) {
            v = uint8(signature[64]);
        } else {
            v = uint8(uint256(s) >> 255) + 27;
            s = (s << 1) >> 1;
        }
        address signer = ecrecover(digest, v, bytes32(signature[0:32]), s);
        require(signer != address(0), InvalidSignature());
        require(signer == owner, InvalidSigner());
    }
}
