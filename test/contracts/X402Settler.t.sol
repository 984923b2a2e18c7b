// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IX402ExactPermit2Proxy} from "../../contracts/interfaces/IX402ExactPermit2Proxy.sol";
import {IX402Settler} from "../../contracts/interfaces/IX402Settler.sol";
import {ISignatureTransfer} from "../../contracts/interfaces/ITokenAuthorizations.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {HostileWallet} from "../../contracts/mocks/HostileWallet.sol";
import {ReentrantToken} from "../../contracts/mocks/ReentrantToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {Authorization} from "../../contracts/types/GatewayTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {X402Batch, X402Row} from "../../contracts/types/X402Types.sol";
import {X402SettlerTest} from "./X402SettlerTest.sol";

contract X402SettlerSettleTest is X402SettlerTest {
    function test_Settles() public eachKind {
        X402Row memory row = paid(100e6, 7);
        bytes32 id = idOf(row, address(dollar));
        vm.expectEmit(true, true, true, true, address(dollar));
        emit IERC20.Transfer(payer, payee, 100e6);
        vm.expectEmit(true, true, true, true, address(settler));
        emit IX402Settler.Settled(id, payer, payee, address(dollar), 100e6);
        assertCode(settle(row), RowCode.Settled, "code");
        assertEq(dollar.balanceOf(payer), FUNDS - 100e6, "payer");
        assertEq(dollar.balanceOf(payee), 100e6, "payee");
        assertEq(dollar.balanceOf(address(settler)), 0, "the settler keeps nothing");
        assertTrue(settler.isUsed(kind, address(dollar), payer, row.nonce), "used");
        assertEq(settler.rowId(kind, address(dollar), row), id, "id");
    }

    function test_KnowsItsPlace() public view {
        assertEq(address(settler.proxy()), address(proxy), "proxy");
        assertEq(settler.permit2(), address(permit2), "permit2");
        assertEq(settler.ROW_GAS(), 500_000, "row gas");
    }

    function test_EmptyBatchesDoNothing() public eachKind {
        vm.recordLogs();
        assertEq(settler.settle(new X402Batch[](0), new bytes[](0)).length, 0, "no batch");
        X402Row[] memory none = new X402Row[](0);
        assertEq(settler.settle(batchOf(address(dollar), none), new bytes[](0))[0].length, 0, "no row");
        assertEq(vm.getRecordedLogs().length, 0, "no log");
    }

    /// @dev Both kinds, two tokens, good rows and bad ones, in one call.
    function test_RowsAreIsolated() public {
        TestToken euro = TestToken(deploy("TestToken.sol:TestToken", abi.encode("Test Euro", "tEUR", 6)));
        endow(euro, payer);
        X402Batch[] memory batches = new X402Batch[](3);
        X402Row[] memory rows = new X402Row[](3);
        kind = Authorization.Erc3009;
        (rows[0], rows[1], rows[2]) = (paid(1e6, 1), paid(FUNDS + 1, 2), paid(2e6, 3));
        batches[0] = X402Batch(kind, address(dollar), rows);
        kind = Authorization.Permit2;
        rows = new X402Row[](2);
        (rows[0], rows[1]) = (paidIn(address(euro), 4e6, 1), paidIn(address(euro), 8e6, 1));
        batches[1] = X402Batch(kind, address(euro), rows);
        rows = new X402Row[](1);
        rows[0] = paid(16e6, 2);
        batches[2] = X402Batch(kind, address(dollar), rows);
        RowCode[][] memory codes = settler.settle{gas: TRANSACTION_GAS}(batches, new bytes[](0));
        assertCode(codes[0][0], RowCode.Settled, "dollars");
        assertCode(codes[0][1], RowCode.InsufficientBalance, "too many dollars");
        assertCode(codes[0][2], RowCode.Settled, "more dollars");
        assertCode(codes[1][0], RowCode.Settled, "euros");
        assertCode(codes[1][1], RowCode.AuthorizationUsed, "euros by the same nonce");
        assertCode(codes[2][0], RowCode.Settled, "dollars by Permit2");
        assertEq(dollar.balanceOf(payee), 19e6, "payee's dollars");
        assertEq(euro.balanceOf(payee), 4e6, "payee's euros");
    }

    function test_APayerMayPayHerself() public eachKind {
        X402Row memory row = paid(5e6, 1);
        row.payee = payer;
        sign(row, PAYER_KEY, address(dollar));
        assertCode(settle(row), RowCode.Settled, "code");
        assertEq(dollar.balanceOf(payer), FUNDS, "payer");
    }

    // Codes

    function test_InvalidPayeeAndZeroAmountComeFirst() public eachKind {
        X402Row memory row = paid(0, 1);
        row.payee = address(0);
        sign(row, PAYER_KEY, address(dollar));
        vm.warp(UNTIL + 1);
        assertRejected(row, RowCode.InvalidPayee);
        assertRejected(paid(0, 1), RowCode.ZeroAmount);
    }

    /// @dev No token is asked about what can never settle.
    function test_InvalidRowsAreNeverCalledUsed() public eachKind {
        X402Row memory used = paid(1e6, 9);
        useDirectly(used, address(dollar));
        used.amount = 0;
        assertRejected(used, RowCode.ZeroAmount);
        used.payee = address(0);
        assertRejected(used, RowCode.InvalidPayee);
    }

    function test_TimesAreThoseOfTheKind() public eachKind {
        bool exclusive = kind == Authorization.Erc3009;
        X402Row[3] memory rows = [paid(1e6, 1), paid(1e6, 2), paid(1e6, 3)];
        for (uint256 i = 0; i < 3; ++i) {
            rows[i].validAfter = NOW + 10;
            sign(rows[i], PAYER_KEY, address(dollar));
        }
        vm.warp(NOW + 9);
        assertRejected(rows[0], RowCode.TooEarly);
        vm.warp(NOW + 10);
        if (exclusive) assertRejected(rows[0], RowCode.TooEarly);
        else assertCode(settle(rows[0]), RowCode.Settled, "at the start");
        vm.warp(NOW + 11);
        assertCode(settle(rows[1]), RowCode.Settled, "after the start");
        vm.warp(UNTIL - 1);
        assertCode(settle(paid(1e6, 4)), RowCode.Settled, "before the end");
        vm.warp(UNTIL);
        if (exclusive) assertRejected(rows[2], RowCode.Expired);
        else assertCode(settle(rows[2]), RowCode.Settled, "at the end");
        vm.warp(UNTIL + 1);
        assertRejected(paid(1e6, 5), RowCode.Expired);
    }

    function test_NothingElseIsSigned() public eachKind {
        X402Row memory good = paid(1e6, 0);
        X402Row memory row = paid(1e6, 0);
        row.payee = address(0xBEEF);
        assertRejected(row, RowCode.TransferFailed);
        row = paid(1e6, 0);
        row.amount += 1;
        assertRejected(row, RowCode.TransferFailed);
        row = paid(1e6, 0);
        row.validAfter += 1;
        assertRejected(row, RowCode.TransferFailed);
        row = paid(1e6, 0);
        row.validBefore += 1;
        assertRejected(row, RowCode.TransferFailed);
        row = paid(1e6, 0);
        row.nonce = bytes32(uint256(1));
        assertRejected(row, RowCode.TransferFailed);
        row = paid(1e6, 0);
        sign(row, STRANGER_KEY, address(dollar));
        assertRejected(row, RowCode.TransferFailed);
        row.vs = bytes32(type(uint256).max);
        assertRejected(row, RowCode.TransferFailed);
        assertCode(settle(good), RowCode.Settled, "what was signed");
    }

    function test_TheOtherKind() public eachKind {
        X402Row memory row = paid(1e6, 0);
        kind = kind == Authorization.Erc3009 ? Authorization.Permit2 : Authorization.Erc3009;
        assertRejected(row, RowCode.TransferFailed);
    }

    function test_InsufficientBalance() public eachKind {
        assertRejected(paid(FUNDS + 1, 1), RowCode.InsufficientBalance);
        assertCode(settle(paid(FUNDS, 1)), RowCode.Settled, "all she has");
    }

    function test_NoAllowanceForPermit2() public {
        kind = Authorization.Permit2;
        vm.prank(payer);
        dollar.approve(address(permit2), 1e6 - 1);
        assertRejected(paid(1e6, 1), RowCode.TransferFailed);
    }

    function test_BadSignature() public eachKind {
        X402Row memory row = paid(1e6, 1);
        (row.r, row.vs) = (0, bytes32(uint256(1)));
        assertRejected(address(dollar), row, new bytes[](1), RowCode.BadSignature);
        row.vs = bytes32(type(uint256).max);
        assertRejected(row, RowCode.BadSignature);
        row.vs = 0;
        assertRejected(address(dollar), row, new bytes[](1), RowCode.TransferFailed);
    }

    // Once

    function test_3_APaymentSettlesOnce() public eachKind {
        X402Row[] memory rows = new X402Row[](2);
        (rows[0], rows[1]) = (paid(1e6, 3), paid(1e6, 3));
        RowCode[] memory codes = settler.settle(batchOf(address(dollar), rows), new bytes[](0))[0];
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.AuthorizationUsed, "again in the batch");
        assertRejected(rows[0], RowCode.AuthorizationUsed);
        assertEq(dollar.balanceOf(payee), 1e6, "payee");
    }

    /// @dev Whoever takes it out of the pool can only do what was signed, and the row is then said to be used: not expired, not
    /// short, not badly signed, all of which would ask its payer for more.
    function test_FrontRunRowsAreUsedWhateverElse() public eachKind {
        X402Row memory row = paid(FUNDS, 9);
        X402Row memory other = paid(1e6, 10);
        vm.prank(address(0xF00));
        useDirectly(row, address(dollar));
        assertEq(dollar.balanceOf(payee), FUNDS, "payee");
        X402Row[] memory rows = new X402Row[](2);
        (rows[0], rows[1]) = (row, other);
        RowCode[] memory codes = settler.settle(batchOf(address(dollar), rows), new bytes[](0))[0];
        assertCode(codes[0], RowCode.AuthorizationUsed, "front-run");
        assertCode(codes[1], RowCode.InsufficientBalance, "the next one");
        vm.warp(UNTIL + 1);
        assertRejected(row, RowCode.AuthorizationUsed);
        vm.warp(NOW);
        (row.r, row.vs) = (0, bytes32(uint256(5)));
        assertRejected(row, RowCode.AuthorizationUsed);
        row.validAfter = NOW + 1;
        assertRejected(row, RowCode.AuthorizationUsed);
    }

    function test_CancelledPaymentCannotSettle() public eachKind {
        X402Row memory row = paid(1e6, 9);
        if (kind == Authorization.Erc3009) {
            bytes32 structHash = keccak256(
                abi.encode(
                    keccak256("CancelAuthorization(address authorizer,bytes32 nonce)"),
                    payer,
                    row.nonce
                )
            );
            bytes32 digest = keccak256(abi.encodePacked(hex"1901", dollar.DOMAIN_SEPARATOR(), structHash));
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digest);
            dollar.cancelAuthorization(payer, row.nonce, v, r, s);
        } else {
            vm.prank(payer);
            permit2.invalidateUnorderedNonces(0, 1 << 9);
        }
        assertRejected(row, RowCode.AuthorizationUsed);
    }

    function test_Permit2NoncesFillTheirWords() public {
        kind = Authorization.Permit2;
        assertCode(settle(paid(1e6, type(uint256).max)), RowCode.Settled, "highest");
        assertEq(permit2.nonceBitmap(payer, type(uint256).max >> 8), 1 << 255, "bitmap");
        assertTrue(
            !settler.isUsed(kind, address(dollar), payer, bytes32(type(uint256).max - 1)),
            "its neighbour"
        );
    }

    // Signatures of other kinds

    function test_ContractWalletPays() public eachKind {
        TestToken token = TestToken(deploy("WalletToken.sol:WalletToken", ""));
        WalletMock wallet = new WalletMock(payer);
        endow(token, address(wallet));
        X402Row memory row = paidIn(address(token), 5e6, 0);
        row.payer = address(wallet);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = inFull(STRANGER_KEY, digestOf(row, address(token)));
        signatures[1] = inFull(PAYER_KEY, digestOf(row, address(token)));
        (row.r, row.vs) = (0, 0);
        assertRejected(address(token), row, signatures, RowCode.TransferFailed);
        row.vs = bytes32(uint256(1));
        assertCode(settleIn(address(token), row, signatures), RowCode.Settled, "code");
        assertEq(token.balanceOf(payee), 5e6, "payee");
    }

    function test_HostileWalletsFailTheirOwnRows() public eachKind {
        TestToken token = TestToken(deploy("WalletToken.sol:WalletToken", ""));
        endow(token, payer);
        uint256 modes = uint256(type(HostileWallet.Mode).max) + 1;
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = hex"1234";
        for (uint256 i = 0; i < modes; ++i) {
            HostileWallet wallet = new HostileWallet(HostileWallet.Mode(i));
            endow(token, address(wallet));
            if (HostileWallet.Mode(i) == HostileWallet.Mode.Thirsts) wallet.setThirst(settler.ROW_GAS());
            if (HostileWallet.Mode(i) == HostileWallet.Mode.Reenters) {
                wallet.setCall(
                    address(settler),
                    abi.encodeCall(settler.settle, (new X402Batch[](0), new bytes[](0)))
                );
            }
            X402Row[] memory rows = new X402Row[](2);
            rows[0] = X402Row(address(wallet), payee, 1e6, 0, UNTIL, bytes32(i), 0, 0);
            rows[1] = paidIn(address(token), 1e6, i);
            uint256 before = token.balanceOf(payee);
            RowCode[] memory codes = settler.settle{gas: TRANSACTION_GAS}(
                batchOf(address(token), rows),
                signatures
            )[0];
            assertCode(codes[1], RowCode.Settled, "the good row");
            bool took = codes[0] == RowCode.Settled;
            if (!took) assertCode(codes[0], RowCode.TransferFailed, "the wallet's row");
            assertEq(token.balanceOf(payee) - before, took ? 2e6 : 1e6, "payee");
            assertEq(token.balanceOf(address(wallet)), took ? FUNDS - 1e6 : FUNDS, "wallet");
        }
    }

    // Errors

    function test_RevertWhen_KindIsAPermit() public {
        kind = Authorization.Erc2612;
        bytes memory refusal = abi.encodeWithSelector(IX402Settler.X402SettlerUnsupported.selector, kind);
        X402Batch[] memory batches = batchOf(address(dollar), new X402Row[](0));
        vm.expectRevert(refusal);
        settler.settle(batches, new bytes[](0));
        vm.expectRevert(refusal);
        settler.isUsed(kind, address(dollar), payer, 0);
    }

    function test_RevertWhen_CallerIsNotTheSettler() public eachKind {
        X402Row memory row = paid(1e6, 0);
        vm.expectRevert(abi.encodeWithSelector(IX402Settler.X402SettlerOnlySelf.selector, address(this)));
        settler.moveFromSelf(kind, address(dollar), row, "");
    }

    function test_RevertWhen_TooLittleGasIsLeft() public eachKind {
        bytes memory call = abi.encodeCall(
            settler.settle,
            (batchOf(address(dollar), paid(1e6, 0)), new bytes[](0))
        );
        // What a row and a view may use, what a call keeps back of it, and 30,000 for what comes after.
        uint256 needed = (uint256(600_000) * 64) / 63 + 30_000;
        bytes4 refusal = IX402Settler.X402SettlerOutOfGas.selector;
        assertGasBoundary(address(settler), call, 600_000, refusal, needed);
        assertEq(dollar.balanceOf(payee), 1e6, "payee, once there was enough");
    }

    /// @dev However little gas a relayer gives, a good row is never called bad, and a used one never anything else.
    function testFuzz_GasNeverChangesACode(uint256 gasGiven, bool byPermit2) public {
        kind = byPermit2 ? Authorization.Permit2 : Authorization.Erc3009;
        X402Row[] memory rows = new X402Row[](2);
        (rows[0], rows[1]) = (paid(1e6, 0), paid(1e6, 1));
        useDirectly(rows[0], address(dollar));
        bytes memory call = abi.encodeCall(settler.settle, (batchOf(address(dollar), rows), new bytes[](0)));
        (bool ok, bytes memory answer) = address(settler).call{gas: bound(gasGiven, 100_000, 1_400_000)}(
            call
        );
        if (!ok) return;
        RowCode[][] memory codes = abi.decode(answer, (RowCode[][]));
        assertCode(codes[0][0], RowCode.AuthorizationUsed, "used");
        assertCode(codes[0][1], RowCode.Settled, "good");
    }

    /// @dev Random rows, good and bad: payees get what the settled ones say, and no more.
    function testFuzz_PayeesGetWhatWasSettled(uint256 seed, uint8 count, bool byPermit2) public {
        kind = byPermit2 ? Authorization.Permit2 : Authorization.Erc3009;
        X402Row[] memory rows = new X402Row[](bound(count, 1, 12));
        for (uint256 i = 0; i < rows.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            rows[i] = paid(bound(seed >> 8, 0, FUNDS / 4), seed % 5);
            if (seed % 7 == 0) rows[i].amount += 1;
        }
        RowCode[] memory codes = settler.settle{gas: TRANSACTION_GAS}(
            batchOf(address(dollar), rows),
            new bytes[](0)
        )[0];
        uint256 sum;
        for (uint256 i = 0; i < rows.length; ++i) if (codes[i] == RowCode.Settled) sum += rows[i].amount;
        assertEq(dollar.balanceOf(payee), sum, "payee");
        assertEq(dollar.balanceOf(payer), FUNDS - sum, "payer");
    }
}

