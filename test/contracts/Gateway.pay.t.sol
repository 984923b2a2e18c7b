// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {Permit2Double} from "../../contracts/mocks/Permit2Double.sol";
import {HostileWallet} from "../../contracts/mocks/HostileWallet.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {HoldRef, OpenBatch} from "../../contracts/types/EscrowTypes.sol";
import {Authorization, DepositRow} from "../../contracts/types/GatewayTypes.sol";
import {Batch, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedGateway} from "./Deployed.sol";
import {GatewayTest} from "./GatewayTest.sol";

contract GatewayPayTest is GatewayTest {
    function test_PaysFromAWallet() public eachKind {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0.5e6);
        Row memory good = pulled(100e6, 7);
        bytes32 id = pulledId(good, payee, address(dollar));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Settled(id, holder, payee, 100e6, 7, keccak256("invoice"));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchSettled(payee, address(dollar), operator, 1, 100e6, 1.5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Deposited(payee, address(dollar), address(gateway), 98.5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(gateway), address(0), payee, uint160(address(dollar)), 98.5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Deposited(operator, address(dollar), address(gateway), 1.5e6);
        assertCode(pay(good), RowCode.Settled, "code");
        assertEq(dollar.balanceOf(holder), FUNDS - 100e6, "holder's wallet");
        assertEq(balance(holder), 0, "holder's account");
        assertEq(balance(payee), 98.5e6, "payee");
        assertEq(balance(operator), 1.5e6, "operator");
        assertEq(dollar.balanceOf(address(ledger)), FUNDS + 100e6, "the Ledger's tokens");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS + 100e6, "supply");
        assertEq(ledger.accountOf(holder, address(dollar)).nextNonce, 0, "no nonce of her account is used");
        if (kind == Authorization.Erc3009) assertTrue(dollar.authorizationState(holder, id), "authorization");
        else assertEq(permit2.nonceBitmap(holder, 0), 1 << 7, "bitmap");
        assertNothingKept(dollar);
    }

    function test_IdsAreDigestsUnderTheGatewaysDomain() public eachKind {
        Row memory r = pulled(5, 6);
        bytes32 id = gateway.paymentId(kind, payee, address(dollar), r);
        assertEq(id, pulledId(r, payee, address(dollar)), "payment");
        assertTrue(id != idOf(r, payee, address(dollar)), "not that of a payment from an account");
        assertEq(address(gateway.ledger()), address(ledger), "ledger");
        assertEq(address(gateway.escrow()), address(escrow), "escrow");
        assertEq(gateway.permit2(), address(permit2), "permit2");
    }

    function test_CreditsOnceABatch() public eachKind {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 0, 1e6);
        Row[] memory rows = new Row[](3);
        for (uint64 i = 0; i < 3; ++i) rows[i] = pulled(10e6, i);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchSettled(payee, address(dollar), operator, 3, 30e6, 3e6);
        RowCode[] memory codes = payIn(batchOf(payee, address(dollar), rows))[0];
        for (uint256 i = 0; i < 3; ++i) assertCode(codes[i], RowCode.Settled, "code");
        assertEq(balance(payee), 27e6, "payee");
        assertEq(balance(operator), 3e6, "operator");
        assertNothingKept(dollar);
    }

    function test_AFeeMayTakeAllOfAPayment() public eachKind {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 0, 1e6);
        assertCode(pay(pulled(1e6, 0)), RowCode.Settled, "code");
        assertEq(balance(payee), 0, "payee");
        assertEq(balance(operator), 1e6, "operator");
        assertNothingKept(dollar);
    }

    function test_EmptyBatchesDoNothing() public eachKind {
        vm.recordLogs();
        assertEq(gateway.pay(kind, new Batch[](0), new bytes[](0)).length, 0, "no batch");
        assertEq(payIn(batchOf(payee, address(dollar), new Row[](0)))[0].length, 0, "no row");
        assertEq(vm.getRecordedLogs().length, 0, "no log");
    }

    // Codes

    function test_RejectsEachBadRow() public eachKind {
        address[4] memory nobody = [address(0), address(ledger), address(escrow), address(gateway)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            Row memory astray = pulledFrom(HOLDER_KEY, nobody[i], address(dollar), 1e6, 0);
            assertRejectedPull(astray, nobody[i], RowCode.InvalidPayee);
        }
        assertRejectedPull(pulled(0, 0), payee, RowCode.ZeroAmount);
        assertRejectedPull(pulled(FUNDS + 1, 0), payee, RowCode.TransferFailed);
        Row memory forged = pulled(1e6, 0);
        forged.amount += 1;
        assertRejectedPull(forged, payee, RowCode.TransferFailed);
        forged = pulled(1e6, 0);
        signPulled(forged, STRANGER_KEY, payee, address(dollar));
        assertRejectedPull(forged, payee, RowCode.TransferFailed);
        forged.vs = bytes32(type(uint256).max);
        assertRejectedPull(forged, payee, RowCode.TransferFailed);
        assertCode(pay(pulled(FUNDS, 0)), RowCode.Settled, "all she has");
    }

    function test_InvalidPayeeComesFirst() public eachKind {
        Row memory bad = pulledFrom(HOLDER_KEY, address(0), address(dollar), 0, 0);
        vm.warp(uint256(DEADLINE) + 1);
        assertRejectedPull(bad, address(0), RowCode.InvalidPayee);
        assertRejectedPull(pulled(0, 0), payee, RowCode.ZeroAmount);
    }

    function test_DeadlineIsInclusive() public eachKind {
        Row memory first = pulled(1e6, 0);
        Row memory second = pulled(1e6, 1);
        Row memory third = pulled(1e6, 2);
        vm.warp(DEADLINE - 1);
        assertCode(pay(first), RowCode.Settled, "before");
        vm.warp(DEADLINE);
        assertCode(pay(second), RowCode.Settled, "at");
        vm.warp(uint256(DEADLINE) + 1);
        assertRejectedPull(third, payee, RowCode.Expired);
    }

    function test_HighestDeadlineAndNonce() public eachKind {
        Row memory good = pulled(1e6, type(uint64).max);
        good.deadline = type(uint48).max;
        signPulled(good, HOLDER_KEY, payee, address(dollar));
        assertCode(pay(good), RowCode.Settled, "code");
        if (kind == Authorization.Permit2) {
            assertEq(permit2.nonceBitmap(holder, type(uint64).max >> 8), 1 << 255, "bitmap");
        }
    }

    function test_TokenThatIsNone() public eachKind {
        address[2] memory none = [address(0xDEAD), address(manager)];
        for (uint256 i = 0; i < 2; ++i) {
            Row[] memory rows = new Row[](1);
            rows[0] = pulled(1e6, 100);
            Batch[] memory batches = new Batch[](2);
            batches[0] = Batch(payee, none[i], rows);
            rows = new Row[](1);
            rows[0] = pulled(1e6, uint64(i));
            batches[1] = Batch(payee, address(dollar), rows);
            RowCode[][] memory codes = payIn(batches);
            assertCode(codes[0][0], RowCode.TransferFailed, "no token");
            assertCode(codes[1][0], RowCode.Settled, "the dollars");
        }
    }

    // Once (invariant 3)

    function test_3_APaymentSettlesOnce() public eachKind {
        Row[] memory rows = new Row[](3);
        rows[0] = pulled(1e6, 3);
        rows[1] = rows[0];
        rows[2] = pulled(2e6, 4);
        RowCode[] memory codes = payIn(batchOf(payee, address(dollar), rows))[0];
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.AuthorizationUsed, "again in the batch");
        assertCode(codes[2], RowCode.Settled, "another");
        assertEq(balance(payee), 3e6, "payee");
        assertRejectedPull(rows[0], payee, RowCode.AuthorizationUsed);
        assertNothingKept(dollar);
    }

    /// @dev Whoever signs for both ways has made two payments, which nobody can take for one.
    function test_3_EachWayHasAnIdOfItsOwn() public {
        kind = Authorization.Erc3009;
        Row memory byToken = pulled(1e6, 3);
        bytes32 id = pulledId(byToken, payee, address(dollar));
        assertCode(pay(byToken), RowCode.Settled, "by the token");
        kind = Authorization.Permit2;
        Row memory byPermit2 = pulled(1e6, 3);
        assertTrue(pulledId(byPermit2, payee, address(dollar)) != id, "another id");
        assertCode(pay(byPermit2), RowCode.Settled, "by Permit2");
        assertRejectedPull(byPermit2, payee, RowCode.AuthorizationUsed);
        kind = Authorization.Erc3009;
        assertRejectedPull(byToken, payee, RowCode.AuthorizationUsed);
        assertEq(balance(payee), 2e6, "payee");
    }

    function test_CancelledPaymentCannotSettle() public eachKind {
        Row memory r = pulled(1e6, 9);
        bytes32 id = pulledId(r, payee, address(dollar));
        if (kind == Authorization.Erc3009) {
            bytes32 structHash = keccak256(
                abi.encode(keccak256("CancelAuthorization(address authorizer,bytes32 nonce)"), holder, id)
            );
            (uint8 v, bytes32 sr, bytes32 s) = vm.sign(
                HOLDER_KEY,
                typed(dollar.DOMAIN_SEPARATOR(), structHash)
            );
            dollar.cancelAuthorization(holder, id, v, sr, s);
        } else {
            vm.prank(holder);
            permit2.invalidateUnorderedNonces(0, 1 << 9);
        }
        assertRejectedPull(r, payee, RowCode.AuthorizationUsed);
    }

    function test_Permit2NonceOfAnotherPayment() public {
        kind = Authorization.Permit2;
        assertCode(pay(pulled(1e6, 300)), RowCode.Settled, "first");
        assertRejectedPull(pulled(2e6, 300), payee, RowCode.AuthorizationUsed);
        assertCode(pay(pulled(2e6, 44)), RowCode.Settled, "the same bit of another word");
    }

    // One purpose

    function test_NothingElseIsSigned() public eachKind {
        Row memory r = pulled(1e6, 0);
        assertRejectedPull(r, address(0xB0B), RowCode.TransferFailed);
        Row memory other = pulled(1e6, 0);
        other.memo = keccak256("another invoice");
        assertRejectedPull(other, payee, RowCode.TransferFailed);
        other = pulled(1e6, 0);
        other.nonce = 1;
        assertRejectedPull(other, payee, RowCode.TransferFailed);
        other = pulled(1e6, 0);
        other.deadline += 1;
        assertRejectedPull(other, payee, RowCode.TransferFailed);
        other = pulled(1e6, 0);
        other.payer = vm.addr(STRANGER_KEY);
        assertRejectedPull(other, payee, RowCode.TransferFailed);
        assertCode(pay(r), RowCode.Settled, "what was signed");
    }

    function test_WrongPurpose() public eachKind {
        DepositRow memory d = deposited(dollar, payee, AMOUNT, 0);
        HoldRef memory ref = funded(0);
        Row memory r = pulled(AMOUNT, 0);
        bytes32[2] memory payment = [r.r, r.vs];
        (r.r, r.vs) = (d.r, d.vs);
        assertRejectedPull(r, payee, RowCode.TransferFailed);
        (r.r, r.vs) = (fundedRow(ref).r, fundedRow(ref).vs);
        assertRejectedPull(r, payee, RowCode.TransferFailed);
        (d.r, d.vs) = (payment[0], payment[1]);
        assertRejectedDeposit(d, RowCode.TransferFailed);
        // A payment from her account is signed for the Ledger, and worth nothing here.
        (r.r, r.vs) = compact(HOLDER_KEY, idOf(r, payee, address(dollar)));
        assertRejectedPull(r, payee, RowCode.TransferFailed);
        // Nor is what she signed for here a payment from her account.
        (r.r, r.vs) = (payment[0], payment[1]);
        fund(dollar, holder, AMOUNT);
        assertCode(ledger.settle(batchOf(r))[0][0], RowCode.BadSignature, "from her account");
    }

    function test_TheOtherKind() public eachKind {
        Row memory r = pulled(1e6, 0);
        kind = kind == Authorization.Erc3009 ? Authorization.Permit2 : Authorization.Erc3009;
        assertRejectedPull(r, payee, RowCode.TransferFailed);
    }

    function test_AnotherGatewayCannotUseIt() public eachKind {
        Row memory r = pulled(1e6, 0);
        IGateway other = IGateway(deploy("Gateway.sol:Gateway", abi.encode(escrow, permit2)));
        assertCode(
            other.pay(kind, batchOf(r), new bytes[](0))[0][0],
            RowCode.TransferFailed,
            "another Gateway"
        );
        assertCode(pay(r), RowCode.Settled, "this one");
    }

    /// @dev Nobody can take the authorization out of the pool and use it past the Gateway.
    function test_StrangersCannotUseItDirectly() public {
        kind = Authorization.Erc3009;
        Row memory r = pulled(1e6, 0);
        bytes32 id = pulledId(r, payee, address(dollar));
        (uint8 v, bytes32 sr, bytes32 s) = vm.sign(
            HOLDER_KEY,
            digestOf(paymentAsk(r, payee, address(dollar)))
        );
        bytes memory end = abi.encode(0, uint256(DEADLINE) + 1, id, v, sr, s);
        bytes memory start = abi.encode(holder, address(gateway), uint256(1e6));
        bytes4[2] memory selectors = [
            reliedOn()[0],
            bytes4(
                keccak256(
                    "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
                )
            )
        ];
        for (uint256 i = 0; i < 2; ++i) {
            (bool ok, ) = address(dollar).call(bytes.concat(selectors[i], start, end));
            assertTrue(!ok, "the token");
        }
        kind = Authorization.Permit2;
        Ask memory ask = paymentAsk(r, payee, address(dollar));
        vm.expectRevert(Permit2Double.InvalidSigner.selector);
        permit2.permitWitnessTransferFrom(
            Permit2Double.PermitTransferFrom(
                Permit2Double.TokenPermissions(address(dollar), 1e6),
                0,
                DEADLINE
            ),
            Permit2Double.SignatureTransferDetails(address(this), 1e6),
            holder,
            ask.structHash,
            ask.witness,
            long(HOLDER_KEY, digestOf(ask))
        );
        assertEq(dollar.balanceOf(holder), FUNDS, "holder");
    }

    // Signatures of other kinds

    function test_ContractWalletPays() public eachKind {
        WalletMock wallet = new WalletMock(holder);
        endow(dollar, address(wallet), FUNDS);
        Row memory r = pulled(5e6, 0);
        r.payer = address(wallet);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = long(STRANGER_KEY, digestOf(paymentAsk(r, payee, address(dollar))));
        signatures[1] = long(HOLDER_KEY, digestOf(paymentAsk(r, payee, address(dollar))));
        (r.r, r.vs) = (0, 0);
        assertRejectedPull(r, payee, signatures, RowCode.TransferFailed);
        r.vs = bytes32(uint256(1));
        Row[] memory rows = new Row[](1);
        rows[0] = r;
        assertCode(payIn(batchOf(payee, address(dollar), rows), signatures)[0][0], RowCode.Settled, "code");
        assertEq(dollar.balanceOf(address(wallet)), FUNDS - 5e6, "wallet");
        assertEq(balance(payee), 5e6, "payee");
        assertNothingKept(dollar);
    }

    function test_MissingSignature() public eachKind {
        Row memory r = pulled(5e6, 0);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = long(HOLDER_KEY, digestOf(paymentAsk(r, payee, address(dollar))));
        (r.r, r.vs) = (0, bytes32(uint256(1)));
        assertRejectedPull(r, payee, signatures, RowCode.BadSignature);
        r.vs = bytes32(type(uint256).max);
        assertRejectedPull(r, payee, signatures, RowCode.BadSignature);
        r.vs = 0;
        assertRejectedPull(r, payee, RowCode.BadSignature);
        Row[] memory rows = new Row[](1);
        rows[0] = r;
        assertCode(
            payIn(batchOf(payee, address(dollar), rows), signatures)[0][0],
            RowCode.Settled,
            "a key's 65 bytes serve as well"
        );
    }

    function test_HostileWalletsFailTheirOwnRows() public eachKind {
        uint256 modes = uint256(type(HostileWallet.Mode).max) + 1;
        Row[] memory rows = new Row[](2 * modes);
        for (uint64 i = 0; i < modes; ++i) {
            HostileWallet wallet = new HostileWallet(HostileWallet.Mode(i));
            endow(dollar, address(wallet), 1e6);
            rows[2 * i] = pulled(1e6, 2 * i);
            (rows[2 * i].payer, rows[2 * i].r, rows[2 * i].vs) = (address(wallet), 0, 0);
            rows[2 * i + 1] = pulled(1e6, 2 * i + 1);
        }
        RowCode[] memory codes = payIn(batchOf(payee, address(dollar), rows), new bytes[](1))[0];
        uint256 settled;
        for (uint256 i = 0; i < 2 * modes; ++i) {
            if (i % 2 == 1) assertCode(codes[i], RowCode.Settled, "the others");
            if (codes[i] == RowCode.Settled) ++settled;
        }
        assertEq(balance(payee), settled * 1e6, "payee");
        assertNothingKept(dollar);
    }

    // Errors

    function test_RevertWhen_KindCannotNameAPurpose() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayUnsupported.selector, Authorization.Erc2612));
        gateway.pay(Authorization.Erc2612, new Batch[](0), new bytes[](0));
    }

    function test_RevertWhen_StrangersCallWhatIsItsOwn() public {
        kind = Authorization.Erc3009;
        DeployedGateway own = gateway;
        DeployedGateway.Pull memory pull;
        pull.token = address(dollar);
        bytes memory refusal = abi.encodeWithSelector(IGateway.GatewayOnlySelf.selector, address(this));
        Batch memory batch = batchOf(pulled(1e6, 0))[0];
        vm.expectRevert(refusal);
        own.payFromSelf(kind, batch, new bytes[](0), address(this));
        HoldRef memory ref = funded(0);
        OpenBatch memory holds = openBatch(ref, fundedRow(ref))[0];
        vm.expectRevert(refusal);
        own.openFromSelf(kind, holds, new bytes[](0));
        vm.expectRevert(refusal);
        own.pullFromSelf(pull, "", "");
        vm.expectRevert(refusal);
        own.depositFromSelf(pull, "", address(this));
        vm.expectRevert(refusal);
        own.creditFromSelf(address(dollar), address(this), 1);
    }

    /// @dev Else the sum would wrap, and what arrived beyond it would stay in the Gateway.
    function test_APairThatSumsToMoreThanAnAccountHoldsFails() public eachKind {
        uint128 most = type(uint128).max;
        endow(dollar, holder, 2 * uint256(most));
        Row[] memory rows = new Row[](2);
        // Wrapped, the sum would be one, which the Ledger would take.
        (rows[0], rows[1]) = (pulled(most, 0), pulled(2, 1));
        RowCode[] memory codes = payIn(batchOf(payee, address(dollar), rows))[0];
        assertCode(codes[0], RowCode.TransferFailed, "first");
        assertCode(codes[1], RowCode.TransferFailed, "second");
        assertEq(dollar.balanceOf(holder), FUNDS + 2 * uint256(most), "holder");
        assertEq(balance(payee), 0, "payee");
        assertNothingKept(dollar);
    }

    function test_AllowsTheLedgerOnceForGood() public eachKind {
        vm.recordLogs();
        assertCode(pay(pulled(1e6, 0)), RowCode.Settled, "first");
        assertEq(countOf(vm.getRecordedLogs(), IERC20.Approval.selector), 1, "allowed");
        vm.recordLogs();
        assertCode(pay(pulled(1e6, 1)), RowCode.Settled, "second");
        assertEq(countOf(vm.getRecordedLogs(), IERC20.Approval.selector), 0, "allowed already");
    }

    function test_RevertWhen_TooLittleGasIsLeft() public eachKind {
        bytes memory call = abi.encodeCall(gateway.pay, (kind, batchOf(pulled(1e6, 0)), new bytes[](0)));
        (bool ok, bytes memory reason) = address(gateway).call{gas: 500_000}(call);
        assertTrue(!ok, "with 500,000");
        assertEq(bytes32(bytes4(reason)), bytes32(IGateway.GatewayOutOfGas.selector), "error");
        (uint256 left, uint256 needed) = gasIn(reason);
        assertTrue(left < 500_000, "left");
        assertEq(
            needed,
            (uint256(500_000) * 64) / 63 + 20_000,
            "needed: a row's, kept back, and what comes after"
        );
        assertEq(balance(payee), 0, "payee");
    }

    /// @dev However little gas a relayer gives, a good row is never called bad.
    function testFuzz_GasNeverFailsAGoodRow(uint256 gasGiven, bool byPermit2) public {
        kind = byPermit2 ? Authorization.Permit2 : Authorization.Erc3009;
        Row[] memory rows = new Row[](2);
        (rows[0], rows[1]) = (pulled(1e6, 0), pulled(1e6, 1));
        Batch[] memory batches = batchOf(payee, address(dollar), rows);
        bytes memory call = abi.encodeCall(gateway.pay, (kind, batches, new bytes[](0)));
        (bool ok, bytes memory answer) = address(gateway).call{gas: bound(gasGiven, 100_000, 1_200_000)}(
            call
        );
        if (!ok) return;
        RowCode[][] memory codes = abi.decode(answer, (RowCode[][]));
        assertCode(codes[0][0], RowCode.Settled, "first");
        assertCode(codes[0][1], RowCode.Settled, "second");
    }

    // Fuzz

    /// @dev Random good and bad rows: the supply grows by exactly what arrived (invariants 1, 2 and 7).
    function testFuzz_1_2_7_Conservation(uint256 seed, bool byPermit2, uint16 feeBps, uint64 flatFee) public {
        kind = byPermit2 ? Authorization.Permit2 : Authorization.Erc3009;
        vm.prank(payee);
        ledger.agree(operator, address(dollar), uint16(bound(feeBps, 0, 10_000)), flatFee);
        Row[] memory rows = new Row[](6);
        uint256 expected;
        uint256 left = FUNDS;
        for (uint64 i = 0; i < 6; ++i) {
            uint256 chance = uint256(keccak256(abi.encode(seed, i)));
            uint128 amount = uint128(bound(chance >> 8, 0, FUNDS / 3));
            rows[i] = pulled(amount, i);
            if (chance % 4 == 0) signPulled(rows[i], STRANGER_KEY, payee, address(dollar));
            else if (chance % 4 == 1 && i > 0) rows[i] = rows[i - 1];
            else if (amount != 0 && amount <= left) {
                left -= amount;
                expected += amount;
            }
        }
        // A row that was bad may come again as a copy, but it stays bad.
        uint256 before = ledger.totalSupply(uint160(address(dollar)));
        RowCode[] memory codes = payIn(batchOf(payee, address(dollar), rows))[0];
        uint256 settled;
        for (uint256 i = 0; i < 6; ++i) if (codes[i] == RowCode.Settled) settled += rows[i].amount;
        uint256 grown = ledger.totalSupply(uint160(address(dollar))) - before;
        assertEq(grown, settled, "supply");
        assertEq(grown, expected, "against the model");
        assertEq(balance(payee) + balance(operator), settled, "credited");
        assertEq(FUNDS - dollar.balanceOf(holder), settled, "taken");
        assertNothingKept(dollar);
    }
}

