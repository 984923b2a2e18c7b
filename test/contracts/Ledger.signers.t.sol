// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {ISignatureVerifier} from "../../contracts/interfaces/ISignatureVerifier.sol";
import {HostileWallet} from "../../contracts/mocks/HostileWallet.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {
    AmountRow,
    Consent,
    HoldRef,
    HoldStatus,
    OpenRow,
    VoidRow
} from "../../contracts/types/EscrowTypes.sol";
import {Batch, Row, RowCode, WithdrawalRow} from "../../contracts/types/LedgerTypes.sol";
import {SignedDigest} from "../../contracts/types/SignatureTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";
import {PasskeyTest} from "./PasskeyTest.sol";

/// @dev Accounts of a contract wallet and of a passkey, beside the payer's.
abstract contract SignersTest is EscrowTest, PasskeyTest {
    uint256 internal constant WALLET_OWNER_KEY = 0x0117;

    WalletMock internal wallet;
    address internal passkeyOwner;

    function setUp() public virtual override {
        super.setUp();
        wallet = new WalletMock(vm.addr(WALLET_OWNER_KEY));
        passkeyOwner = passkeyAddress(PASSKEY);
        fund(dollar, address(wallet), FUNDS);
        fund(dollar, passkeyOwner, FUNDS);
    }

    /// @dev A row without a signature of its own.
    function bare(address from, uint128 amount, uint64 nonce) internal pure returns (Row memory) {
        return Row(from, amount, nonce, DEADLINE, keccak256("invoice"), 0, 0);
    }

    function idOf(Row memory r) internal view returns (bytes32) {
        return idOf(r, payee, address(dollar));
    }

    function ofWallet(bytes32 digest) internal view returns (SignedDigest memory) {
        return SignedDigest(address(wallet), digest, long(WALLET_OWNER_KEY, digest));
    }

    function ofPasskey(bytes32 digest) internal view returns (SignedDigest memory) {
        return SignedDigest(passkeyOwner, digest, passkey(PASSKEY, digest));
    }

    function list(SignedDigest memory only) internal pure returns (SignedDigest[] memory all) {
        all = new SignedDigest[](1);
        all[0] = only;
    }

    function settleWith(SignedDigest[] memory all, Row[] memory rows) internal returns (RowCode[] memory) {
        bytes memory call = abi.encodeCall(ledger.settle, (batchOf(payee, address(dollar), rows)));
        vm.prank(operator);
        return abi.decode(ledger.callWithSignatures(all, call), (RowCode[][]))[0];
    }

    function settleWith(SignedDigest[] memory all, Row memory only) internal returns (RowCode) {
        Row[] memory rows = new Row[](1);
        rows[0] = only;
        return settleWith(all, rows)[0];
    }
}

