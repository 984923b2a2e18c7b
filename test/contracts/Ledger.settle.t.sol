// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {AccountView, Batch, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedLedger} from "./Deployed.sol";
import {LedgerTest} from "./LedgerTest.sol";

contract LedgerSettleTest is LedgerTest {
    function agree(uint16 feeBps, uint128 flatFee) private {
        vm.prank(payee);
        ledger.agree(operator, address(dollar), feeBps, flatFee);
    }

    function test_SettlesAPayment() public {
        agree(30, 0);
        Row memory good = row(100e6, 0);
        bytes32 id = idOf(good, payee, address(dollar));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(id, payer, payee, 100e6, 0, keccak256("invoice"));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.BatchSettled(payee, address(dollar), operator, 1, 100e6, 0.3e6);
        assertEq(uint256(settle(good)), uint256(RowCode.Settled), "code");
        AccountView memory account = ledger.accountOf(payer, address(dollar));
        assertEq(account.balance, FUNDS - 100e6, "payer");
        assertEq(account.nextNonce, 1, "next nonce");
        assertEq(account.window, 1, "window");
        assertEq(balance(payee), 99.7e6, "payee");
        assertEq(balance(operator), 0.3e6, "operator");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS, "supply (invariant 2)");
    }

    function test_CallerWithoutAgreementEarnsNothing() public {
        agree(30, 5);
        Batch[] memory batches = batchOf(row(100e6, 0));
        vm.prank(address(0x5717A));
        ledger.settle(batches);
        assertEq(balance(payee), 100e6, "payee");
        assertEq(balance(address(0x5717A)), 0, "caller");
    }

    function test_FlatFeeIsAPaymentsAndNeverMoreThanThePayment() public {
        agree(100, 2e6);
        Row[] memory rows = new Row[](2);
        rows[0] = row(1e6, 0);
        rows[1] = row(100e6, 1);
        vm.prank(operator);
        ledger.settle(batchOf(payee, address(dollar), rows));
        // 1e6 goes to the fee whole; 1 % and 2e6 of the second.
        assertEq(balance(operator), 1e6 + 3e6, "operator");
        assertEq(balance(payee), 97e6, "payee");
    }

    function test_OperatorMayBePayeeOrPayer() public {
        vm.prank(payee);
        ledger.agree(payee, address(dollar), 100, 0);
        Batch[] memory batches = batchOf(row(100e6, 0));
        vm.prank(payee);
        ledger.settle(batches);
        assertEq(balance(payee), 100e6, "operator is payee");
        vm.prank(payee);
        ledger.agree(payer, address(dollar), 100, 0);
        batches = batchOf(row(100e6, 1));
        vm.prank(payer);
        ledger.settle(batches);
        assertEq(balance(payer), FUNDS - 200e6 + 1e6, "operator is payer");
        assertEq(balance(payee), 199e6, "payee");
    }

    function test_PayerMayPayHerself() public {
        Row[] memory rows = new Row[](1);
        rows[0] = signed(PAYER_KEY, payer, address(dollar), FUNDS, 0, DEADLINE, 0);
        ledger.settle(batchOf(payer, address(dollar), rows));
        assertEq(balance(payer), FUNDS, "balance");
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 0), "nonce");
    }

    function test_BadRowsDoNotHinderGoodOnes() public {
        Row[] memory rows = new Row[](5);
        rows[0] = row(1e6, 0);
        rows[1] = row(1e6, 0);
        rows[2] = row(FUNDS, 1);
        rows[3] = row(2e6, 2);
        rows[3].vs = bytes32(uint256(1));
        rows[4] = row(3e6, 3);
        vm.prank(operator);
        RowCode[] memory codes = ledger.settle(batchOf(payee, address(dollar), rows))[0];
        assertEq(uint256(codes[0]), uint256(RowCode.Settled), "first");
        assertEq(uint256(codes[1]), uint256(RowCode.NonceUsed), "replay in the batch");
        assertEq(uint256(codes[2]), uint256(RowCode.InsufficientBalance), "too much");
        assertEq(uint256(codes[3]), uint256(RowCode.BadSignature), "forged");
        assertEq(uint256(codes[4]), uint256(RowCode.Settled), "last");
        assertEq(balance(payee), 4e6, "payee");
    }

    function test_SettlesSeveralBatchesOfSeveralTokens() public {
        fund(euro, payer, FUNDS);
        Row[] memory dollars = new Row[](1);
        dollars[0] = row(5e6, 0);
        Row[] memory euros = new Row[](1);
        euros[0] = signed(PAYER_KEY, payee, address(euro), 7e6, 0, DEADLINE, 0);
        Batch[] memory batches = new Batch[](3);
        batches[0] = Batch(payee, address(dollar), dollars);
        batches[1] = Batch(payee, address(euro), euros);
        // The euro row is signed for euros: in dollars it is nobody's signature.
        batches[2] = Batch(payee, address(dollar), euros);
        RowCode[][] memory codes = ledger.settle(batches);
        assertEq(uint256(codes[0][0]), uint256(RowCode.Settled), "dollars");
        assertEq(uint256(codes[1][0]), uint256(RowCode.Settled), "euros");
        assertEq(uint256(codes[2][0]), uint256(RowCode.NonceUsed), "other token");
        assertEq(balance(payee), 5e6, "dollars");
        assertEq(ledger.accountOf(payee, address(euro)).balance, 7e6, "euros");
    }

    function test_EmptyBatchesDoNothing() public {
        assertEq(ledger.settle(new Batch[](0)).length, 0, "no batch");
        vm.recordLogs();
        ledger.settle(batchOf(payee, address(dollar), new Row[](0)));
        assertEq(vm.getRecordedLogs().length, 0, "no row, no log");
    }

    function test_RejectsZeroAmount() public {
        assertRejected(row(0, 0), RowCode.ZeroAmount);
    }

    function test_DeadlineIsInclusive() public {
        vm.warp(DEADLINE - 1);
        assertEq(uint256(settle(row(1, 0))), uint256(RowCode.Settled), "before");
        vm.warp(DEADLINE);
        assertEq(uint256(settle(row(1, 1))), uint256(RowCode.Settled), "at");
        vm.warp(uint256(DEADLINE) + 1);
        assertRejected(row(1, 2), RowCode.Expired);
    }

    function test_BalanceBoundary() public {
        assertRejected(row(FUNDS + 1, 0), RowCode.InsufficientBalance);
        assertEq(uint256(settle(row(FUNDS, 1))), uint256(RowCode.Settled), "all of it");
        assertRejected(row(1, 2), RowCode.InsufficientBalance);
    }

    function test_RejectsInvalidPayees() public {
        Row memory toNobody = signed(PAYER_KEY, address(0), address(dollar), 1e6, 0, DEADLINE, 0);
        assertRejectedAt(toNobody, address(0), address(dollar), RowCode.InvalidPayee);
        Row memory toLedger = signed(PAYER_KEY, address(ledger), address(dollar), 1e6, 0, DEADLINE, 0);
        assertRejectedAt(toLedger, address(ledger), address(dollar), RowCode.InvalidPayee);
    }

    function test_3_ReplayIsRejected() public {
        Row memory good = row(1e6, 9);
        settle(good);
        assertRejected(good, RowCode.NonceUsed);
        // Another payment with the same nonce is rejected too.
        assertRejected(row(2e6, 9), RowCode.NonceUsed);
    }

    function test_WindowBoundary() public {
        settle(row(1, 100));
        assertRejected(row(1, 36), RowCode.NonceStale);
        assertEq(uint256(settle(row(1, 37))), uint256(RowCode.Settled), "63 below the highest");
        assertEq(uint256(settle(row(1, 38))), uint256(RowCode.Settled), "62 below the highest");
        assertRejected(row(1, 37), RowCode.NonceUsed);
    }

    function test_HighestNonce() public {
        assertRejected(row(1, type(uint56).max), RowCode.NonceTooHigh);
        // The top byte is a device's index, and there is none at 255.
        assertRejected(row(1, type(uint64).max), RowCode.DeviceInactive);
        assertEq(uint256(settle(row(1, type(uint56).max - 1))), uint256(RowCode.Settled), "highest");
        assertEq(uint256(settle(row(1, type(uint56).max - 2))), uint256(RowCode.Settled), "below it");
    }

    function test_RejectsFrozenPayer_UntilTheEnd() public {
        freeze(payer, address(dollar), NOW + 100);
        assertRejected(row(1, 0), RowCode.Frozen);
        vm.warp(NOW + 99);
        assertRejected(row(1, 0), RowCode.Frozen);
        vm.warp(NOW + 100);
        assertEq(uint256(settle(row(1, 0))), uint256(RowCode.Settled), "at the end");
        vm.warp(NOW + 101);
        assertEq(uint256(settle(row(1, 1))), uint256(RowCode.Settled), "after the end");
    }

    function test_FrozenPayeeStillReceives() public {
        freeze(payee, address(dollar), NOW + 100);
        assertEq(uint256(settle(row(1e6, 0))), uint256(RowCode.Settled), "code");
        assertEq(balance(payee), 1e6, "payee");
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerAccountFrozen.selector, payee, address(dollar), NOW + 100)
        );
        vm.prank(payee);
        ledger.withdraw(address(dollar), payee, 1);
    }

    // Signatures

    function test_RejectsStrangersSignature() public {
        Row memory bad = row(1e6, 0);
        resign(bad, STRANGER_KEY, payee, address(dollar));
        assertRejected(bad, RowCode.BadSignature);
    }

    function test_RejectsSignatureOverOtherTerms() public {
        Row memory bad = row(1e6, 0);
        bad.amount = 2e6;
        assertRejected(bad, RowCode.BadSignature);
        bad = row(1e6, 0);
        bad.memo = keccak256("other");
        assertRejected(bad, RowCode.BadSignature);
        bad = row(1e6, 0);
        bad.deadline += 1;
        assertRejected(bad, RowCode.BadSignature);
        bad = row(1e6, 0);
        bad.nonce = 1;
        assertRejected(bad, RowCode.BadSignature);
        assertRejectedAt(row(1e6, 0), address(0x0DD), address(dollar), RowCode.BadSignature);
    }

    function test_RejectsHighS() public {
        Row memory bad = row(1e6, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, idOf(bad, payee, address(dollar)));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        uint256 high = order - uint256(s);
        bad.r = r;
        // The mirrored signature recovers the same key where it is accepted at all. In the compact form the top bit
        // of a high s is the parity bit's place, so both readings are tried.
        bad.vs = bytes32(high | (uint256(v == 27 ? 1 : 0) << 255));
        assertRejected(bad, RowCode.BadSignature);
        bad.vs = bytes32(high & (type(uint256).max >> 1));
        assertRejected(bad, RowCode.BadSignature);
    }

    function test_RejectsEmptySignature_AlsoForTheZeroAddress() public {
        Row memory bad = row(1e6, 0);
        bad.r = 0;
        bad.vs = 0;
        assertRejected(bad, RowCode.BadSignature);
        // Nobody can credit the zero address, but were it rich, an unrecoverable signature must not be its own.
        bad.payer = address(0);
        assertRejected(bad, RowCode.InsufficientBalance);
    }

    function test_RejectsOtherChainAndOtherLedger() public {
        Row memory good = row(1e6, 0);
        DeployedLedger other = DeployedLedger(deploy("Ledger.sol:Ledger", abi.encode(manager, verifier)));
        Row memory foreign = row(1e6, 0);
        (foreign.r, foreign.vs) = compact(
            PAYER_KEY,
            other.paymentId(payer, payee, address(dollar), 1e6, 0, DEADLINE, keccak256("invoice"))
        );
        assertRejected(foreign, RowCode.BadSignature);
        vm.chainId(777);
        assertRejected(good, RowCode.BadSignature);
    }

    // Fuzz

    /// @dev Random good and bad rows against plain balances.
    function testFuzz_1_2_7_BatchesAgainstAModel(uint256 seed, uint16 feeBps, uint64 flatFee) public {
        feeBps = uint16(bound(feeBps, 0, 10_000));
        agree(feeBps, flatFee);
        Row[] memory rows = new Row[](12);
        uint256 left = FUNDS;
        uint256 fees;
        uint256 gross;
        uint256 usedNonces;
        RowCode[] memory expected = new RowCode[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint64 nonce = uint64(seed % 16);
            uint128 amount = uint128((seed >> 8) % (FUNDS / 3));
            rows[i] = row(amount, nonce);
            bool forged = (seed >> 200) % 5 == 0;
            if (forged) resign(rows[i], STRANGER_KEY, payee, address(dollar));
            if (amount == 0) expected[i] = RowCode.ZeroAmount;
            else if (usedNonces & (1 << nonce) != 0) expected[i] = RowCode.NonceUsed;
            else if (amount > left) expected[i] = RowCode.InsufficientBalance;
            else if (forged) expected[i] = RowCode.BadSignature;
            else {
                expected[i] = RowCode.Settled;
                usedNonces |= 1 << nonce;
                left -= amount;
                gross += amount;
                uint256 fee = (uint256(amount) * feeBps) / 10_000 + flatFee;
                fees += fee > amount ? amount : fee;
            }
        }
        vm.prank(operator);
        RowCode[] memory codes = ledger.settle(batchOf(payee, address(dollar), rows))[0];
        for (uint256 i = 0; i < rows.length; ++i) {
            assertEq(uint256(codes[i]), uint256(expected[i]), "code");
        }
        assertEq(balance(payer), left, "payer");
        assertEq(balance(payee), gross - fees, "payee");
        assertEq(balance(operator), fees, "operator");
        assertEq(dollar.balanceOf(address(ledger)), FUNDS, "solvency");
    }

    /// @dev The assembly of LedgerHashes against the plain digest of an independent encoding.
    function testFuzz_IdIsTheEip712Digest(
        uint256 key,
        address to,
        uint128 amount,
        uint64 nonce,
        uint48 deadline,
        bytes32 memo
    ) public {
        key = bound(key, 1, type(uint128).max);
        if (to == address(0) || to == address(ledger)) to = payee;
        amount = uint128(bound(amount, 1, type(uint128).max));
        deadline = uint48(bound(deadline, NOW, type(uint48).max));
        nonce = uint64(bound(nonce, 0, type(uint56).max - 1));
        Row memory r = signed(key, to, address(dollar), amount, nonce, deadline, memo);
        bytes32 id = digestOf(
            keccak256(
                abi.encode(
                    keccak256(
                        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)"
                    ),
                    r.payer,
                    to,
                    address(dollar),
                    amount,
                    nonce,
                    deadline,
                    memo
                )
            )
        );
        assertEq(idOf(r, to, address(dollar)), id, "paymentId");
        Row[] memory rows = new Row[](2);
        rows[0] = r;
        rows[1] = r;
        vm.recordLogs();
        ledger.settle(batchOf(to, address(dollar), rows));
        assertEq(vm.getRecordedLogs()[0].topics[1], id, "id of the first row");
    }
}
