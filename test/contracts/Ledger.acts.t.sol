// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC6909, IERC6909TokenSupply} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {AccountView, Agreement, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {LedgerTest} from "./LedgerTest.sol";

contract LedgerCancelTest is LedgerTest {
    function cancellation(uint64 nonce, uint48 deadline) private view returns (bytes32) {
        return
            digestOf(
                keccak256(
                    abi.encode(
                        keccak256("Cancellation(address owner,address token,uint64 nonce,uint48 deadline)"),
                        payer,
                        address(dollar),
                        nonce,
                        deadline
                    )
                )
            );
    }

    function test_CancelledPaymentCannotSettle() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.NonceUsed(payer, address(dollar), 3, 0);
        vm.prank(payer);
        ledger.cancel(address(dollar), 3);
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 3), "used");
        assertEq(balance(payer), FUNDS, "balance");
        assertRejected(row(1e6, 3), RowCode.NonceUsed);
        assertEq(uint256(settle(row(1e6, 2))), uint256(RowCode.Settled), "another nonce");
    }

    function test_RevertWhen_NonceWasUsed() public {
        settle(row(1e6, 100));
        uint64[3] memory nonces = [uint64(100), 36, type(uint56).max];
        RowCode[3] memory codes = [RowCode.NonceUsed, RowCode.NonceStale, RowCode.NonceTooHigh];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILedger.LedgerNonceUnusable.selector,
                    payer,
                    address(dollar),
                    nonces[i],
                    codes[i]
                )
            );
            vm.prank(payer);
            ledger.cancel(address(dollar), nonces[i]);
        }
    }

    function test_FrozenOwnerMayCancelAndStaysFrozen() public {
        freeze(payer, address(dollar), NOW + 10);
        vm.prank(payer);
        ledger.cancel(address(dollar), 0);
        assertRejected(row(1, 1), RowCode.Frozen);
    }

    function test_BySignature() public {
        bytes memory signature = long(PAYER_KEY, cancellation(3, DEADLINE));
        ledger.cancelWithSignature(payer, address(dollar), 3, DEADLINE, signature);
        assertRejected(row(1e6, 3), RowCode.NonceUsed);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerNonceUnusable.selector,
                payer,
                address(dollar),
                3,
                RowCode.NonceUsed
            )
        );
        ledger.cancelWithSignature(payer, address(dollar), 3, DEADLINE, signature);
    }

    function test_RevertWhen_SignatureIsNotTheOwners() public {
        bytes32 digest = cancellation(3, DEADLINE);
        bytes memory signature = long(STRANGER_KEY, digest);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, digest));
        ledger.cancelWithSignature(payer, address(dollar), 3, DEADLINE, signature);
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 3), "nonce");
    }

    function test_DeadlineIsInclusive() public {
        bytes memory late = long(PAYER_KEY, cancellation(4, DEADLINE));
        bytes memory inTime = long(PAYER_KEY, cancellation(3, DEADLINE));
        vm.warp(DEADLINE);
        ledger.cancelWithSignature(payer, address(dollar), 3, DEADLINE, inTime);
        vm.warp(uint256(DEADLINE) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerSignatureExpired.selector, uint256(DEADLINE) + 1, DEADLINE)
        );
        ledger.cancelWithSignature(payer, address(dollar), 4, DEADLINE, late);
    }
}

contract LedgerAgreeTest is LedgerTest {
    function agreement(uint16 feeBps, uint64 nonce) private view returns (bytes32) {
        return
            digestOf(
                keccak256(
                    abi.encode(
                        keccak256(
                            "Agreement(address payee,address operator,address token,uint16 feeBps,uint128 flatFee,uint64 nonce,uint48 deadline)"
                        ),
                        payee,
                        operator,
                        address(dollar),
                        feeBps,
                        uint128(5),
                        nonce,
                        DEADLINE
                    )
                )
            );
    }

    function test_SetsAndEndsAnAgreement() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.AgreementSet(payee, operator, address(dollar), 10_000, 7);
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 10_000, 7);
        Agreement memory found = ledger.agreementOf(payee, operator, address(dollar));
        assertEq(found.feeBps, 10_000, "bps");
        assertEq(found.flatFee, 7, "flat fee");
        assertEq(ledger.agreementOf(payee, operator, address(euro)).feeBps, 0, "other token");
        vm.prank(payee);
        ledger.agree(operator, address(dollar), 0, 0);
        settle(row(1e6, 0));
        assertEq(balance(payee), 1e6, "no fee any more");
    }

    function test_RevertWhen_FeeIsAboveTheWhole() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerFeeTooHigh.selector, 10_001, 10_000));
        ledger.agree(operator, address(dollar), 10_001, 0);
    }

    function test_BySignature() public {
        bytes memory signature = long(PAYEE_KEY, agreement(100, 0));
        ledger.agreeWithSignature(payee, operator, address(dollar), 100, 5, 0, DEADLINE, signature);
        assertEq(ledger.agreementOf(payee, operator, address(dollar)).feeBps, 100, "bps");
        settle(row(1e6, 0));
        assertEq(balance(operator), 1e4 + 5, "fee");
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerNonceUnusable.selector,
                payee,
                address(dollar),
                0,
                RowCode.NonceUsed
            )
        );
        ledger.agreeWithSignature(payee, operator, address(dollar), 100, 5, 0, DEADLINE, signature);
    }

    function test_RevertWhen_TermsWereChanged() public {
        bytes memory signature = long(PAYEE_KEY, agreement(100, 0));
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payee, agreement(101, 0))
        );
        ledger.agreeWithSignature(payee, operator, address(dollar), 101, 5, 0, DEADLINE, signature);
    }
}