contract LedgerSignersTest is SignersTest {
    function test_SettlesForEveryKindInOneBatch() public {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 100, 0);
        Row[] memory rows = new Row[](4);
        rows[0] = bare(address(wallet), 10e6, 0);
        rows[1] = row(10e6, 0);
        rows[2] = bare(passkeyOwner, 10e6, 0);
        rows[3] = bare(passkeyOwner, 10e6, 1);
        SignedDigest[] memory all = new SignedDigest[](3);
        all[0] = ofWallet(idOf(rows[0]));
        all[1] = ofPasskey(idOf(rows[2]));
        all[2] = SignedDigest(passkeyOwner, idOf(rows[3]), plainP256(PASSKEY, idOf(rows[3])));
        RowCode[] memory codes = settleWith(all, rows);
        for (uint256 i = 0; i < 4; ++i) assertCode(codes[i], RowCode.Settled, "code");
        assertEq(balance(address(wallet)), FUNDS - 10e6, "wallet");
        assertEq(balance(passkeyOwner), FUNDS - 20e6, "passkey");
        assertEq(balance(payee), 40e6 - 0.4e6, "payee");
        assertEq(balance(operator), 0.4e6, "the caller stays the caller");
    }

    function test_WithoutANoteItIsNobodysSignature() public {
        assertRejected(bare(address(wallet), 1, 0), RowCode.BadSignature);
        assertRejected(bare(payer, 1, 0), RowCode.BadSignature);
        Row memory half = bare(address(wallet), 1, 0);
        SignedDigest[] memory all = list(ofWallet(idOf(half)));
        half.vs = bytes32(uint256(1));
        assertCode(settleWith(all, half), RowCode.BadSignature, "not all zero");
        half.vs = 0;
        assertCode(settleWith(all, half), RowCode.Settled, "all zero");
    }

    function test_ABadSignatureIsNotNoted() public {
        Row memory r = bare(address(wallet), 1, 0);
        bytes32 id = idOf(r);
        SignedDigest[] memory all = list(SignedDigest(address(wallet), id, long(STRANGER_KEY, id)));
        assertCode(settleWith(all, r), RowCode.BadSignature, "a stranger's");
        all = list(SignedDigest(stranger, id, long(STRANGER_KEY, id)));
        assertCode(settleWith(all, r), RowCode.BadSignature, "a stranger's for himself");
        r = bare(address(0), 1, 0);
        all = list(SignedDigest(address(0), idOf(r), new bytes(65)));
        assertCode(settleWith(all, r), RowCode.InsufficientBalance, "nobody's");
    }

    /// @dev What is noted about one row helps no other.
    function test_4_ANoteIsAboutOneRow() public {
        Row memory r = bare(address(wallet), 10e6, 0);
        SignedDigest[] memory all = list(ofWallet(idOf(r)));
        Row[] memory rows = new Row[](7);
        for (uint256 i = 0; i < 7; ++i) rows[i] = bare(address(wallet), 10e6, 0);
        rows[0].amount += 1;
        rows[1].nonce = 1;
        rows[2].deadline += 1;
        rows[3].memo = 0;
        rows[4].payer = passkeyOwner;
        RowCode[] memory codes = settleWith(all, rows);
        for (uint256 i = 0; i < 5; ++i) assertCode(codes[i], RowCode.BadSignature, "another row");
        assertCode(codes[5], RowCode.Settled, "the row");
        assertCode(codes[6], RowCode.NonceUsed, "once (invariant 3)");
        Batch[] memory batches = batchOf(stranger, address(dollar), rows);
        bytes memory call = abi.encodeCall(ledger.settle, (batches));
        codes = abi.decode(ledger.callWithSignatures(all, call), (RowCode[][]))[0];
        assertTrue(codes[5] != RowCode.Settled, "another payee");
        assertEq(balance(stranger), 0, "another payee");
    }

    function test_WrongChain() public {
        Row memory r = bare(address(wallet), 10e6, 0);
        SignedDigest[] memory all = list(ofWallet(idOf(r)));
        vm.chainId(block.chainid + 1);
        assertCode(settleWith(all, r), RowCode.BadSignature, "another chain");
    }

    /// @dev Noting is open to all: a note by somebody else in the transaction serves as well, being a fact.
    function test_NotesOfOthersServe() public {
        Row memory r = bare(passkeyOwner, 10e6, 0);
        verifier.note(list(ofPasskey(idOf(r))));
        assertCode(settle(r), RowCode.Settled, "code");
    }

    function test_EcdsaMayTravelBeside() public {
        Row memory r = bare(payer, 10e6, 0);
        bytes32 id = idOf(r);
        assertCode(
            settleWith(list(SignedDigest(payer, id, long(PAYER_KEY, id))), r),
            RowCode.Settled,
            "code"
        );
    }

    /// @dev EIP-7702: the account has code that refuses everything, and its key signs as before.
    function test_DelegatedAccount() public {
        WalletMock refusing = new WalletMock(stranger);
        vm.etch(payer, abi.encodePacked(hex"ef0100", address(refusing)));
        assertCode(settle(row(10e6, 0)), RowCode.Settled, "its key");
        Row memory r = bare(payer, 10e6, 1);
        bytes32 id = idOf(r);
        SignedDigest[] memory all = list(SignedDigest(payer, id, long(STRANGER_KEY, id)));
        assertCode(settleWith(all, r), RowCode.Settled, "whom its code accepts");
    }

    // Messages with a signature of any length

    function withdrawal(
        address owner,
        uint64 nonce
    ) private view returns (WithdrawalRow memory w, bytes32 id) {
        w = WithdrawalRow(owner, payee, 10e6, 0, 0, nonce, DEADLINE, "");
        bytes32 typehash = keccak256(
            "Withdrawal(address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline)"
        );
        bytes memory head = abi.encode(typehash, owner, address(dollar), w.to, w.amount);
        id = digestOf(keccak256(bytes.concat(head, abi.encode(w.maxFee, nonce, DEADLINE))));
    }

    function test_WithdrawsForEveryKind() public {
        WithdrawalRow[] memory rows = new WithdrawalRow[](5);
        bytes32 id;
        (rows[0], id) = withdrawal(address(wallet), 0);
        rows[0].signature = long(WALLET_OWNER_KEY, id);
        (rows[1], id) = withdrawal(passkeyOwner, 0);
        rows[1].signature = passkey(PASSKEY, id);
        (rows[2], id) = withdrawal(passkeyOwner, 1);
        rows[2].signature = plainP256(PASSKEY, id);
        (rows[3], id) = withdrawal(address(wallet), 1);
        rows[3].signature = long(STRANGER_KEY, id);
        (rows[4], id) = withdrawal(passkeyOwner, 2);
        rows[4].signature = passkey(PASSKEY + 1, id);
        RowCode[] memory codes = ledger.withdrawBatch(address(dollar), rows);
        for (uint256 i = 0; i < 3; ++i) assertCode(codes[i], RowCode.Settled, "code");
        assertCode(codes[3], RowCode.BadSignature, "a stranger's");
        assertCode(codes[4], RowCode.BadSignature, "another passkey");
        assertEq(dollar.balanceOf(payee), 30e6, "paid out");
    }

    /// @dev A note is not asked for where the signature has its place: empty stays empty.
    function test_AnEmptySignatureIsNone() public {
        (WithdrawalRow memory w, bytes32 id) = withdrawal(passkeyOwner, 0);
        verifier.note(list(ofPasskey(id)));
        WithdrawalRow[] memory rows = new WithdrawalRow[](1);
        rows[0] = w;
        assertCode(ledger.withdrawBatch(address(dollar), rows)[0], RowCode.BadSignature, "code");
    }

    function test_CancelsAgreesAndApproves() public {
        address token = address(dollar);
        bytes32 typehash = keccak256(
            "Cancellation(address owner,address token,uint64 nonce,uint48 deadline)"
        );
        bytes32 id = digestOf(keccak256(abi.encode(typehash, address(wallet), token, uint64(0), DEADLINE)));
        ledger.cancelWithSignature(address(wallet), token, 0, DEADLINE, long(WALLET_OWNER_KEY, id));
        assertTrue(ledger.isNonceUsed(address(wallet), token, 0), "cancelled");
        typehash = keccak256(
            "Agreement(address payee,address operator,address token,uint16 feeBps,uint128 flatFee,uint64 nonce,uint48 deadline)"
        );
        bytes memory head = abi.encode(typehash, passkeyOwner, operator, token, uint16(50), uint128(2));
        id = digestOf(keccak256(bytes.concat(head, abi.encode(uint64(0), DEADLINE))));
        ledger.agreeWithSignature(passkeyOwner, operator, token, 50, 2, 0, DEADLINE, passkey(PASSKEY, id));
        assertEq(ledger.agreementOf(passkeyOwner, operator, token).feeBps, 50, "agreed");
        typehash = keccak256(
            "Approval(address owner,address spender,address token,uint256 amount,uint64 nonce,uint48 deadline)"
        );
        id = digestOf(
            keccak256(abi.encode(typehash, passkeyOwner, stranger, token, uint256(9), uint64(1), DEADLINE))
        );
        ledger.approveWithSignature(passkeyOwner, stranger, token, 9, 1, DEADLINE, plainP256(PASSKEY, id));
        assertEq(ledger.allowance(passkeyOwner, stranger, uint160(token)), 9, "approved");
        bytes memory forged = passkey(PASSKEY + 1, id);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerNonceUnusable.selector,
                passkeyOwner,
                token,
                1,
                RowCode.NonceUsed
            )
        );
        ledger.approveWithSignature(passkeyOwner, stranger, token, 9, 1, DEADLINE, forged);
    }

    // The call itself

    function test_CallKeepsTheCaller() public {
        bytes memory call = abi.encodeCall(ledger.agree, (operator, address(dollar), 7, 0));
        vm.prank(payee);
        ledger.callWithSignatures(new SignedDigest[](0), call);
        assertEq(ledger.agreementOf(payee, operator, address(dollar)).feeBps, 7, "the payee's");
    }

    function test_RevertsAsTheCallDoes() public {
        bytes memory call = abi.encodeCall(ledger.withdraw, (address(dollar), stranger, 1));
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientBalance.selector,
                stranger,
                address(dollar),
                0,
                1
            )
        );
        vm.prank(stranger);
        ledger.callWithSignatures(new SignedDigest[](0), call);
    }

    /// @dev What only the Ledger itself may call stays closed.
    function test_RevertWhen_TheCallIsTheLedgersOwn() public {
        bytes memory call = abi.encodeCall(ledger.payFromSelf, (address(dollar), stranger, 1));
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerOnlySelf.selector, stranger));
        vm.prank(stranger);
        ledger.callWithSignatures(new SignedDigest[](0), call);
        bytes[] memory calls = new bytes[](1);
        calls[0] = call;
        vm.prank(stranger);
        assertTrue(!ledger.tryEach(calls)[0], "nor by tryEach");
        assertEq(dollar.balanceOf(stranger), 0, "stranger");
    }

    function test_TryEachTakesCallsWithSignatures() public {
        Row memory r = bare(address(wallet), 10e6, 0);
        Row memory other = bare(passkeyOwner, 10e6, 0);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(
            ledger.callWithSignatures,
            (list(ofWallet(idOf(r))), abi.encodeCall(ledger.settle, (batchOf(r))))
        );
        calls[1] = abi.encodeCall(ledger.withdraw, (address(dollar), stranger, 1));
        calls[2] = abi.encodeCall(
            ledger.callWithSignatures,
            (list(ofPasskey(idOf(other))), abi.encodeCall(ledger.settle, (batchOf(other))))
        );
        vm.prank(stranger);
        bool[] memory done = ledger.tryEach(calls);
        assertTrue(done[0] && !done[1] && done[2], "each on its own");
        assertEq(balance(payee), 20e6, "payee");
    }

    function test_RevertWhen_TooLittleGasForAWallet() public {
        Row memory r = bare(address(wallet), 10e6, 0);
        bytes memory call = abi.encodeCall(
            ledger.callWithSignatures,
            (list(ofWallet(idOf(r))), abi.encodeCall(ledger.settle, (batchOf(r))))
        );
        (bool ok, bytes memory reason) = address(ledger).call{gas: 180_000}(call);
        assertTrue(!ok, "too little");
        assertEq(
            bytes32(bytes4(reason)),
            bytes32(ISignatureVerifier.SignatureVerifierOutOfGas.selector),
            "error"
        );
    }

    function test_VerifierIsTheSameEverywhere() public view {
        assertEq(address(ledger.signatureVerifier()), address(verifier), "ledger");
        assertEq(address(escrow.signatureVerifier()), address(verifier), "escrow");
    }
}