contract X402SettlerHostileTokenTest is X402SettlerTest {
    HostileAuthorizationToken private hostile;
    bytes4 private constant TRANSFER_WITH_AUTHORIZATION = IERC3009.transferWithAuthorization.selector;

    function setUp() public override {
        super.setUp();
        hostile = newHostileToken();
    }

    function moving() private view returns (bytes4) {
        return kind == Authorization.Erc3009 ? TRANSFER_WITH_AUTHORIZATION : IERC20.transferFrom.selector;
    }

    /// @dev A row in the hostile token, then one in dollars, which must settle.
    function settleBoth(uint256 nonce) private returns (RowCode) {
        X402Row[] memory rows = new X402Row[](1);
        X402Batch[] memory batches = new X402Batch[](2);
        rows[0] = paidIn(address(hostile), 100e6, nonce);
        batches[0] = X402Batch(kind, address(hostile), rows);
        rows = new X402Row[](1);
        rows[0] = paid(1e6, nonce + 1_000);
        batches[1] = X402Batch(kind, address(dollar), rows);
        RowCode[][] memory codes = settler.settle{gas: TRANSACTION_GAS}(batches, new bytes[](0));
        assertCode(codes[1][0], RowCode.Settled, "the dollars");
        return codes[0][0];
    }

    function test_EachMisbehaviourFailsItsOwnRow() public eachKind {
        uint256 last = uint256(type(HostileAuthorizationToken.Mode).max);
        for (uint256 i = 1; i <= last; ++i) {
            HostileAuthorizationToken.Mode mode = HostileAuthorizationToken.Mode(i);
            // By these the money moves all the same; the second is tried below.
            if (
                mode == HostileAuthorizationToken.Mode.ForgetsMark ||
                mode == HostileAuthorizationToken.Mode.Reenters ||
                mode == HostileAuthorizationToken.Mode.AnswersFalse
            ) continue;
            hostile.setModeOf(moving(), mode);
            assertCode(settleBoth(i), RowCode.TransferFailed, "code");
            assertEq(hostile.balanceOf(payee), 0, "payee");
            assertEq(hostile.balanceOf(payer), FUNDS, "payer");
            hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.Honest);
            assertCode(settleBoth(i + 100), RowCode.Settled, "honest again");
            vm.prank(payee);
            hostile.transfer(payer, 100e6);
        }
    }

    function test_FalseFromTransferFromFails() public {
        kind = Authorization.Permit2;
        hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.AnswersFalse);
        assertCode(settleBoth(1), RowCode.TransferFailed, "code");
    }

    function test_BadViewsFailTheirOwnRow() public eachKind {
        HostileAuthorizationToken.Mode[3] memory modes = [
            HostileAuthorizationToken.Mode.BurnsGas,
            HostileAuthorizationToken.Mode.AnswersAtLength,
            HostileAuthorizationToken.Mode.RevertsAtLength
        ];
        for (uint256 i = 0; i < 3; ++i) {
            hostile.setModeOf(IERC20.balanceOf.selector, modes[i]);
            // Who answers at length answers one unit, for everybody.
            bool answers = modes[i] == HostileAuthorizationToken.Mode.AnswersAtLength;
            RowCode code = answers ? RowCode.InsufficientBalance : RowCode.TransferFailed;
            assertCode(settleBoth(i), code, "balanceOf");
            hostile.setModeOf(IERC20.balanceOf.selector, HostileAuthorizationToken.Mode.Honest);
            // Asked only after a failure.
            hostile.setModeOf(IERC3009.authorizationState.selector, modes[i]);
            hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.BurnsGas);
            bool lies = answers && kind == Authorization.Erc3009;
            code = lies ? RowCode.AuthorizationUsed : RowCode.TransferFailed;
            assertCode(settleBoth(i + 10), code, "authorizationState");
            hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.Honest);
            hostile.setModeOf(IERC3009.authorizationState.selector, HostileAuthorizationToken.Mode.Honest);
        }
    }

    /// @dev A token that forgets lets its own holders be charged twice; the log then says so twice, each with money moved.
    function test_ForgetfulTokenFoolsItsOwnHoldersOnly() public {
        kind = Authorization.Erc3009;
        hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.ForgetsMark);
        assertCode(settleBoth(1), RowCode.Settled, "first");
        X402Row memory again = paidIn(address(hostile), 100e6, 1);
        assertCode(settleIn(address(hostile), again, new bytes[](0)), RowCode.Settled, "again");
        assertEq(hostile.balanceOf(payee), 200e6, "each with money");
    }

    function test_ReentryIsRefused() public eachKind {
        ReentrantToken token = ReentrantToken(deploy("ReentrantToken.sol:ReentrantToken", ""));
        endow(token, payer);
        X402Row memory inner = paid(1e6, 50);
        token.setCall(
            address(settler),
            abi.encodeCall(settler.settle, (batchOf(address(dollar), inner), new bytes[](0)))
        );
        X402Row memory outer = paidIn(address(token), 1e6, 51);
        assertCode(settleIn(address(token), outer, new bytes[](0)), RowCode.Settled, "outer");
        assertTrue(!token.lastCallSucceeded(), "inner");
        assertEq(
            bytes32(bytes4(token.lastAnswer())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "why"
        );
        token.setCall(
            address(settler),
            abi.encodeCall(settler.moveFromSelf, (kind, address(dollar), inner, ""))
        );
        outer = paidIn(address(token), 1e6, 52);
        assertCode(settleIn(address(token), outer, new bytes[](0)), RowCode.Settled, "outer");
        assertEq(
            bytes32(bytes4(token.lastAnswer())),
            bytes32(IX402Settler.X402SettlerOnlySelf.selector),
            "not the settler"
        );
        assertEq(dollar.balanceOf(payee), 0, "no dollars moved");
    }

    function test_TokenThatIsNone() public eachKind {
        address[2] memory none = [address(0xDEAD), address(proxy)];
        for (uint256 i = 0; i < 2; ++i) {
            X402Row memory row = paid(1e6, i);
            assertCode(settleIn(none[i], row, new bytes[](0)), RowCode.TransferFailed, "no token");
            assertCode(settle(row), RowCode.Settled, "the dollars");
        }
    }

    function test_RevertWhen_AnotherAmountArrives() public eachKind {
        hostile.setModeOf(moving(), HostileAuthorizationToken.Mode.TakesFee);
        X402Row memory row = paidIn(address(hostile), 100e6, 1);
        vm.prank(address(settler));
        vm.expectRevert(
            abi.encodeWithSelector(
                IX402Settler.X402SettlerArrivedOther.selector,
                address(hostile),
                uint256(99e6),
                uint256(100e6)
            )
        );
        settler.moveFromSelf(kind, address(hostile), row, "");
    }

    // The double of x402's proxy, by its documented errors

    function test_RevertWhen_TheProxyHasNoPermit2() public {
        bytes memory code = vm.getCode("X402ExactPermit2ProxyDouble.sol:X402ExactPermit2ProxyDouble");
        code = bytes.concat(code, abi.encode(address(0)));
        address deployed;
        bytes4 reason;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            mstore(0x00, 0)
            returndatacopy(0x00, 0, 4)
            reason := mload(0x00)
        }
        assertEq(deployed, address(0), "deployed");
        assertEq(bytes32(reason), bytes32(IX402ExactPermit2Proxy.InvalidPermit2Address.selector), "error");
    }

    function test_RevertWhen_TheProxyIsAskedForNonsense() public {
        kind = Authorization.Permit2;
        X402Row memory row = paid(1e6, 1);
        bytes4[4] memory errors = [
            IX402ExactPermit2Proxy.InvalidAmount.selector,
            IX402ExactPermit2Proxy.InvalidOwner.selector,
            IX402ExactPermit2Proxy.InvalidDestination.selector,
            IX402ExactPermit2Proxy.PaymentTooEarly.selector
        ];
        for (uint256 i = 0; i < 4; ++i) {
            ISignatureTransfer.PermitTransferFrom memory permit = ISignatureTransfer.PermitTransferFrom(
                ISignatureTransfer.TokenPermissions(address(dollar), i == 0 ? 0 : 1e6),
                1,
                UNTIL
            );
            IX402ExactPermit2Proxy.Witness memory witness = IX402ExactPermit2Proxy.Witness(
                i == 2 ? address(0) : payee,
                i == 3 ? NOW + 1 : 0
            );
            vm.expectRevert(errors[i]);
            proxy.settle(permit, i == 1 ? address(0) : row.payer, witness, abi.encodePacked(row.r, row.vs));
        }
    }
}
