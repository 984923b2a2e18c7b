// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ISignatureTransfer} from "../interfaces/ITokenAuthorizations.sol";
import {IX402ExactPermit2Proxy} from "../interfaces/IX402ExactPermit2Proxy.sol";

/// @title X402ExactPermit2ProxyDouble
/// @notice Stands in for x402's `x402ExactPermit2Proxy` where that is not deployed: its `settle`, as its source documents it
/// (github.com/x402-foundation/x402, `contracts/evm/src`), errors and the order of the checks included.
contract X402ExactPermit2ProxyDouble is IX402ExactPermit2Proxy, ReentrancyGuardTransient {
    string private constant WITNESS_TYPE =
        "Witness witness)TokenPermissions(address token,uint256 amount)Witness(address to,uint256 validAfter)";
    bytes32 private constant WITNESS_TYPEHASH = keccak256("Witness(address to,uint256 validAfter)");

    /// @inheritdoc IX402ExactPermit2Proxy
    address public immutable PERMIT2;

    constructor(address permit2) {
        require(permit2 != address(0), InvalidPermit2Address());
        PERMIT2 = permit2;
    }

    /// @inheritdoc IX402ExactPermit2Proxy
    function settle(
        ISignatureTransfer.PermitTransferFrom calldata permit,
        address owner,
        Witness calldata witness,
        bytes calldata signature
    ) external nonReentrant {
        uint256 amount = permit.permitted.amount;
        require(amount != 0, InvalidAmount());
        require(owner != address(0), InvalidOwner());
        require(witness.to != address(0), InvalidDestination());
        require(block.timestamp >= witness.validAfter, PaymentTooEarly());
        ISignatureTransfer(PERMIT2).permitWitnessTransferFrom(
            permit,
            ISignatureTransfer.SignatureTransferDetails(witness.to, amount),
            owner,
            keccak256(abi.encode(WITNESS_TYPEHASH, witness.to, witness.validAfter)),
            WITNESS_TYPE,
            signature
        );
        emit Settled();
    }
}
