// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {DenylistToken} from "../../contracts/mocks/DenylistToken.sol";
import {FalseReturnToken} from "../../contracts/mocks/FalseReturnToken.sol";
import {FeeOnTransferToken} from "../../contracts/mocks/FeeOnTransferToken.sol";
import {GreedyToken} from "../../contracts/mocks/GreedyToken.sol";
import {NoReturnToken} from "../../contracts/mocks/NoReturnToken.sol";
import {ReentrantToken} from "../../contracts/mocks/ReentrantToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {RowCode, WithdrawalRow} from "../../contracts/types/LedgerTypes.sol";
import {LedgerTest} from "./LedgerTest.sol";

contract LedgerDepositTest is LedgerTest {
    function test_CreditsWhatArrived() public {
        dollar.mint(address(this), 5e6);
        dollar.approve(address(ledger), 5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Deposited(payee, address(dollar), address(this), 5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(this), address(0), payee, uint160(address(dollar)), 5e6);
        assertEq(ledger.deposit(address(dollar), payee, 5e6), 5e6, "credited");
        assertEq(balance(payee), 5e6, "payee");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS + 5e6, "supply");
        assertEq(dollar.balanceOf(address(ledger)), FUNDS + 5e6, "held");
    }

    function test_FeeOnTransfer() public {
        FeeOnTransferToken token = FeeOnTransferToken(
            deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(100))
        );
        token.mint(address(this), 1_000);
        token.approve(address(ledger), 1_000);
        assertEq(ledger.deposit(address(token), payee, 1_000), 990, "credited");
        assertEq(ledger.accountOf(payee, address(token)).balance, 990, "balance");
    }

    function test_NoReturnToken() public {
        NoReturnToken token = NoReturnToken(deploy("NoReturnToken.sol:NoReturnToken", ""));
        token.mint(address(this), 10);
        token.approve(address(ledger), 10);
        assertEq(ledger.deposit(address(token), payee, 10), 10, "credited");
        vm.prank(payee);
        ledger.withdraw(address(token), payee, 10);
        assertEq(token.balanceOf(payee), 10, "out");
    }

    function test_RevertWhen_RecipientIsInvalid() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(0)));
        ledger.deposit(address(dollar), address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(ledger)));
        ledger.deposit(address(dollar), address(ledger), 1);
    }

    function test_RevertWhen_NothingArrives() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerNothingReceived.selector, address(dollar), 0));
        ledger.deposit(address(dollar), payee, 0);
    }

    function test_RevertWhen_NotApproved() public {
        dollar.mint(address(this), 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(ledger), 0, 1)
        );
        ledger.deposit(address(dollar), payee, 1);
    }

    function test_RevertWhen_TokenAnswersFalse() public {
        FalseReturnToken token = FalseReturnToken(deploy("FalseReturnToken.sol:FalseReturnToken", ""));
        token.mint(address(this), 1);
        token.approve(address(ledger), 1);
        token.setFailing(true);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        ledger.deposit(address(token), payee, 1);
    }

    function test_SupplyBoundary() public {
        TestToken token = newToken("Large", "LRG", 18);
        uint256 most = type(uint128).max;
        token.mint(address(this), most + 1);
        token.approve(address(ledger), most + 1);
        ledger.deposit(address(token), payee, most - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerSupplyTooHigh.selector, address(token), most + 1, most)
        );
        ledger.deposit(address(token), payer, 2);
        assertEq(ledger.deposit(address(token), payer, 1), 1, "the last unit");
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerSupplyTooHigh.selector, address(token), most + 1, most)
        );
        ledger.deposit(address(token), payer, 1);
    }

    /// @dev A deposit within a deposit would count the inner money twice.
    function test_ReentrantDepositIsRefused() public {
        ReentrantToken token = ReentrantToken(deploy("ReentrantToken.sol:ReentrantToken", ""));
        token.mint(address(this), 100);
        token.mint(address(token), 100);
        token.approve(address(ledger), 100);
        token.setCall(address(ledger), abi.encodeCall(ledger.deposit, (address(token), payee, 50)));
        ledger.deposit(address(token), payee, 100);
        assertTrue(!token.lastCallSucceeded(), "inner deposit");
        assertEq(
            bytes32(bytes4(token.lastAnswer())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "reason"
        );
        assertEq(ledger.accountOf(payee, address(token)).balance, 100, "credited once");
    }
}

