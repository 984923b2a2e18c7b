// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";

import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {Authorization} from "../../contracts/types/GatewayTypes.sol";
import {Batch, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {OpenBatch} from "../../contracts/types/EscrowTypes.sol";

// Tests know what they deploy by interfaces alone: a contract that one of them imports is compiled again with it.

/// @dev The Ledger, what it says about its domain, and what only it may call.
interface DeployedLedger is ILedger, IERC5267 {
    function payFromSelf(address token, address to, uint256 amount) external;
}

/// @dev The Gateway, and what only it may call.
interface DeployedGateway is IGateway {
    struct Pull {
        Authorization kind;
        address token;
        address from;
        uint128 amount;
        uint64 nonce;
        uint48 deadline;
        bytes32 id;
        bytes32 witness;
        bytes32 r;
        bytes32 vs;
    }

    function payFromSelf(
        Authorization kind,
        Batch calldata batch,
        bytes[] calldata signatures,
        address operator
    ) external returns (RowCode[] memory codes);

    function openFromSelf(
        Authorization kind,
        OpenBatch calldata batch,
        bytes[] calldata signatures
    ) external returns (RowCode[] memory codes);

    function pullFromSelf(Pull calldata pull, string calldata witnessType, bytes calldata signature) external;

    function depositFromSelf(
        Pull calldata pull,
        bytes calldata signature,
        address owner
    ) external returns (uint128 credited);

    function creditFromSelf(address token, address owner, uint256 amount) external returns (uint256 credited);

    function isUsed(Pull calldata pull) external view returns (bool);
}