/// @dev One wallet of each kind that misbehaves, among a hundred rows: it can fail its own row and no other.
contract LedgerHostileWalletTest is SignersTest {
    uint256 private constant ROWS = 100;
    HostileWallet private hostile;

    function setUp() public override {
        super.setUp();
        hostile = new HostileWallet(HostileWallet.Mode.Accepts);
        fund(dollar, address(hostile), FUNDS);
    }

    function rowsWith(uint256 position) private view returns (Row[] memory rows) {
        rows = new Row[](ROWS);
        for (uint64 i = 0; i < ROWS; ++i) {
            rows[i] = i == position ? bare(address(hostile), 1e6, 0) : row(1e6, i);
        }
    }

    /// @dev By `withdrawBatch` the wallet is asked between the others' rows, by `settle` before all of them.
    function test_CannotHurtAnotherRow() public {
        uint256[3] memory positions = [uint256(0), ROWS / 2, ROWS - 1];
        uint256 modes = uint256(type(HostileWallet.Mode).max) + 1;
        for (uint256 p = 0; p < 3; ++p) {
            Row[] memory rows = rowsWith(positions[p]);
            uint256 start = vm.snapshotState();
            for (uint256 mode = 0; mode < modes; ++mode) {
                set(HostileWallet.Mode(mode));
                assertOthersSettle(rows, positions[p]);
                vm.revertToState(start);
            }
        }
    }

    function set(HostileWallet.Mode mode) private {
        hostile.setMode(mode);
        if (mode == HostileWallet.Mode.Thirsts) hostile.setThirst(210_000);
        if (mode == HostileWallet.Mode.Reenters) {
            bytes memory theft = abi.encodeCall(ledger.withdraw, (address(dollar), stranger, 1e6));
            hostile.setCall(address(ledger), theft);
        }
    }

    function assertOthersSettle(Row[] memory rows, uint256 position) private {
        bytes32 id = idOf(rows[position]);
        SignedDigest[] memory all = list(SignedDigest(address(hostile), id, hex"c0ffee"));
        bytes memory call = abi.encodeCall(ledger.settle, (batchOf(payee, address(dollar), rows)));
        uint256 before = gasleft();
        bytes memory answer = ledger.callWithSignatures{gas: 1 << 24}(all, call);
        uint256 used = before - gasleft();
        RowCode[] memory codes = abi.decode(answer, (RowCode[][]))[0];
        for (uint256 i = 0; i < ROWS; ++i) {
            if (i != position) assertCode(codes[i], RowCode.Settled, "the others");
        }
        bool settled = codes[position] == RowCode.Settled;
        assertTrue(settled == verifier.isNoted(address(hostile), id), "as it was noted");
        assertEq(balance(payee), (settled ? ROWS : ROWS - 1) * 1e6, "payee");
        assertEq(balance(address(hostile)), settled ? FUNDS - 1e6 : FUNDS, "hostile");
        assertEq(balance(stranger), 0, "nothing by reentry");
        // The wallet's share is capped at 200,000; copying its answer costs nobody.
        assertTrue(used < ROWS * 20_000 + 250_000, "gas");
    }

    function test_CannotHurtAnotherWithdrawal() public {
        uint256 modes = uint256(type(HostileWallet.Mode).max) + 1;
        uint256 start = vm.snapshotState();
        for (uint256 mode = 0; mode < modes; ++mode) {
            set(HostileWallet.Mode(mode));
            WithdrawalRow[] memory rows = new WithdrawalRow[](3);
            for (uint64 i = 0; i < 3; ++i) {
                rows[i] = WithdrawalRow(
                    i == 1 ? address(hostile) : payer,
                    payee,
                    1e6,
                    0,
                    0,
                    i,
                    DEADLINE,
                    hex"c0ffee"
                );
                if (i != 1) rows[i].signature = long(PAYER_KEY, withdrawalId(rows[i]));
            }
            uint256 before = gasleft();
            RowCode[] memory codes = ledger.withdrawBatch{gas: 1 << 24}(address(dollar), rows);
            assertTrue(before - gasleft() < 600_000, "gas");
            assertCode(codes[0], RowCode.Settled, "before");
            assertCode(codes[2], RowCode.Settled, "after");
            uint256 paid = codes[1] == RowCode.Settled ? 3e6 : 2e6;
            assertEq(dollar.balanceOf(payee), paid, "paid out");
            vm.revertToState(start);
        }
    }

    function withdrawalId(WithdrawalRow memory w) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Withdrawal(address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline)"
        );
        bytes memory head = abi.encode(typehash, w.owner, address(dollar), w.to, w.amount);
        return digestOf(keccak256(bytes.concat(head, abi.encode(w.maxFee, w.nonce, w.deadline))));
    }

    /// @dev A wallet may change its mind: what it said when it was asked stands, and it is not asked again.
    function test_AFickleWalletIsAskedOnce() public {
        hostile.setMode(HostileWallet.Mode.ChangesItsMind);
        Row memory r = bare(address(hostile), 1e6, 0);
        SignedDigest[] memory all = list(SignedDigest(address(hostile), idOf(r), ""));
        assertCode(settleWith(all, r), RowCode.Settled, "asked once");
        assertCode(settleWith(all, r), RowCode.NonceUsed, "once (invariant 3)");
    }
}

