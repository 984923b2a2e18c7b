// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {FeeOnTransferToken} from "../../contracts/mocks/FeeOnTransferToken.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {Authorization, DepositBatch, DepositRow} from "../../contracts/types/GatewayTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedGateway} from "./Deployed.sol";
import {GatewayTest} from "./GatewayTest.sol";

contract GatewayDepositTest is GatewayTest {
    function test_CreditsAnybody() public eachKind {
        DepositRow memory d = deposited(dollar, payee, 40e6, 5);
        bytes32 id = depositIdOf(d, address(dollar));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Deposited(payee, address(dollar), address(gateway), 40e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(gateway), address(0), payee, uint160(address(dollar)), 40e6);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Deposited(id, holder, payee, address(dollar), 40e6);
        assertCode(deposit(d), RowCode.Settled, "code");
        assertEq(dollar.balanceOf(holder), FUNDS - 40e6, "wallet");
        assertEq(balance(payee), 40e6, "account");
        assertEq(balance(operator), 0, "no fee");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS + 40e6, "supply");
        if (kind == Authorization.Erc3009) assertTrue(dollar.authorizationState(holder, id), "authorization");
        else assertEq(permit2.nonceBitmap(holder, 0), 1 << 5, "bitmap");
        assertNothingKept(dollar);
    }

    function test_EachKindHasAnIdOfItsOwn() public {
        bytes32[3] memory ids;
        for (uint256 i = 0; i < 3; ++i) {
            kind = Authorization(i);
            DepositRow memory d = deposited(dollar, holder, 40e6, 5);
            ids[i] = gateway.depositId(kind, address(dollar), d);
            assertEq(ids[i], depositIdOf(d, address(dollar)), "a digest under the Gateway's domain");
        }
        assertTrue(ids[0] != ids[1] && ids[1] != ids[2] && ids[2] != ids[0], "ids");
    }

    function test_RejectsEachBadRow() public eachKind {
        address[3] memory nobody = [address(0), address(ledger), address(gateway)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            assertRejectedDeposit(deposited(dollar, nobody[i], 1e6, 0), RowCode.InvalidPayee);
        }
        assertRejectedDeposit(deposited(dollar, payee, 0, 0), RowCode.ZeroAmount);
        assertRejectedDeposit(deposited(dollar, payee, FUNDS + 1, 0), RowCode.TransferFailed);
        DepositRow memory forged = deposited(dollar, payee, 1e6, 0);
        forged.owner = address(0xB0B);
        assertRejectedDeposit(forged, RowCode.TransferFailed);
        forged = deposited(dollar, payee, 1e6, 0);
        signDeposit(forged, STRANGER_KEY, address(dollar));
        assertRejectedDeposit(forged, RowCode.TransferFailed);
        (forged.r, forged.vs) = (0, 0);
        assertRejectedDeposit(forged, RowCode.BadSignature);
    }

    function test_DeadlineIsInclusive() public eachKind {
        DepositRow memory first = deposited(dollar, payee, 1e6, 0);
        DepositRow memory second = deposited(dollar, payee, 1e6, 1);
        DepositRow memory third = deposited(dollar, payee, 1e6, 2);
        vm.warp(DEADLINE - 1);
        assertCode(deposit(first), RowCode.Settled, "before");
        vm.warp(DEADLINE);
        assertCode(deposit(second), RowCode.Settled, "at");
        vm.warp(uint256(DEADLINE) + 1);
        assertRejectedDeposit(third, RowCode.Expired);
    }

    function test_3_ADepositSettlesOnce() public eachKind {
        DepositRow memory d = deposited(dollar, payee, 1e6, 0);
        DepositBatch[] memory batches = new DepositBatch[](1);
        batches[0] = DepositBatch(address(dollar), new DepositRow[](2));
        (batches[0].rows[0], batches[0].rows[1]) = (d, d);
        RowCode[] memory codes = depositIn(batches)[0];
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.AuthorizationUsed, "again in the batch");
        assertRejectedDeposit(d, RowCode.AuthorizationUsed);
        assertEq(balance(payee), 1e6, "account");
    }

    function test_WhatSettledIsNotLoggedAsRejected() public eachKind {
        vm.recordLogs();
        assertCode(deposit(deposited(dollar, payee, 1e6, 0)), RowCode.Settled, "code");
        assertEq(countOf(vm.getRecordedLogs(), IGateway.Rejected.selector), 0, "rejected");
    }

    function test_ContractWalletDeposits() public eachKind {
        WalletMock wallet = new WalletMock(holder);
        endow(dollar, address(wallet), FUNDS);
        DepositRow memory d = DepositRow(address(wallet), address(wallet), 5e6, 0, DEADLINE, 0, 0);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = long(STRANGER_KEY, digestOf(depositAsk(d, address(dollar))));
        assertRejectedDeposit(d, signatures, RowCode.TransferFailed);
        signatures[0] = long(HOLDER_KEY, digestOf(depositAsk(d, address(dollar))));
        RowCode code = depositIn(depositBatch(address(dollar), d), signatures)[0][0];
        assertCode(code, RowCode.Settled, "code");
        assertEq(balance(address(wallet)), 5e6, "account");
        assertNothingKept(dollar);
    }

    /// @dev Two hops, two fees: what is credited is what arrived.
    function test_CreditsWhatArrived() public eachKind {
        FeeOnTransferToken token = FeeOnTransferToken(
            deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(1_000))
        );
        endow(token, holder, 1_000);
        DepositRow memory d = deposited(token, payee, 1_000, 0);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Deposited(depositIdOf(d, address(token)), holder, payee, address(token), 810);
        assertCode(depositIn(depositBatch(address(token), d))[0][0], RowCode.Settled, "code");
        assertEq(ledger.accountOf(payee, address(token)).balance, 810, "account");
        assertNothingKept(token);
    }

    function test_RevertWhen_TooLittleGasIsLeft() public eachKind {
        DepositRow memory d = deposited(dollar, payee, 1e6, 0);
        bytes memory call = abi.encodeCall(
            gateway.deposit,
            (kind, depositBatch(address(dollar), d), new bytes[](0))
        );
        uint256 needed = (uint256(500_000) * 64) / 63 + 20_000;
        assertGasBoundary(address(gateway), call, 500_000, IGateway.GatewayOutOfGas.selector, needed);
        assertEq(balance(payee), 1e6, "payee, once there was enough");
    }

    /// @dev Random good and bad rows: the supply grows by exactly what arrived (invariants 1, 2 and 7).
    function testFuzz_1_2_7_Conservation(uint256 seed, uint16 feeBps, bool byPermit2) public {
        kind = byPermit2 ? Authorization.Permit2 : Authorization.Erc3009;
        FeeOnTransferToken token = FeeOnTransferToken(
            deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(bound(feeBps, 0, 10_000)))
        );
        endow(token, holder, FUNDS);
        DepositBatch[] memory batches = new DepositBatch[](1);
        batches[0] = DepositBatch(address(token), new DepositRow[](5));
        address[2] memory owners = [payee, holder];
        for (uint64 i = 0; i < 5; ++i) {
            uint256 chance = uint256(keccak256(abi.encode(seed, i)));
            uint128 amount = uint128(bound(chance >> 8, 0, FUNDS / 2));
            batches[0].rows[i] = deposited(token, owners[chance % 2], amount, i);
            if (chance % 5 == 0) signDeposit(batches[0].rows[i], STRANGER_KEY, address(token));
            if (chance % 5 == 1 && i > 0) batches[0].rows[i] = batches[0].rows[i - 1];
        }
        RowCode[] memory codes = depositIn(batches)[0];
        uint256 taken;
        for (uint256 i = 0; i < 5; ++i) if (codes[i] == RowCode.Settled) taken += batches[0].rows[i].amount;
        assertEq(FUNDS - token.balanceOf(holder), taken, "taken");
        uint256 supply = ledger.totalSupply(uint160(address(token)));
        assertEq(token.balanceOf(address(ledger)), supply, "what arrived");
        uint256 credited = ledger.accountOf(payee, address(token)).balance;
        credited += ledger.accountOf(holder, address(token)).balance;
        assertEq(credited, supply, "what was credited");
        assertNothingKept(token);
    }
}