contract LedgerErc6909Test is LedgerTest {
    uint256 private id;
    address private spender = address(0x59E4D);

    function setUp() public override {
        super.setUp();
        id = uint160(address(dollar));
    }

    function test_Transfer() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(payer, payer, payee, id, 10);
        vm.prank(payer);
        assertTrue(ledger.transfer(payee, id, 10), "answer");
        assertEq(ledger.balanceOf(payer, id), FUNDS - 10, "payer");
        assertEq(ledger.balanceOf(payee, id), 10, "payee");
        assertEq(ledger.totalSupply(id), FUNDS, "supply");
    }

    function test_TransferToOneself() public {
        vm.prank(payer);
        ledger.transfer(payer, id, FUNDS);
        assertEq(ledger.balanceOf(payer, id), FUNDS, "balance");
    }

    function test_4_RevertWhen_SpenderHasNoAllowance() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientAllowance.selector,
                payer,
                spender,
                address(dollar),
                0,
                1
            )
        );
        vm.prank(spender);
        ledger.transferFrom(payer, spender, id, 1);
    }

    function test_AllowanceIsUsedUp() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Approval(payer, spender, id, 10);
        vm.prank(payer);
        assertTrue(ledger.approve(spender, id, 10), "answer");
        vm.prank(spender);
        assertTrue(ledger.transferFrom(payer, payee, id, 4), "answer");
        assertEq(ledger.allowance(payer, spender, id), 6, "left");
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientAllowance.selector,
                payer,
                spender,
                address(dollar),
                6,
                7
            )
        );
        vm.prank(spender);
        ledger.transferFrom(payer, payee, id, 7);
    }

    function test_InfiniteAllowanceStays() public {
        vm.prank(payer);
        ledger.approve(spender, id, type(uint256).max);
        vm.prank(spender);
        ledger.transferFrom(payer, payee, id, 4);
        assertEq(ledger.allowance(payer, spender, id), type(uint256).max, "left");
    }

    function test_OwnerAndOperatorNeedNoAllowance() public {
        vm.prank(payer);
        ledger.transferFrom(payer, payee, id, 1);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.OperatorSet(payer, spender, true);
        vm.prank(payer);
        assertTrue(ledger.setOperator(spender, true), "answer");
        assertTrue(ledger.isOperator(payer, spender), "operator");
        vm.prank(spender);
        ledger.transferFrom(payer, payee, id, 1);
        assertEq(ledger.balanceOf(payee, id), 2, "payee");
        vm.prank(payer);
        ledger.setOperator(spender, false);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientAllowance.selector,
                payer,
                spender,
                address(dollar),
                0,
                1
            )
        );
        vm.prank(spender);
        ledger.transferFrom(payer, payee, id, 1);
    }

    function test_ApproveBySignature() public {
        bytes memory signature = long(PAYER_KEY, approval(9, 5));
        ledger.approveWithSignature(payer, spender, address(dollar), 9, 5, DEADLINE, signature);
        assertEq(ledger.allowance(payer, spender, id), 9, "allowance");
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 5), "nonce");
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerBadSignature.selector, payer, approval(10, 6)));
        ledger.approveWithSignature(payer, spender, address(dollar), 10, 6, DEADLINE, signature);
    }

    function approval(uint256 amount, uint64 nonce) private view returns (bytes32) {
        return
            digestOf(
                keccak256(
                    abi.encode(
                        keccak256(
                            "Approval(address owner,address spender,address token,uint256 amount,uint64 nonce,uint48 deadline)"
                        ),
                        payer,
                        spender,
                        address(dollar),
                        amount,
                        nonce,
                        DEADLINE
                    )
                )
            );
    }

    function test_RevertWhen_AmountIsAboveTheBalance() public {
        uint256[2] memory amounts = [uint256(FUNDS) + 1, type(uint256).max];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILedger.LedgerInsufficientBalance.selector,
                    payer,
                    address(dollar),
                    FUNDS,
                    amounts[i]
                )
            );
            vm.prank(payer);
            ledger.transfer(payee, id, amounts[i]);
        }
    }

    function test_RevertWhen_ReceiverIsInvalidOrIdIsNoToken() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(ledger)));
        vm.prank(payer);
        ledger.transfer(address(ledger), id, 1);
        uint256 wide = id | (1 << 160);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerNotAToken.selector, wide));
        vm.prank(payer);
        ledger.transfer(payee, wide, 1);
    }

    function test_Interfaces() public view {
        assertTrue(ledger.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(ledger.supportsInterface(type(IERC6909).interfaceId), "ERC-6909");
        assertTrue(ledger.supportsInterface(type(IERC6909TokenSupply).interfaceId), "supply");
        assertTrue(!ledger.supportsInterface(0xffffffff), "none");
    }
}