contract LedgerWithdrawTest is LedgerTest {
    function test_PaysOut() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Withdrawn(0, payer, address(dollar), payee, 4e6, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(payer, payer, address(0), uint160(address(dollar)), 4e6);
        vm.prank(payer);
        ledger.withdraw(address(dollar), payee, 4e6);
        assertEq(dollar.balanceOf(payee), 4e6, "received");
        assertEq(balance(payer), FUNDS - 4e6, "account");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS - 4e6, "supply");
    }

    function test_BalanceBoundary() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientBalance.selector,
                payer,
                address(dollar),
                FUNDS,
                FUNDS + 1
            )
        );
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS + 1);
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS);
        assertEq(balance(payer), 0, "empty");
    }

    function test_RevertWhen_RecipientIsInvalid() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(ledger)));
        vm.prank(payer);
        ledger.withdraw(address(dollar), address(ledger), 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(0)));
        vm.prank(payer);
        ledger.withdraw(address(dollar), address(0), 1);
    }

    function test_5_FreezeEndsByItself() public {
        freeze(payer, address(dollar), NOW + 30 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerAccountFrozen.selector,
                payer,
                address(dollar),
                NOW + 30 days
            )
        );
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, 1);
        vm.warp(NOW + 30 days);
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, 1);
        assertEq(dollar.balanceOf(payer), 1, "out");
    }

    function test_RevertWhen_TokenTakesTooMuch() public {
        GreedyToken token = GreedyToken(deploy("GreedyToken.sol:GreedyToken", ""));
        fund(token, payer, 100);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerTookTooMuch.selector, address(token), 11, 10));
        vm.prank(payer);
        ledger.withdraw(address(token), payer, 10);
        assertEq(ledger.accountOf(payer, address(token)).balance, 100, "unchanged");
    }

    function test_ReentrantWithdrawIsRefused() public {
        ReentrantToken token = ReentrantToken(deploy("ReentrantToken.sol:ReentrantToken", ""));
        fund(token, address(token), 100);
        fund(token, payer, 100);
        token.setCall(address(ledger), abi.encodeCall(ledger.withdraw, (address(token), payee, 50)));
        vm.prank(payer);
        ledger.withdraw(address(token), payer, 100);
        assertTrue(!token.lastCallSucceeded(), "inner withdrawal");
        assertEq(ledger.accountOf(address(token), address(token)).balance, 100, "the token's own account");
    }

    function test_DeniedPayeeCanUseAnotherAddress() public {
        DenylistToken token = DenylistToken(deploy("DenylistToken.sol:DenylistToken", ""));
        fund(token, payee, 10);
        token.deny(payee, true);
        vm.expectRevert(abi.encodeWithSelector(DenylistToken.Denied.selector, payee));
        vm.prank(payee);
        ledger.withdraw(address(token), payee, 10);
        vm.prank(payee);
        ledger.withdraw(address(token), address(0xB0B), 10);
        assertEq(token.balanceOf(address(0xB0B)), 10, "out");
    }

    function test_RevertWhen_StrangerCallsPayFromSelf() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerOnlySelf.selector, address(this)));
        ledger.payFromSelf(address(dollar), payee, 1);
    }
}