/// @dev ERC-2612 names no purpose: it funds its signer's own account, once.
contract GatewayPermitTest is GatewayTest {
    function setUp() public override {
        super.setUp();
        kind = Authorization.Erc2612;
    }

    function usePermit(DepositRow memory d) private {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(HOLDER_KEY, digestOf(depositAsk(d, address(dollar))));
        dollar.permit(holder, address(gateway), d.amount, d.deadline, v, r, s);
    }

    function test_FundsItsSigner() public {
        DepositRow memory d = deposited(dollar, holder, 40e6, 0);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Deposited(depositIdOf(d, address(dollar)), holder, holder, address(dollar), 40e6);
        assertCode(deposit(d), RowCode.Settled, "code");
        assertEq(balance(holder), 40e6, "account");
        assertEq(dollar.balanceOf(holder), FUNDS - 40e6, "wallet");
        assertEq(dollar.nonces(holder), 1, "the token's nonce");
        assertEq(dollar.allowance(holder, address(gateway)), 0, "allowance");
        assertNothingKept(dollar);
    }

    function test_FundsNobodyElse() public {
        assertRejectedDeposit(deposited(dollar, payee, 40e6, 0), RowCode.InvalidPayee);
        assertRejectedDeposit(deposited(dollar, address(0), 40e6, 0), RowCode.InvalidPayee);
        vm.prank(holder);
        dollar.approve(address(gateway), type(uint256).max);
        DepositRow memory forged = DepositRow(holder, holder, 40e6, 0, DEADLINE, 0, 0);
        signDeposit(forged, STRANGER_KEY, address(dollar));
        assertRejectedDeposit(forged, RowCode.TransferFailed);
    }

    function test_AFrontRunPermitDoesNoHarm() public {
        DepositRow memory d = deposited(dollar, holder, 40e6, 0);
        usePermit(d);
        assertCode(deposit(d), RowCode.Settled, "code");
        assertEq(balance(holder), 40e6, "account");
        assertEq(dollar.allowance(holder, address(gateway)), 0, "allowance");
    }

    function test_RejectsEachBadRow() public {
        assertRejectedDeposit(deposited(dollar, holder, 0, 0), RowCode.ZeroAmount);
        assertRejectedDeposit(deposited(dollar, holder, FUNDS + 1, 0), RowCode.TransferFailed);
        assertRejectedDeposit(deposited(dollar, holder, 1e6, 1), RowCode.TransferFailed);
        DepositRow memory forged = deposited(dollar, holder, 1e6, 0);
        forged.amount += 1;
        assertRejectedDeposit(forged, RowCode.TransferFailed);
        bytes[] memory signatures = new bytes[](1);
        forged = deposited(dollar, holder, 1e6, 0);
        (forged.r, forged.vs) = (0, 0);
        assertRejectedDeposit(forged, RowCode.BadSignature);
        RowCode code = depositIn(depositBatch(address(dollar), forged), signatures)[0][0];
        assertTrue(code != RowCode.Settled, "an empty signature");
        vm.warp(uint256(DEADLINE) + 1);
        assertRejectedDeposit(deposited(dollar, holder, 1e6, 0), RowCode.Expired);
    }

    function test_UsedAndNotThereAnyMore() public {
        DepositRow memory d = deposited(dollar, holder, 40e6, 0);
        deposit(d);
        assertRejectedDeposit(d, RowCode.AuthorizationUsed);
    }

    /// @dev What stands as an allowance for another reason is not for a permit that was deposited before.
    function test_3_APermitDepositsOnce() public {
        DepositRow memory d = deposited(dollar, holder, 40e6, 0);
        assertCode(deposit(d), RowCode.Settled, "first");
        DepositRow memory next = deposited(dollar, holder, 100e6, 1);
        // Someone uses her second permit at once, so that its allowance stands.
        usePermit(next);
        assertRejectedDeposit(d, RowCode.AuthorizationUsed);
        assertCode(deposit(next), RowCode.Settled, "the second");
        assertEq(balance(holder), 140e6, "account");
    }

    /// @dev Nor for one whose turn at the token has not come: it would be there to use again.
    function test_3_APermitDepositsOnceWhateverTheAllowance() public {
        vm.prank(holder);
        dollar.approve(address(gateway), type(uint256).max);
        DepositRow memory d = deposited(dollar, holder, 40e6, 3);
        assertCode(deposit(d), RowCode.Settled, "her signature and her allowance");
        assertRejectedDeposit(d, RowCode.AuthorizationUsed);
        assertRejectedDeposit(d, RowCode.AuthorizationUsed);
        assertEq(balance(holder), 40e6, "once");
    }

    /// @dev A deposit that failed is not used up.
    function test_3_AFailedPermitMayComeAgain() public {
        DepositRow memory d = deposited(dollar, holder, FUNDS + 1, 0);
        assertRejectedDeposit(d, RowCode.TransferFailed);
        dollar.mint(holder, 1);
        assertCode(deposit(d), RowCode.Settled, "once she has it");
    }
}

