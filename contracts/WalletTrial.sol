// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";

/// @title WalletTrial
/// @notice What a factory would make of a wallet that is not deployed yet, and whether that wallet takes a signature. It is
/// never deployed: its creation code only ever runs inside an `eth_call` without `to`, so whatever the factory does in it is
/// gone with the answer. That is how ERC-6492 asks for a signature to be checked, with the factory bounded in gas.
///
/// ROLES
/// - None. Should anybody deploy it all the same, what is left at its address is one word that stops at once.
///
/// TOKEN REQUIREMENTS
/// - None: it touches no token.
///
/// LIVENESS
/// - A factory that reverts, burns its gas or answers megabytes gets no further than {FACTORY_GAS}; nothing of its answer is
///   read.
contract WalletTrial {
    /// @notice {gas} what the factory may use. The transaction that deploys has 3,000,000, its calldata included.
    uint256 public constant FACTORY_GAS = 2_800_000;

    /// @dev A call passes on at most 63/64 of what is left; the rest is for the verifier and a P-256 key in a contract.
    uint256 private constant NEEDED_GAS = (FACTORY_GAS * 64) / 63 + 1_000_000;

    /// @notice What came of it, as a word.
    enum Outcome {
        /// @dev The factory's call failed.
        FactoryFailed,
        /// @dev It succeeded and left no code at the signer's address.
        NoCode,
        /// @dev The wallet is there and does not take the signature.
        BadSignature,
        Valid
    }

    /// @notice The node gives calls less gas than the trial needs, so nothing can be said.
    error WalletTrialOutOfGas(uint256 left, uint256 needed);

    /// @dev Answers with an {Outcome} where other constructors leave their code.
    constructor(
        address factory,
        bytes memory factoryCalldata,
        ISignatureVerifier verifier,
        address signer,
        bytes32 digest,
        bytes memory signature
    ) {
        Outcome outcome = _deploy(factory, factoryCalldata, signer);
        if (outcome == Outcome.Valid && !verifier.isValid(signer, digest, signature))
            outcome = Outcome.BadSignature;
        // slither-disable-next-line assembly: a constructor that answers a word, where Solidity's leave their code
        assembly ("memory-safe") {
            mstore(0x00, outcome)
            return(0x00, 0x20)
        }
    }

    function _deploy(
        address factory,
        bytes memory factoryCalldata,
        address signer
    ) private returns (Outcome) {
        if (signer.code.length != 0) return Outcome.Valid;
        uint256 left = gasleft();
        require(left >= NEEDED_GAS, WalletTrialOutOfGas(left, NEEDED_GAS));
        bool done;
        // In assembly, since Solidity would copy whatever the factory answers into memory.
        // slither-disable-next-line assembly: see above
        assembly ("memory-safe") {
            done := call(
                FACTORY_GAS,
                factory,
                0,
                add(factoryCalldata, 0x20),
                mload(factoryCalldata),
                0x00,
                0x00
            )
        }
        if (!done) return Outcome.FactoryFailed;
        return signer.code.length == 0 ? Outcome.NoCode : Outcome.Valid;
    }
}