/// @dev Consents to acts of the Escrow by signers of other kinds than ECDSA.
contract EscrowSignersTest is SignersTest {
    function holdOf(uint64 nonce) private view returns (HoldRef memory ref) {
        ref = plain(nonce);
        ref.hold.payer = address(wallet);
        ref.payee = passkeyOwner;
    }

    function openWith(HoldRef memory ref, SignedDigest memory signature) private returns (RowCode) {
        bytes memory call = abi.encodeCall(escrow.open, (openBatch(ref, OpenRow(ref.hold, 0, 0))));
        return abi.decode(escrow.callWithSignatures(list(signature), call), (RowCode[][]))[0][0];
    }

    function opened(uint64 nonce) private returns (HoldRef memory ref) {
        ref = holdOf(nonce);
        assertCode(openWith(ref, ofWallet(referenceId(ref))), RowCode.Settled, "opened");
    }

    function unsigned() private pure returns (Consent memory by) {
        by.deadline = DEADLINE;
    }

    function digest(
        string memory act,
        HoldRef memory ref,
        uint256 first,
        uint256 second
    ) private view returns (bytes32) {
        bytes32 typehash = keccak256(bytes(act));
        return escrowDigest(keccak256(abi.encode(typehash, referenceId(ref), first, second, DEADLINE)));
    }

    function test_AWalletOpensAHold() public {
        HoldRef memory ref = opened(0);
        assertHold(referenceId(ref), HoldStatus.Open, 0, 0);
        assertEq(balance(address(wallet)), FUNDS - AMOUNT, "wallet");
        ref = holdOf(1);
        bytes32 id = referenceId(ref);
        SignedDigest memory forged = SignedDigest(address(wallet), id, long(STRANGER_KEY, id));
        assertCode(openWith(ref, forged), RowCode.BadSignature, "forged");
    }

    function captureCall(HoldRef memory ref, uint128 amount) private pure returns (bytes memory) {
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(ref.hold, amount);
        Consent[] memory consents = new Consent[](1);
        consents[0] = unsigned();
        return abi.encodeCall(IEscrow.capture, (amountBatch(ref, rows, consents)));
    }

    function run(SignedDigest memory signature, bytes memory call) private returns (RowCode) {
        vm.prank(operator);
        return abi.decode(escrow.callWithSignatures(list(signature), call), (RowCode[][]))[0][0];
    }

    function test_APasskeyCaptures() public {
        HoldRef memory ref = opened(0);
        bytes32 consented = digest(CAPTURE, ref, 60e6, 0);
        bytes memory call = captureCall(ref, 60e6);
        vm.prank(operator);
        bytes memory bad = escrow.callWithSignatures(new SignedDigest[](0), call);
        assertCode(abi.decode(bad, (RowCode[][]))[0][0], RowCode.BadSignature, "nothing noted");
        assertCode(
            run(ofPasskey(digest(CAPTURE, ref, 61e6, 0)), call),
            RowCode.BadSignature,
            "another amount"
        );
        assertCode(run(ofWallet(consented), call), RowCode.BadSignature, "the payer's");
        assertCode(run(ofPasskey(consented), call), RowCode.Settled, "captured");
        assertCode(run(ofPasskey(consented), captureCall(ref, 40e6)), RowCode.BadSignature, "once");
        assertEq(balance(passkeyOwner), FUNDS + 60e6, "payee");
    }

    function test_APasskeyVoids() public {
        HoldRef memory ref = opened(0);
        VoidRow[] memory rows = new VoidRow[](1);
        rows[0] = VoidRow(ref.hold, unsigned());
        bytes32 consented = escrowDigest(
            keccak256(abi.encode(keccak256(bytes(VOID)), referenceId(ref), uint128(0), DEADLINE))
        );
        bytes memory call = abi.encodeCall(IEscrow.void, (voidBatch(ref, rows)));
        assertCode(run(ofPasskey(consented), call), RowCode.Settled, "voided");
        assertEq(balance(address(wallet)), FUNDS, "wallet");
    }

    function test_DisputesAndAgrees() public {
        HoldRef memory ref = opened(0);
        bytes32 evidence = keccak256("claim");
        bytes memory call = abi.encodeCall(IEscrow.dispute, (ref, address(wallet), evidence, unsigned()));
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowNotActor.selector, address(this), address(wallet))
        );
        escrow.callWithSignatures(new SignedDigest[](0), call);
        escrow.callWithSignatures(list(ofWallet(digest(DISPUTE, ref, uint256(evidence), 0))), call);
        assertHold(referenceId(ref), HoldStatus.Disputed, 0, 0);
        bytes32 settlement = digest(SETTLEMENT, ref, 30e6, 0);
        SignedDigest[] memory both = new SignedDigest[](2);
        (both[0], both[1]) = (ofWallet(settlement), ofPasskey(settlement));
        call = abi.encodeCall(IEscrow.settleByAgreement, (ref, 30e6, unsigned(), unsigned()));
        escrow.callWithSignatures(both, call);
        assertHold(referenceId(ref), HoldStatus.Agreed, 70e6, 0);
        assertEq(balance(address(wallet)), FUNDS - 70e6, "wallet");
    }

    function test_RevertWhen_OneOfBothIsMissing() public {
        HoldRef memory ref = opened(0);
        bytes32 settlement = digest(SETTLEMENT, ref, 30e6, 0);
        bytes memory call = abi.encodeCall(IEscrow.settleByAgreement, (ref, 30e6, unsigned(), unsigned()));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowNotActor.selector, address(this), passkeyOwner));
        escrow.callWithSignatures(list(ofWallet(settlement)), call);
    }

    function test_RevertWhen_ANotedConsentIsLate() public {
        HoldRef memory ref = opened(0);
        bytes32 evidence = keccak256("claim");
        SignedDigest[] memory all = list(ofWallet(digest(DISPUTE, ref, uint256(evidence), 0)));
        bytes memory call = abi.encodeCall(IEscrow.dispute, (ref, address(wallet), evidence, unsigned()));
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.EscrowConsentExpired.selector, uint256(DEADLINE) + 1, DEADLINE)
        );
        escrow.callWithSignatures(all, call);
        vm.warp(DEADLINE);
        escrow.callWithSignatures(all, call);
    }

    /// @dev What is noted for one contract's messages is nothing to the other's.
    function test_8_ConsentsDoNotPay() public {
        HoldRef memory ref = opened(0);
        bytes32 consented = digest(CAPTURE, ref, 60e6, 0);
        HoldRef memory next = holdOf(1);
        assertCode(openWith(next, ofWallet(consented)), RowCode.BadSignature, "opens nothing");
        Row memory r = bare(address(wallet), AMOUNT, 1);
        assertCode(settleWith(list(ofWallet(consented)), r), RowCode.BadSignature, "settles nothing");
        // A hold is no payment, nor a payment a hold, though every field is the same.
        r.memo = termsHash(next);
        assertCode(settleWith(list(ofWallet(referenceId(next))), r), RowCode.BadSignature, "settles nothing");
        next = holdOf(2);
        (r.nonce, r.memo) = (2, termsHash(next));
        assertCode(openWith(next, ofWallet(idOf(r))), RowCode.BadSignature, "opens nothing");
        bytes memory call = captureCall(ref, 60e6);
        assertCode(run(ofPasskey(referenceId(ref)), call), RowCode.BadSignature, "captures nothing");
    }
}
