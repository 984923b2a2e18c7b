// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";

import {Mischief} from "./Mischief.sol";
import {WalletMock} from "./WalletMock.sol";

/// @title WalletFactory
/// @notice Deploys a {WalletMock} where its owner and a salt say, and counts how often it was called. It can be told to
/// misbehave.
contract WalletFactory {
    enum Mode {
        Deploys,
        /// @dev Reverts.
        Refuses,
        /// @dev Leaves nothing of its gas.
        BurnsGas,
        /// @dev Deploys in a simulation, where gas has no price, and does nothing in a transaction.
        PretendsTo,
        /// @dev Deploys in a simulation and reverts in a transaction.
        RefusesInBlocks
    }

    Mode public mode;
    uint256 public calls;

    error Refused();

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    /// @notice Deploys the wallet, unless it is there.
    function deploy(address owner, uint256 salt) external returns (address wallet) {
        ++calls;
        if (mode == Mode.BurnsGas) Mischief.burnGas();
        bool isInBlock = tx.gasprice != 0;
        require(mode != Mode.Refuses && !(mode == Mode.RefusesInBlocks && isInBlock), Refused());
        wallet = addressOf(owner, salt);
        if (wallet.code.length != 0 || (mode == Mode.PretendsTo && isInBlock)) return wallet;
        new WalletMock{salt: bytes32(salt)}(owner);
    }

    function addressOf(address owner, uint256 salt) public view returns (address) {
        bytes memory code = abi.encodePacked(type(WalletMock).creationCode, abi.encode(owner));
        return Create2.computeAddress(bytes32(salt), keccak256(code));
    }
}
