// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WalletFactory} from "../../contracts/mocks/WalletFactory.sol";
import {VerifierTest} from "./SignatureVerifier.t.sol";

/// @dev The trial's answer stands where the code of a deployed contract would.
contract WalletTrialTest is VerifierTest {
    /// @dev `WalletTrial.Outcome`.
    enum Outcome {
        FactoryFailed,
        NoCode,
        BadSignature,
        Valid
    }

    error WalletTrialOutOfGas(uint256 left, uint256 needed);

    uint256 private constant SALT = 7;
    /// @dev What the trial keeps ready: its `NEEDED_GAS`, and what comes before.
    uint256 private constant ENOUGH_GAS = 4_500_000;

    WalletFactory private factory;
    address private wallet;

    function setUp() public override {
        super.setUp();
        factory = new WalletFactory();
        wallet = factory.addressOf(vm.addr(KEY), SALT);
    }

    function creation(address signer, bytes memory signature) private view returns (bytes memory) {
        bytes memory data = abi.encodeCall(WalletFactory.deploy, (vm.addr(KEY), SALT));
        return
            bytes.concat(
                vm.getCode("WalletTrial.sol:WalletTrial"),
                abi.encode(factory, data, verifier, signer, DIGEST, signature)
            );
    }

    /// @dev Creates with a bounded share of gas, as a node gives it. @return created Zero if the trial reverted.
    function create(bytes memory code) public returns (address created) {
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
        }
    }

    /// @dev Reverts as the trial does.
    function createOrRevert(bytes memory code) public {
        assembly ("memory-safe") {
            if iszero(create(0, add(code, 0x20), mload(code))) {
                returndatacopy(0x00, 0x00, returndatasize())
                revert(0x00, returndatasize())
            }
        }
    }

    function assertOutcome(
        address signer,
        bytes memory signature,
        Outcome expected,
        string memory what
    ) private {
        address created = this.create{gas: ENOUGH_GAS}(creation(signer, signature));
        assertTrue(created != address(0), what);
        assertEq(created.code.length, 32, what);
        assertEq(abi.decode(created.code, (uint256)), uint256(expected), what);
    }

    function test_AWalletToComeSigns() public {
        assertOutcome(wallet, long(KEY), Outcome.Valid, "its owner");
        assertEq(factory.calls(), 1, "the factory was called");
    }

    function test_AWalletToComeDoesNotSignForOthers() public {
        assertOutcome(wallet, long(STRANGER_KEY), Outcome.BadSignature, "a stranger");
    }

    function test_AWalletThatIsThereNeedsNoFactory() public {
        factory.deploy(vm.addr(KEY), SALT);
        factory.setMode(WalletFactory.Mode.Refuses);
        assertOutcome(wallet, long(KEY), Outcome.Valid, "there");
        assertEq(factory.calls(), 1, "not called again");
    }

    function test_AFactoryOfAnotherWallet() public {
        assertOutcome(address(0xABCD), long(KEY), Outcome.NoCode, "another address");
    }

    function test_AFactoryThatFails() public {
        factory.setMode(WalletFactory.Mode.Refuses);
        assertOutcome(wallet, long(KEY), Outcome.FactoryFailed, "reverts");
        factory.setMode(WalletFactory.Mode.BurnsGas);
        assertOutcome(wallet, long(KEY), Outcome.FactoryFailed, "burns its gas");
    }

    /// @dev Too little gas says nothing about the wallet.
    function test_RevertWhen_ThereIsTooLittleGas() public {
        bytes memory code = creation(wallet, long(KEY));
        assertTrue(this.create{gas: ENOUGH_GAS - 1_000_000}(code) == address(0), "no answer");
    }

    /// @dev The factory's share, what a call keeps back of it, and a million for the verifier.
    function test_SaysHowMuchGasItNeeds() public {
        bytes memory code = creation(wallet, long(KEY));
        uint256 given = ENOUGH_GAS - 1_000_000;
        try this.createOrRevert{gas: given}(code) {
            assertTrue(false, "reverts");
        } catch (bytes memory reason) {
            (uint256 left, uint256 needed) = gasIn(reason);
            assertEq(reason.length, 4 + 64, "length");
            assertEq(bytes32(bytes4(reason)), bytes32(WalletTrialOutOfGas.selector), "error");
            assertEq(needed, (uint256(2_800_000) * 64) / 63 + 1_000_000, "needed");
            assertTrue(left < given, "left");
        }
    }
}
