// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {HoldRef, HoldStatus, OpenBatch, OpenRow, Split} from "../../contracts/types/EscrowTypes.sol";
import {Authorization, DepositRow} from "../../contracts/types/GatewayTypes.sol";
import {Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {GatewayTest} from "./GatewayTest.sol";

contract GatewayOpenTest is GatewayTest {
    function fundedShared(uint64 nonce) private view returns (HoldRef memory ref) {
        ref = shared(nonce);
        ref.hold.payer = holder;
    }

    function test_OpensAHoldFromAWallet() public eachKind {
        HoldRef memory ref = fundedShared(7);
        bytes32 id = referenceId(ref);
        OpenBatch[] memory batches = openBatch(ref, fundedRow(ref));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Settled(id, holder, address(escrow), AMOUNT, 7, termsHash(ref));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchSettled(address(escrow), address(dollar), address(escrow), 1, AMOUNT, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Deposited(address(gateway), address(dollar), address(gateway), AMOUNT);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Opened(
            id,
            holder,
            payee,
            DEADLINE,
            CAPTURE_DEADLINE,
            REFUND_DEADLINE,
            arbiter,
            RULING_PERIOD,
            3_000,
            keccak256("order")
        );
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Funded(id, address(gateway), AMOUNT, 7);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.BatchOpened(payee, address(dollar), 1, ref.splits);
        assertCode(openIn(batches)[0][0], RowCode.Settled, "code");
        assertHold(id, HoldStatus.Open, 0, 0);
        assertEq(dollar.balanceOf(holder), FUNDS - AMOUNT, "wallet");
        assertEq(balance(holder), 0, "account");
        assertEq(balance(address(escrow)), AMOUNT, "escrow (invariant 6)");
        assertEq(balance(operator), 0, "no fee");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS + AMOUNT, "supply");
        assertNothingKept(dollar);
        capture(ref, AMOUNT);
        assertEq(balance(market), AMOUNT / 10, "a split");
    }

    function test_ReturnsGoToTheNamedPayer() public eachKind {
        HoldRef memory ref = funded(0);
        assertCode(openPulled(ref), RowCode.Settled, "opened");
        assertCode(doAct(Act.Void, payee, ref, 0, none()), RowCode.Settled, "voided");
        assertEq(balance(holder), AMOUNT, "her account");
    }

    function test_OpensSeveralAndSkipsTheBad() public eachKind {
        HoldRef memory ref = funded(0);
        OpenRow[] memory rows = new OpenRow[](5);
        for (uint64 i = 0; i < 5; ++i) {
            ref.hold.nonce = i;
            HoldRef memory one = funded(i);
            if (i == 1) one.hold.captureDeadline = NOW - 1;
            rows[i] = fundedRow(one);
            if (i == 2) rows[i].vs = 0;
            if (i == 3) rows[i] = rows[0];
        }
        RowCode[] memory codes = openIn(openBatch(ref, rows))[0];
        assertCode(codes[0], RowCode.Settled, "good");
        assertCode(codes[1], RowCode.InvalidTerms, "terms");
        assertCode(codes[2], RowCode.TransferFailed, "forged");
        assertCode(codes[3], RowCode.AuthorizationUsed, "the first again");
        assertCode(codes[4], RowCode.Settled, "good");
        assertEq(balance(address(escrow)), 2 * AMOUNT, "escrow");
        assertNothingKept(dollar);
    }

    // Codes

    function test_RejectsAsTheEscrowDoes() public eachKind {
        HoldRef memory ref = funded(0);
        ref.payee = address(0);
        assertRejectedHold(ref, fundedRow(ref), RowCode.InvalidTerms);
        ref = funded(0);
        ref.hold.refundDeadline = ref.hold.captureDeadline - 1;
        assertRejectedHold(ref, fundedRow(ref), RowCode.InvalidTerms);
        ref = funded(0);
        ref.hold.arbiter = payee;
        assertRejectedHold(ref, fundedRow(ref), RowCode.InvalidTerms);
        ref = funded(0);
        ref.splits = new Split[](1);
        ref.splits[0] = Split(payee, 1);
        assertRejectedHold(ref, fundedRow(ref), RowCode.InvalidTerms);
        ref = funded(0);
        ref.hold.amount = 0;
        assertRejectedHold(ref, fundedRow(ref), RowCode.ZeroAmount);
        ref.hold.amount = uint128(type(uint104).max) + 1;
        assertRejectedHold(ref, fundedRow(ref), RowCode.AmountTooHigh);
    }

    function test_RejectsAsTheTokenDoes() public eachKind {
        HoldRef memory ref = funded(0);
        ref.hold.amount = FUNDS + 1;
        assertRejectedHold(ref, fundedRow(ref), RowCode.TransferFailed);
        ref = funded(0);
        OpenRow memory bad = fundedRow(ref);
        bad.hold.defaultPayerBps += 1;
        ref.hold.defaultPayerBps += 1;
        assertRejectedHold(ref, bad, RowCode.TransferFailed);
        ref = funded(0);
        bad = fundedRow(ref);
        (bad.r, bad.vs) = (0, bytes32(uint256(1)));
        assertRejectedHold(ref, bad, RowCode.BadSignature);
        if (kind == Authorization.Permit2) {
            vm.prank(holder);
            permit2.invalidateUnorderedNonces(0, 1);
            assertRejectedHold(ref, fundedRow(ref), RowCode.AuthorizationUsed);
        }
    }

    function test_DeadlineIsInclusive() public eachKind {
        HoldRef[3] memory refs = [funded(0), funded(1), funded(2)];
        OpenRow[3] memory rows = [fundedRow(refs[0]), fundedRow(refs[1]), fundedRow(refs[2])];
        vm.warp(DEADLINE - 1);
        assertCode(openIn(openBatch(refs[0], rows[0]))[0][0], RowCode.Settled, "before");
        vm.warp(DEADLINE);
        assertCode(openIn(openBatch(refs[1], rows[1]))[0][0], RowCode.Settled, "at");
        vm.warp(uint256(DEADLINE) + 1);
        assertRejectedHold(refs[2], rows[2], RowCode.Expired);
    }

    function test_ContractWalletOpens() public eachKind {
        WalletMock wallet = new WalletMock(holder);
        endow(dollar, address(wallet), FUNDS);
        HoldRef memory ref = funded(0);
        ref.hold.payer = address(wallet);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = long(HOLDER_KEY, digestOf(holdAsk(ref)));
        OpenRow memory row_ = OpenRow(ref.hold, 0, 0);
        assertCode(openIn(openBatch(ref, row_), signatures)[0][0], RowCode.Settled, "code");
        assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
        assertNothingKept(dollar);
    }

    function test_WrongPurpose() public eachKind {
        HoldRef memory ref = funded(0);
        DepositRow memory d = deposited(dollar, payee, AMOUNT, 0);
        assertRejectedHold(ref, OpenRow(ref.hold, d.r, d.vs), RowCode.TransferFailed);
        Row memory r = pulled(AMOUNT, 0);
        assertRejectedHold(ref, OpenRow(ref.hold, r.r, r.vs), RowCode.TransferFailed);
        // What she signed for her account in the Ledger.
        (bytes32 sr, bytes32 vs) = compact(HOLDER_KEY, referenceId(ref));
        assertRejectedHold(ref, OpenRow(ref.hold, sr, vs), RowCode.TransferFailed);
        // And what she signed for her token is nothing to the Escrow.
        fund(dollar, holder, AMOUNT);
        OpenRow memory row_ = fundedRow(ref);
        assertCode(escrow.open(openBatch(ref, row_))[0][0], RowCode.BadSignature, "from her account");
        assertEq(balance(holder), AMOUNT, "her account");
    }

    // Once, by whichever way (invariant 3)

    function test_3_AHoldOpensOnce() public eachKind {
        HoldRef memory ref = funded(0);
        assertCode(openPulled(ref), RowCode.Settled, "opened");
        assertRejectedHold(ref, fundedRow(ref), RowCode.WrongStatus);
        fund(dollar, holder, AMOUNT);
        OpenRow memory row_ = OpenRow(ref.hold, 0, 0);
        (row_.r, row_.vs) = compact(HOLDER_KEY, referenceId(ref));
        assertCode(escrow.open(openBatch(ref, row_))[0][0], RowCode.WrongStatus, "from her account");
        assertEq(balance(holder), AMOUNT, "her account");
        kind = kind == Authorization.Erc3009 ? Authorization.Permit2 : Authorization.Erc3009;
        assertRejectedHold(ref, fundedRow(ref), RowCode.WrongStatus);
    }

    function test_3_AHoldFromAnAccountOpensOnce() public eachKind {
        HoldRef memory ref = funded(0);
        fund(dollar, holder, AMOUNT);
        OpenRow memory row_ = OpenRow(ref.hold, 0, 0);
        (row_.r, row_.vs) = compact(HOLDER_KEY, referenceId(ref));
        assertCode(escrow.open(openBatch(ref, row_))[0][0], RowCode.Settled, "from her account");
        assertRejectedHold(ref, fundedRow(ref), RowCode.WrongStatus);
        assertEq(dollar.balanceOf(holder), FUNDS, "her wallet");
        // Nor after it ended.
        capture(ref, AMOUNT);
        assertRejectedHold(ref, fundedRow(ref), RowCode.WrongStatus);
    }

    /// @dev However little gas a relayer gives, good holds are never called bad.
    function testFuzz_GasNeverFailsGoodHolds(uint256 gasGiven) public {
        kind = Authorization.Erc3009;
        OpenRow[] memory rows = new OpenRow[](16);
        for (uint64 i = 0; i < 16; ++i) {
            HoldRef memory ref = funded(i);
            ref.hold.amount = 1e6;
            rows[i] = fundedRow(ref);
        }
        bytes memory call = abi.encodeCall(gateway.open, (kind, openBatch(funded(0), rows), new bytes[](0)));
        (bool ok, bytes memory answer) = address(gateway).call{gas: bound(gasGiven, 800_000, 4_000_000)}(
            call
        );
        if (!ok) return;
        RowCode[] memory codes = abi.decode(answer, (RowCode[][]))[0];
        for (uint256 i = 0; i < 16; ++i) assertCode(codes[i], RowCode.Settled, "code");
    }

    function test_RevertWhen_KindCannotNameAPurpose() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.GatewayUnsupported.selector, Authorization.Erc2612));
        gateway.open(Authorization.Erc2612, new OpenBatch[](0), new bytes[](0));
    }

    function test_3_NothingOpensWhereTheChainSplit() public {
        kind = Authorization.Erc3009;
        HoldRef memory ref = funded(0);
        Ask memory ask = holdAsk(ref);
        bytes32 id = referenceId(ref);
        vm.chainId(block.chainid + 1);
        OpenRow memory row_ = OpenRow(ref.hold, 0, 0);
        (row_.r, row_.vs) = compact(HOLDER_KEY, digestOf(ask));
        OpenBatch[] memory batches = openBatch(ref, row_);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.BatchFailed(address(dollar), IEscrow.EscrowChainSplit.selector);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(id, holder, RowCode.TransferFailed);
        assertCode(openIn(batches)[0][0], RowCode.TransferFailed, "code");
        assertEq(dollar.balanceOf(holder), FUNDS, "wallet");
    }

    function test_HostileTokensLoseNothing() public {
        HostileAuthorizationToken hostile = newHostileToken();
        HostileAuthorizationToken.Mode[] memory modes = misbehaviours();
        bytes4[9] memory selectors = reliedOn();
        uint256 start = vm.snapshotState();
        for (uint256 i = 0; i < selectors.length; ++i) {
            for (uint256 j = 0; j < modes.length; ++j) {
                kind = Authorization.Erc3009;
                checkHostile(hostile, selectors[i], modes[j]);
                vm.revertToState(start);
            }
        }
    }

    function checkHostile(
        HostileAuthorizationToken hostile,
        bytes4 selector,
        HostileAuthorizationToken.Mode mode
    ) private {
        HoldRef memory bad = funded(0);
        bad.token = address(hostile);
        HoldRef memory good = funded(1);
        OpenBatch[] memory batches = new OpenBatch[](2);
        batches[0] = openBatch(bad, fundedRow(bad))[0];
        batches[1] = openBatch(good, fundedRow(good))[0];
        hostile.setCall(address(gateway), abi.encodeCall(gateway.open, (kind, batches, new bytes[](0))));
        hostile.setModeOf(selector, mode);
        RowCode[][] memory codes = openIn(batches);
        hostile.setModeOf(selector, HostileAuthorizationToken.Mode.Honest);
        assertCode(codes[1][0], RowCode.Settled, "good money");
        assertEq(balance(address(escrow)), AMOUNT, "good money");
        bool opened = codes[0][0] == RowCode.Settled;
        HoldStatus status = opened ? HoldStatus.Open : HoldStatus.None;
        assertHold(referenceId(bad), status, 0, 0);
        uint256 held = ledger.accountOf(address(escrow), address(hostile)).balance;
        assertEq(held, opened ? AMOUNT : 0, "the Escrow has what it holds (invariant 6)");
        if (!opened) assertEq(hostile.balanceOf(holder), FUNDS, "her tokens");
        assertNothingKept(dollar);
    }

    /// @dev Twice in a batch, by a token that lets it: the batch fails, and no hold is opened for less than it says.
    function test_6_ForgetfulTokenCannotOpenTwice() public {
        kind = Authorization.Erc3009;
        HostileAuthorizationToken hostile = newHostileToken();
        HoldRef memory ref = funded(0);
        ref.token = address(hostile);
        OpenRow[] memory rows = new OpenRow[](2);
        (rows[0], rows[1]) = (fundedRow(ref), fundedRow(ref));
        hostile.setMode(HostileAuthorizationToken.Mode.ForgetsMark);
        RowCode[] memory codes = openIn(openBatch(ref, rows))[0];
        uint256 opened = codes[0] == RowCode.Settled ? 1 : 0;
        assertTrue(codes[1] != RowCode.Settled, "not twice");
        assertEq(ledger.accountOf(address(escrow), address(hostile)).balance, opened * AMOUNT, "escrow");
        assertEq(FUNDS - hostile.balanceOf(holder), opened * AMOUNT, "holder");
    }
}