contract LedgerFreezeTest is LedgerTest {
    function test_FreezeAndUnfreeze() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Frozen(payer, address(dollar), NOW + 5, keccak256("order"));
        freeze(payer, address(dollar), NOW + 5);
        assertEq(ledger.accountOf(payer, address(dollar)).frozenUntil, NOW + 5, "until");
        assertEq(balance(payer), FUNDS, "balance");
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Unfrozen(payer, address(dollar), keccak256("lifted"));
        vm.prank(officer);
        ledger.unfreeze(payer, address(dollar), keccak256("lifted"));
        assertEq(ledger.accountOf(payer, address(dollar)).frozenUntil, 0, "until");
        assertEq(uint256(settle(row(1, 0))), uint256(RowCode.Settled), "free again");
    }

    function test_FreezesOneTokenOnly() public {
        fund(euro, payer, 10);
        freeze(payer, address(dollar), NOW + 5);
        vm.prank(payer);
        ledger.withdraw(address(euro), payer, 10);
        assertEq(euro.balanceOf(payer), 10, "euros");
    }

    function test_FrozenAccountCannotTransfer() public {
        freeze(payer, address(dollar), NOW + 5);
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerAccountFrozen.selector, payer, address(dollar), NOW + 5)
        );
        vm.prank(payer);
        ledger.transfer(payee, uint160(address(dollar)), 1);
    }

    function test_PeriodBoundary() public {
        uint256 most = uint256(NOW) + 30 days;
        uint48[3] memory bad = [NOW - 1, NOW, NOW + 30 days + 1];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILedger.LedgerInvalidFreeze.selector, uint256(NOW), bad[i], most)
            );
            vm.prank(officer);
            ledger.freeze(payer, address(dollar), bad[i], 0);
        }
        freeze(payer, address(dollar), NOW + 1);
        freeze(payer, address(dollar), NOW + 30 days);
    }

    function test_RevertWhen_CallerHasNotTheRole() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xBAD))
        );
        vm.prank(address(0xBAD));
        ledger.freeze(payer, address(dollar), NOW + 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xBAD))
        );
        vm.prank(address(0xBAD));
        ledger.unfreeze(payer, address(dollar), 0);
    }
}

contract LedgerViewsTest is LedgerTest {
    function test_Domain() public view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 id,
            address verifier,
            bytes32 salt,
            uint256[] memory extensions
        ) = ledger.eip712Domain();
        assertEq(uint8(fields), 0x0f, "fields");
        assertEq(keccak256(bytes(name)), keccak256("Corridor Ledger"), "name");
        assertEq(keccak256(bytes(version)), keccak256("1"), "version");
        assertEq(id, block.chainid, "chain");
        assertEq(verifier, address(ledger), "contract");
        assertEq(salt, 0, "salt");
        assertEq(extensions.length, 0, "extensions");
    }

    function test_AccountsOf() public {
        address[] memory owners = new address[](2);
        address[] memory tokens = new address[](2);
        (owners[0], owners[1]) = (payer, payee);
        (tokens[0], tokens[1]) = (address(dollar), address(euro));
        AccountView[] memory views = ledger.accountsOf(owners, tokens);
        assertEq(views[0].balance, FUNDS, "payer");
        assertEq(views[1].balance, 0, "payee");
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerLengthMismatch.selector, 2, 1));
        ledger.accountsOf(owners, new address[](1));
    }
}