contract LedgerWithdrawBatchTest is LedgerTest {
    address private home = address(0x40E);

    function withdrawal(
        TestToken token,
        address to,
        uint128 amount,
        uint128 maxFee,
        uint128 fee,
        uint64 nonce
    ) private view returns (WithdrawalRow memory w) {
        w = WithdrawalRow(payer, to, amount, maxFee, fee, nonce, DEADLINE, "");
        w.signature = long(PAYER_KEY, idOfWithdrawal(token, w));
    }

    function idOfWithdrawal(TestToken token, WithdrawalRow memory w) private view returns (bytes32) {
        return
            digestOf(
                keccak256(
                    abi.encode(
                        keccak256(
                            "Withdrawal(address owner,address token,address to,uint128 amount,uint128 maxFee,uint64 nonce,uint48 deadline)"
                        ),
                        w.owner,
                        address(token),
                        w.to,
                        w.amount,
                        w.maxFee,
                        w.nonce,
                        w.deadline
                    )
                )
            );
    }

    function run(TestToken token, WithdrawalRow memory w) private returns (RowCode) {
        WithdrawalRow[] memory rows = new WithdrawalRow[](1);
        rows[0] = w;
        vm.prank(operator);
        return ledger.withdrawBatch(address(token), rows)[0];
    }

    function assertRefused(TestToken token, WithdrawalRow memory w, RowCode code) private {
        bytes32 before = stateOf(w.owner, home, address(token));
        uint256 held = token.balanceOf(address(ledger));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Rejected(idOfWithdrawal(token, w), w.owner, code);
        assertEq(uint256(run(token, w)), uint256(code), "code");
        assertEq(stateOf(w.owner, home, address(token)), before, "state after a rejected row");
        assertEq(token.balanceOf(address(ledger)), held, "held");
    }

    function test_PaysOutLessTheFee() public {
        WithdrawalRow memory w = withdrawal(dollar, home, 10e6, 1e6, 0.5e6, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.NonceUsed(payer, address(dollar), 0, idOfWithdrawal(dollar, w));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Withdrawn(idOfWithdrawal(dollar, w), payer, address(dollar), home, 10e6, 0.5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(operator, payer, address(0), uint160(address(dollar)), 9.5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(operator, payer, operator, uint160(address(dollar)), 0.5e6);
        assertEq(uint256(run(dollar, w)), uint256(RowCode.Settled), "code");
        assertEq(dollar.balanceOf(home), 9.5e6, "received");
        assertEq(balance(operator), 0.5e6, "fee");
        assertEq(balance(payer), FUNDS - 10e6, "owner");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS - 9.5e6, "supply");
    }

    function test_TakesTheCompactSignatureToo() public {
        WithdrawalRow memory w = withdrawal(dollar, home, 10e6, 0, 0, 0);
        (bytes32 r, bytes32 vs) = compact(PAYER_KEY, idOfWithdrawal(dollar, w));
        w.signature = abi.encodePacked(r, vs);
        vm.recordLogs();
        assertEq(uint256(run(dollar, w)), uint256(RowCode.Settled), "code");
        // The token's own, NonceUsed, Withdrawn and one Transfer: there is no fee.
        assertEq(vm.getRecordedLogs().length, 4, "logs");
    }

    function test_FeeBoundary() public {
        assertRefused(dollar, withdrawal(dollar, home, 10, 5, 6, 0), RowCode.FeeTooHigh);
        assertRefused(dollar, withdrawal(dollar, home, 10, 20, 11, 0), RowCode.FeeTooHigh);
        assertEq(uint256(run(dollar, withdrawal(dollar, home, 10, 5, 5, 0))), uint256(RowCode.Settled), "at");
        assertEq(
            uint256(run(dollar, withdrawal(dollar, home, 10, 5, 4, 1))),
            uint256(RowCode.Settled),
            "below"
        );
    }

    function test_RejectsEachBadRow() public {
        assertRefused(dollar, withdrawal(dollar, address(0), 10, 0, 0, 0), RowCode.InvalidPayee);
        assertRefused(dollar, withdrawal(dollar, address(ledger), 10, 0, 0, 0), RowCode.InvalidPayee);
        assertRefused(dollar, withdrawal(dollar, home, 0, 0, 0, 0), RowCode.ZeroAmount);
        assertRefused(dollar, withdrawal(dollar, home, FUNDS + 1, 0, 0, 0), RowCode.InsufficientBalance);
        WithdrawalRow memory forged = withdrawal(dollar, home, 10, 0, 0, 0);
        forged.amount = 11;
        assertRefused(dollar, forged, RowCode.BadSignature);
        forged = withdrawal(dollar, home, 10, 0, 0, 0);
        forged.signature = long(STRANGER_KEY, idOfWithdrawal(dollar, forged));
        assertRefused(dollar, forged, RowCode.BadSignature);
        freeze(payer, address(dollar), NOW + 1);
        assertRefused(dollar, withdrawal(dollar, home, 10, 0, 0, 0), RowCode.Frozen);
        vm.warp(uint256(DEADLINE) + 1);
        assertRefused(dollar, withdrawal(dollar, home, 10, 0, 0, 0), RowCode.Expired);
    }

    function test_RejectsMalformedSignatures() public {
        WithdrawalRow memory w = withdrawal(dollar, home, 10, 0, 0, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, idOfWithdrawal(dollar, w));
        bytes[6] memory bad = [
            bytes(""),
            abi.encodePacked(r, s),
            abi.encodePacked(r, s, v, v),
            abi.encodePacked(r, bytes31(s), v),
            abi.encodePacked(r, s, uint8(v - 27)),
            abi.encodePacked(
                r,
                0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - uint256(s),
                v == 27 ? uint8(28) : uint8(27)
            )
        ];
        // The second one is well formed as a compact signature if v is 27.
        if (v == 27) bad[1] = abi.encodePacked(r, uint256(s) | (1 << 255));
        for (uint256 i = 0; i < bad.length; ++i) {
            w.signature = bad[i];
            assertRefused(dollar, w, RowCode.BadSignature);
        }
    }

    function test_3_ReplayIsRejected() public {
        WithdrawalRow memory w = withdrawal(dollar, home, 10, 0, 0, 7);
        run(dollar, w);
        assertRefused(dollar, w, RowCode.NonceUsed);
    }

    function test_FailedTransferIsPutBack() public {
        GreedyToken greedy = GreedyToken(deploy("GreedyToken.sol:GreedyToken", ""));
        fund(greedy, payer, 100);
        assertRefused(greedy, withdrawal(greedy, home, 10, 2, 2, 0), RowCode.TransferFailed);
        DenylistToken denylist = DenylistToken(deploy("DenylistToken.sol:DenylistToken", ""));
        fund(denylist, payer, 100);
        denylist.deny(home, true);
        WithdrawalRow[] memory rows = new WithdrawalRow[](2);
        rows[0] = withdrawal(denylist, home, 10, 0, 0, 0);
        rows[1] = withdrawal(denylist, payee, 20, 0, 0, 1);
        RowCode[] memory codes = ledger.withdrawBatch(address(denylist), rows);
        assertEq(uint256(codes[0]), uint256(RowCode.TransferFailed), "denied");
        assertEq(uint256(codes[1]), uint256(RowCode.Settled), "the other");
        assertEq(ledger.accountOf(payer, address(denylist)).balance, 80, "only the second was taken");
        assertTrue(!ledger.isNonceUsed(payer, address(denylist), 0), "nonce of the failed row");
    }

    function test_ReentrantTokenGainsNothing() public {
        ReentrantToken token = ReentrantToken(deploy("ReentrantToken.sol:ReentrantToken", ""));
        fund(token, payer, 100);
        WithdrawalRow memory w = withdrawal(token, home, 60, 0, 0, 0);
        WithdrawalRow[] memory again = new WithdrawalRow[](1);
        again[0] = withdrawal(token, home, 40, 0, 0, 1);
        token.setCall(address(ledger), abi.encodeCall(ledger.withdrawBatch, (address(token), again)));
        assertEq(uint256(run(token, w)), uint256(RowCode.Settled), "code");
        assertTrue(!token.lastCallSucceeded(), "inner batch");
        assertEq(ledger.accountOf(payer, address(token)).balance, 40, "account");
        assertEq(token.balanceOf(address(ledger)), 40, "held");
    }
}