/// @dev The Escrow's part of it, which is open to all: whoever calls pays.
contract EscrowOpenFundedTest is GatewayTest {
    function setUp() public override {
        super.setUp();
        kind = Authorization.Erc3009;
        fund(dollar, stranger, FUNDS);
    }

    function one(HoldRef memory ref) private pure returns (OpenBatch memory) {
        return openBatch(ref, OpenRow(ref.hold, 0, 0))[0];
    }

    function good(uint256 count) private pure returns (RowCode[] memory codes) {
        codes = new RowCode[](count);
        for (uint256 i = 0; i < count; ++i) codes[i] = RowCode.Settled;
    }

    function openFunded(OpenBatch memory batch) private returns (bytes32[] memory) {
        RowCode[] memory codes = good(batch.rows.length);
        vm.prank(stranger);
        return escrow.openFunded(batch, codes);
    }

    function test_TheCallerPays() public {
        allow(stranger, AMOUNT);
        HoldRef memory ref = plain(0);
        bytes32 id = referenceId(ref);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Funded(id, stranger, AMOUNT, 0);
        bytes32[] memory ids = openFunded(one(ref));
        assertEq(ids[0], id, "id");
        assertHold(id, HoldStatus.Open, 0, 0);
        assertEq(balance(stranger), FUNDS - AMOUNT, "stranger");
        assertEq(balance(payer), FUNDS, "payer");
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 0), "nonce");
        assertEq(balance(address(escrow)), AMOUNT, "escrow (invariant 6)");
        doAct(Act.Void, payee, ref, 0, none());
        assertEq(balance(payer), FUNDS + AMOUNT, "what is given back is the named payer's");
    }

    function test_DeadlineBoundaryOfAFundedHold() public {
        allow(stranger, AMOUNT);
        HoldRef memory ref = plain(0);
        vm.warp(DEADLINE + 1);
        OpenBatch memory batch = one(ref);
        assertCode(escrow.check(batch)[0], RowCode.Expired, "checked");
        RowCode[] memory codes = good(1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotOpenable.selector, 0, RowCode.Expired));
        vm.prank(stranger);
        escrow.openFunded(batch, codes);
        vm.warp(DEADLINE);
        openFunded(batch);
        assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
    }

    function test_4_NobodyElsesMoneyIsTaken() public {
        HoldRef memory ref = plain(0);
        OpenBatch memory batch = one(ref);
        RowCode[] memory codes = good(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientAllowance.selector,
                stranger,
                address(escrow),
                address(dollar),
                0,
                AMOUNT
            )
        );
        vm.prank(stranger);
        escrow.openFunded(batch, codes);
        // The Gateway is open-handed to the Escrow, but has nothing, and nobody calls in its name.
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientBalance.selector,
                address(gateway),
                address(dollar),
                0,
                AMOUNT
            )
        );
        vm.prank(address(gateway));
        escrow.openFunded(batch, codes);
    }

    function test_RevertWhen_TheHoldIsThere() public {
        allow(stranger, FUNDS);
        HoldRef memory ref = plain(0);
        open(ref);
        capture(ref, 1);
        OpenBatch memory batch = one(ref);
        assertCode(escrow.check(batch)[0], RowCode.WrongStatus, "check");
        assertRefused(batch, 0, RowCode.WrongStatus);
        assertHold(referenceId(ref), HoldStatus.Open, 1, 0);
    }

    function test_RevertWhen_AHoldComesTwice() public {
        allow(stranger, FUNDS);
        HoldRef memory ref = plain(0);
        OpenRow[] memory rows = new OpenRow[](2);
        (rows[0], rows[1]) = (OpenRow(ref.hold, 0, 0), OpenRow(ref.hold, 0, 0));
        OpenBatch memory batch = openBatch(ref, rows)[0];
        assertRefused(batch, 1, RowCode.WrongStatus);
        assertHold(referenceId(ref), HoldStatus.None, 0, 0);
    }

    function assertRefused(OpenBatch memory batch, uint256 index, RowCode code) private {
        RowCode[] memory codes = good(batch.rows.length);
        uint256 before = balance(stranger);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotOpenable.selector, index, code));
        vm.prank(stranger);
        escrow.openFunded(batch, codes);
        assertEq(balance(stranger), before, "nothing is taken");
    }

    function test_RevertWhen_TermsAreBad() public {
        allow(stranger, FUNDS);
        HoldRef memory ref = plain(0);
        ref.hold.amount = 0;
        assertCode(escrow.check(one(ref))[0], RowCode.ZeroAmount, "check");
        assertRefused(one(ref), 0, RowCode.ZeroAmount);
        ref.hold.amount = uint128(type(uint104).max) + 1;
        assertRefused(one(ref), 0, RowCode.AmountTooHigh);
        address[3] memory nobody = [address(0), address(ledger), address(escrow)];
        for (uint256 i = 0; i < 3; ++i) {
            ref = plain(0);
            ref.hold.payer = nobody[i];
            assertRefused(one(ref), 0, RowCode.InvalidTerms);
            ref = plain(0);
            ref.payee = nobody[i];
            assertCode(escrow.check(one(ref))[0], RowCode.InvalidTerms, "check");
            assertRefused(one(ref), 0, RowCode.InvalidTerms);
        }
        ref = plain(0);
        ref.hold.captureDeadline = NOW - 1;
        assertRefused(one(ref), 0, RowCode.InvalidTerms);
        ref.hold.captureDeadline = NOW;
        assertCode(escrow.check(one(ref))[0], RowCode.Settled, "now is not late");
        openFunded(one(ref));
    }

    function test_CodesChooseTheRows() public {
        allow(stranger, 2 * AMOUNT);
        OpenRow[] memory rows = new OpenRow[](3);
        for (uint64 i = 0; i < 3; ++i) rows[i] = OpenRow(plain(i).hold, 0, 0);
        RowCode[] memory codes = good(3);
        codes[1] = RowCode.TransferFailed;
        OpenBatch memory batch = openBatch(plain(0), rows)[0];
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Funded(referenceId(plain(0)), stranger, AMOUNT, 0);
        vm.expectEmit(true, true, true, true, address(escrow));
        emit IEscrow.Funded(referenceId(plain(2)), stranger, AMOUNT, 2);
        vm.prank(stranger);
        escrow.openFunded(batch, codes);
        assertHold(referenceId(plain(0)), HoldStatus.Open, 0, 0);
        assertHold(referenceId(plain(1)), HoldStatus.None, 0, 0);
        assertHold(referenceId(plain(2)), HoldStatus.Open, 0, 0);
        assertEq(balance(stranger), FUNDS - 2 * AMOUNT, "pays for two");
        codes[0] = codes[2] = RowCode.None;
        vm.recordLogs();
        vm.prank(stranger);
        escrow.openFunded(batch, codes);
        assertEq(vm.getRecordedLogs().length, 0, "none chosen, no log");
    }

    function test_RevertWhen_CodesAreTooFew() public {
        allow(stranger, FUNDS);
        OpenBatch memory batch = one(plain(0));
        vm.prank(stranger);
        try escrow.openFunded(batch, new RowCode[](0)) {
            assertTrue(false, "went through");
        } catch {}
        assertHold(referenceId(plain(0)), HoldStatus.None, 0, 0);
    }

    function test_RevertWhen_TheChainSplit() public {
        allow(stranger, FUNDS);
        OpenBatch memory batch = one(plain(0));
        bytes32 expected = domainSeparator();
        vm.chainId(block.chainid + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowChainSplit.selector, expected, ledger.domainSeparator())
        );
        vm.prank(stranger);
        escrow.openFunded(batch, good(1));
    }

    function test_3_PayersOwnPaymentIsNotTakenForItAgain() public {
        allow(stranger, AMOUNT);
        HoldRef memory ref = plain(0);
        openFunded(one(ref));
        assertCode(tryOpen(ref), RowCode.WrongStatus, "her own");
        assertEq(balance(payer), FUNDS, "payer");
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 0), "nonce");
    }
}