contract GatewayHostileDepositTest is GatewayTest {
    HostileAuthorizationToken private hostile;

    function setUp() public override {
        super.setUp();
        hostile = newHostileToken();
    }

    /// @dev Each way to misbehave, in each function that is relied on: good money before and after it arrives.
    function check(bytes4 selector, HostileAuthorizationToken.Mode mode) private {
        DepositBatch[] memory batches = new DepositBatch[](3);
        batches[0] = depositBatch(address(dollar), goodRow(10))[0];
        batches[1] = depositBatch(address(hostile), deposited(hostile, holder, 100e6, 0))[0];
        batches[2] = depositBatch(address(dollar), goodRow(11))[0];
        hostile.setModeOf(selector, mode);
        RowCode[][] memory codes = depositIn(batches);
        hostile.setModeOf(selector, HostileAuthorizationToken.Mode.Honest);
        assertCode(codes[0][0], RowCode.Settled, "before");
        assertCode(codes[2][0], RowCode.Settled, "after");
        assertEq(balance(holder), 2e6, "good money");
        assertNothingKept(dollar);
        uint256 credited = ledger.accountOf(holder, address(hostile)).balance;
        assertEq(ledger.totalSupply(uint160(address(hostile))), credited, "accounts of the token");
        if (codes[1][0] != RowCode.Settled) {
            assertEq(credited, 0, "nothing was credited");
            assertEq(hostile.balanceOf(holder), FUNDS, "nothing was taken");
        }
    }

    function goodRow(uint64 nonce) private view returns (DepositRow memory d) {
        // By permit these are the token's first two.
        return deposited(dollar, holder, 1e6, kind == Authorization.Erc2612 ? nonce - 10 : nonce);
    }

    function test_NothingIsLost() public {
        bytes4[9] memory selectors = reliedOn();
        HostileAuthorizationToken.Mode[] memory modes = misbehaviours();
        uint256 start = vm.snapshotState();
        for (uint256 k = 0; k < 3; ++k) {
            for (uint256 i = 0; i < selectors.length; ++i) {
                for (uint256 j = 0; j < modes.length; ++j) {
                    kind = Authorization(k);
                    hostile.setCall(
                        address(ledger),
                        abi.encodeCall(ledger.deposit, (address(dollar), payee, 1))
                    );
                    check(selectors[i], modes[j]);
                    vm.revertToState(start);
                }
            }
        }
    }

    /// @dev A token cannot pass off what it is asked for as what it is not: a call into the Ledger in the middle gains nothing.
    function test_ReentryIntoTheLedgerGainsNothing() public eachKind {
        fund(dollar, address(hostile), 5e6);
        hostile.mint(address(hostile), 50);
        hostile.setCall(
            address(ledger),
            abi.encodeCall(ledger.transfer, (payee, uint160(address(dollar)), 5e6))
        );
        hostile.setMode(HostileAuthorizationToken.Mode.Reenters);
        DepositRow memory d = deposited(hostile, holder, 100e6, 0);
        assertCode(depositIn(depositBatch(address(hostile), d))[0][0], RowCode.Settled, "code");
        assertEq(ledger.accountOf(holder, address(hostile)).balance, 100e6, "credited once");
        assertEq(balance(payee), 5e6, "its own money is its own to move");
        assertNothingKept(hostile);
    }

    function permitPull(DepositRow memory d) private view returns (DeployedGateway.Pull memory) {
        return
            DeployedGateway.Pull({
                kind: kind,
                token: address(dollar),
                from: holder,
                amount: d.amount,
                nonce: d.nonce,
                deadline: d.deadline,
                id: depositIdOf(d, address(dollar)),
                witness: 0,
                r: d.r,
                vs: d.vs
            });
    }

    function test_BadPermitSaysSo() public {
        kind = Authorization.Erc2612;
        DepositRow memory d = deposited(dollar, holder, 1e6, 0);
        bytes32 digest = digestOf(depositAsk(d, address(dollar)));
        signDeposit(d, STRANGER_KEY, address(dollar));
        DeployedGateway.Pull memory pull = permitPull(d);
        vm.prank(address(gateway));
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayBadPermit.selector, holder, digest));
        gateway.depositFromSelf(pull, "", holder);
    }

    function test_UsedPermitSaysSo() public {
        kind = Authorization.Erc2612;
        DepositRow memory d = deposited(dollar, holder, 1e6, 0);
        DeployedGateway.Pull memory pull = permitPull(d);
        assertTrue(!gateway.isUsed(pull), "not yet");
        deposit(d);
        assertTrue(gateway.isUsed(pull), "used");
        vm.prank(address(gateway));
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayPermitUsed.selector, pull.id));
        gateway.depositFromSelf(pull, "", holder);
    }
}