/// @dev A token that misbehaves, in a batch before good money: nothing is lost and the other batch settles.
contract GatewayHostileTokenTest is GatewayTest {
    HostileAuthorizationToken private hostile;

    function setUp() public override {
        super.setUp();
        hostile = newHostileToken();
    }

    function mixed() private view returns (Batch[] memory batches) {
        batches = new Batch[](2);
        Row[] memory bad = new Row[](2);
        for (uint64 i = 0; i < 2; ++i) bad[i] = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, i);
        Row[] memory good = new Row[](2);
        for (uint64 i = 0; i < 2; ++i) good[i] = pulled(1e6, i + 10);
        batches[0] = Batch(payee, address(hostile), bad);
        batches[1] = Batch(payee, address(dollar), good);
    }

    function check(bytes4 selector, HostileAuthorizationToken.Mode mode) private {
        Batch[] memory batches = mixed();
        hostile.setModeOf(selector, mode);
        RowCode[][] memory codes = payIn(batches);
        hostile.setModeOf(selector, HostileAuthorizationToken.Mode.Honest);
        assertCode(codes[1][0], RowCode.Settled, "good money, first");
        assertCode(codes[1][1], RowCode.Settled, "good money, second");
        assertEq(balance(payee), 2e6, "good money");
        assertNothingKept(dollar);
        // What the token lies about is its own: its accounts are owed no more than the Ledger was told had arrived.
        uint256 supply = ledger.totalSupply(uint160(address(hostile)));
        uint256 paid = ledger.accountOf(payee, address(hostile)).balance;
        assertEq(paid, supply, "accounts of the token");
        uint256 settled;
        for (uint256 i = 0; i < 2; ++i) if (codes[0][i] == RowCode.Settled) settled += 100e6;
        assertEq(paid, settled, "what settled was credited, and nothing else");
        assertTrue(FUNDS - hostile.balanceOf(holder) == settled, "what failed is still the holder's");
    }

    function eachMode(bytes4 selector) private {
        HostileAuthorizationToken.Mode[] memory modes = misbehaviours();
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < modes.length; ++i) {
            if (modes[i] == HostileAuthorizationToken.Mode.ForgetsMark) continue;
            hostile.setCall(address(ledger), abi.encodeCall(ledger.deposit, (address(dollar), payee, 1)));
            check(selector, modes[i]);
            vm.revertToState(start);
        }
    }

    function test_OnTheWayHere() public {
        kind = Authorization.Erc3009;
        eachMode(reliedOn()[0]);
        kind = Authorization.Permit2;
        eachMode(hostile.transferFrom.selector);
    }

    /// @dev The second hop, which a batch makes once for all its rows.
    function test_OnTheWayToTheLedger() public {
        kind = Authorization.Erc3009;
        eachMode(hostile.transferFrom.selector);
    }

    function test_WhenItIsAsked() public {
        kind = Authorization.Erc3009;
        eachMode(hostile.balanceOf.selector);
        eachMode(hostile.allowance.selector);
        eachMode(hostile.approve.selector);
        eachMode(hostile.authorizationState.selector);
    }

    /// @dev An error of the Gateway's own, in a token's mouth, is no reason to stop.
    function test_ErrorsInTheTokensMouth() public {
        kind = Authorization.Erc3009;
        bytes[3] memory reasons = [
            abi.encodeWithSelector(IGateway.GatewayOutOfGas.selector, 1, 2),
            abi.encodePacked(IGateway.GatewayOutOfGas.selector),
            bytes("")
        ];
        bytes4[3] memory selectors = [
            reliedOn()[0],
            hostile.transferFrom.selector,
            hostile.authorizationState.selector
        ];
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 9; ++i) {
            hostile.setCall(address(0), reasons[i / 3]);
            check(selectors[i % 3], HostileAuthorizationToken.Mode.Reverts);
            vm.revertToState(start);
        }
    }

    function test_ReentryIsRefused() public {
        kind = Authorization.Erc3009;
        Batch[] memory inner = batchOf(pulled(1e6, 50));
        bytes[] memory none = new bytes[](0);
        bytes[3] memory calls = [
            abi.encodeCall(gateway.pay, (kind, inner, none)),
            abi.encodeCall(gateway.open, (kind, openBatch(funded(0), fundedRow(funded(0))), none)),
            abi.encodeCall(
                gateway.deposit,
                (kind, depositBatch(address(dollar), deposited(dollar, holder, 1e6, 60)), none)
            )
        ];
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            hostile.setCall(address(gateway), calls[i]);
            check(reliedOn()[0], HostileAuthorizationToken.Mode.Reenters);
            assertTrue(!hostile.lastCallSucceeded(), "inner call");
            assertEq(
                bytes32(bytes4(hostile.lastAnswer())),
                bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
                "reason"
            );
            vm.revertToState(start);
        }
    }

    /// @dev Less, more or nothing arrives: the row fails, and her tokens and authorization are as they were.
    function test_ShortArrivalFailsTheRow() public eachKind {
        HostileAuthorizationToken.Mode[4] memory modes = [
            HostileAuthorizationToken.Mode.TakesFee,
            HostileAuthorizationToken.Mode.DeliversMore,
            HostileAuthorizationToken.Mode.MovesNothing,
            HostileAuthorizationToken.Mode.OnlyMarks
        ];
        bytes4 selector = kind == Authorization.Erc3009 ? reliedOn()[0] : hostile.transferFrom.selector;
        for (uint256 i = 0; i < modes.length; ++i) {
            Row[] memory rows = new Row[](1);
            rows[0] = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, 0);
            bytes32 before = worldOf(address(hostile), holder, payee);
            hostile.setModeOf(selector, modes[i]);
            RowCode code = payIn(batchOf(payee, address(hostile), rows))[0][0];
            assertCode(code, RowCode.TransferFailed, "code");
            assertEq(worldOf(address(hostile), holder, payee), before, "as before");
            hostile.setModeOf(selector, HostileAuthorizationToken.Mode.Honest);
        }
    }

    /// @dev A token that takes its fee on the second hop fails its batch as a whole.
    function test_ShortCreditFailsTheBatch() public {
        kind = Authorization.Erc3009;
        Row[] memory rows = new Row[](2);
        for (uint64 i = 0; i < 2; ++i) rows[i] = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, i);
        bytes32 before = worldOf(address(hostile), holder, payee);
        hostile.setModeOf(hostile.transferFrom.selector, HostileAuthorizationToken.Mode.TakesFee);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchFailed(address(hostile), IGateway.GatewayCreditedOther.selector);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(pulledId(rows[0], payee, address(hostile)), holder, RowCode.TransferFailed);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(pulledId(rows[1], payee, address(hostile)), holder, RowCode.TransferFailed);
        RowCode[][] memory codes = payIn(batchOf(payee, address(hostile), rows));
        assertCode(codes[0][0], RowCode.TransferFailed, "first");
        assertCode(codes[0][1], RowCode.TransferFailed, "second");
        assertEq(worldOf(address(hostile), holder, payee), before, "as before");
        hostile.setModeOf(hostile.transferFrom.selector, HostileAuthorizationToken.Mode.Honest);
        assertCode(payIn(batchOf(payee, address(hostile), rows))[0][1], RowCode.Settled, "later");
    }

    /// @dev The reasons that a batch fails for, in full: seen from inside.
    function test_ArrivedOther() public {
        kind = Authorization.Erc3009;
        Row memory r = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, 0);
        Ask memory ask = paymentAsk(r, payee, address(hostile));
        DeployedGateway.Pull memory pull = DeployedGateway.Pull({
            kind: kind,
            token: address(hostile),
            from: holder,
            amount: 100e6,
            nonce: 0,
            deadline: DEADLINE,
            id: ask.id,
            witness: ask.structHash,
            r: r.r,
            vs: r.vs
        });
        hostile.setModeOf(reliedOn()[0], HostileAuthorizationToken.Mode.TakesFee);
        vm.prank(address(gateway));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGateway.GatewayArrivedOther.selector,
                address(hostile),
                uint256(99e6),
                uint256(100e6)
            )
        );
        gateway.pullFromSelf(pull, "", "");
    }

    /// @dev A token that is dear on its way here or into the Ledger, within its bound: too little gas is the relayer's fault, and
    /// no row's.
    function test_GasNeverFailsADearToken() public {
        kind = Authorization.Erc3009;
        Row[] memory rows = new Row[](1);
        rows[0] = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, 0);
        Batch[] memory batches = batchOf(payee, address(hostile), rows);
        bytes memory call = abi.encodeCall(gateway.pay, (kind, batches, new bytes[](0)));
        address[2] memory spenders = [address(new GasSpender(300_000)), address(new GasSpender(325_000))];
        bytes4[2] memory ways = [ERC3009.receiveWithAuthorization.selector, hostile.transferFrom.selector];
        uint256 start = vm.snapshotState();
        for (uint256 way = 0; way < 2; ++way) {
            hostile.setCall(spenders[way], "");
            hostile.setModeOf(ways[way], HostileAuthorizationToken.Mode.Reenters);
            uint256 refused;
            uint256 settled;
            uint256 honest = vm.snapshotState();
            for (uint256 gasGiven = 300_000; gasGiven <= 1_300_000; gasGiven += 10_000) {
                (bool ok, bytes memory answer) = address(gateway).call{gas: gasGiven}(call);
                if (ok) {
                    assertCode(abi.decode(answer, (RowCode[][]))[0][0], RowCode.Settled, "code");
                    ++settled;
                } else {
                    ++refused;
                }
                vm.revertToState(honest);
            }
            assertTrue(refused != 0 && settled != 0, "both were tried");
            vm.revertToState(start);
        }
    }

    /// @dev Sums are said, and the token's own words are not.
    function test_WhatAHopIntoTheLedgerFailsWith() public {
        kind = Authorization.Erc3009;
        Row[] memory rows = new Row[](2);
        for (uint64 i = 0; i < 2; ++i) rows[i] = pulledFrom(HOLDER_KEY, payee, address(hostile), 100e6, i);
        Batch[] memory batches = batchOf(payee, address(hostile), rows);
        DeployedGateway own = gateway;
        hostile.setCall(address(0), abi.encodeWithSelector(IGateway.GatewayOutOfGas.selector, 1, 2));
        hostile.setModeOf(hostile.transferFrom.selector, HostileAuthorizationToken.Mode.Reverts);
        vm.prank(address(gateway));
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.GatewayDepositFailed.selector, address(hostile), uint256(200e6))
        );
        own.payFromSelf(kind, batches[0], new bytes[](0), operator);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchFailed(address(hostile), IGateway.GatewayDepositFailed.selector);
        assertCode(payIn(batches)[0][0], RowCode.TransferFailed, "code");
        hostile.setModeOf(hostile.transferFrom.selector, HostileAuthorizationToken.Mode.TakesFee);
        vm.prank(address(gateway));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGateway.GatewayCreditedOther.selector,
                address(hostile),
                uint256(198e6),
                uint256(200e6)
            )
        );
        own.payFromSelf(kind, batches[0], new bytes[](0), operator);
    }

    /// @dev A token that takes the same authorization again can only fool who trusts it.
    function test_ForgetfulTokenFoolsItsOwnHoldersOnly() public {
        kind = Authorization.Erc3009;
        Batch[] memory batches = mixed();
        batches[0].rows[1] = batches[0].rows[0];
        hostile.setMode(HostileAuthorizationToken.Mode.ForgetsMark);
        RowCode[][] memory codes = payIn(batches);
        assertCode(codes[1][0], RowCode.Settled, "good money");
        assertEq(
            ledger.accountOf(payee, address(hostile)).balance,
            FUNDS - hostile.balanceOf(holder),
            "credited what arrived"
        );
        assertNothingKept(dollar);
        assertNothingKept(hostile);
    }

    /// @dev What lies here already is nobody's payment.
    function test_StrayTokensAreNotCredited() public eachKind {
        dollar.mint(address(gateway), 3e6);
        assertCode(pay(pulled(1e6, 0)), RowCode.Settled, "code");
        assertEq(balance(payee), 1e6, "payee");
        assertEq(dollar.balanceOf(address(gateway)), 3e6, "still there");
        Row memory bad = pulled(FUNDS, 1);
        assertRejectedPull(bad, payee, RowCode.TransferFailed);
    }
}

/// @dev Spends so much gas, or all that it is given if that is less.
contract GasSpender {
    uint256 private immutable _amount;

    constructor(uint256 amount) {
        _amount = amount;
    }

    fallback() external {
        uint256 start = gasleft();
        while (start - gasleft() < _amount) {}
    }
}
