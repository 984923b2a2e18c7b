// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {Credit, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {LedgerTest} from "./LedgerTest.sol";

contract LedgerSchemesTest is LedgerTest {
    string private constant TERMS = "GiftTerms terms)GiftTerms(address friend,uint48 day)";

    address private scheme = address(0x5C4E);

    /// @dev The id of a payment under some scheme's terms, apart from the contract's assembly.
    function idUnder(
        string memory termsType,
        Row memory row_,
        address to,
        address token
    ) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,",
                termsType
            )
        );
        bytes memory head = abi.encode(typehash, row_.payer, to, token);
        bytes memory rest = abi.encode(row_.amount, row_.nonce, row_.deadline, row_.memo);
        return digestOf(keccak256(bytes.concat(head, rest)));
    }

    function gift(uint128 amount, uint64 nonce) private view returns (Row memory row_) {
        row_ = Row(payer, amount, nonce, DEADLINE, keccak256("terms"), 0, 0);
        (row_.r, row_.vs) = compact(PAYER_KEY, idUnder(TERMS, row_, scheme, address(dollar)));
    }

    function collect(Row[] memory rows) private returns (RowCode[] memory codes, bytes32[] memory ids) {
        vm.prank(scheme);
        return ledger.collect(address(dollar), rows, TERMS);
    }

    function collect(Row memory only) private returns (RowCode) {
        Row[] memory rows = new Row[](1);
        rows[0] = only;
        (RowCode[] memory codes, ) = collect(rows);
        return codes[0];
    }

    // Collecting up to a ceiling

    function collectUpTo(Row[] memory rows, uint128[] memory takes) private returns (RowCode[] memory codes) {
        vm.prank(scheme);
        (codes, ) = ledger.collectUpTo(address(dollar), rows, takes, TERMS);
    }

    function collectUpTo(Row memory only, uint128 take) private returns (RowCode) {
        Row[] memory rows = new Row[](1);
        uint128[] memory takes = new uint128[](1);
        (rows[0], takes[0]) = (only, take);
        return collectUpTo(rows, takes)[0];
    }

    function test_4_ASchemeTakesUpToTheCeilingAndNoMore() public {
        Row memory row_ = gift(10e6, 0);
        bytes32 id = idUnder(TERMS, row_, scheme, address(dollar));
        bytes32 before = stateOf(payer, scheme, address(dollar));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Rejected(id, payer, RowCode.AmountTooHigh);
        assertEq(uint256(collectUpTo(row_, 10e6 + 1)), uint256(RowCode.AmountTooHigh), "a unit above");
        assertEq(stateOf(payer, scheme, address(dollar)), before, "nothing changed (7)");
        assertTrue(!ledger.isNonceUsed(payer, address(dollar), 0), "nor the nonce");
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(id, payer, scheme, 4e6, 0, keccak256("terms"));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.BatchSettled(scheme, address(dollar), scheme, 1, 4e6, 0);
        assertEq(uint256(collectUpTo(row_, 4e6)), uint256(RowCode.Settled), "less");
        assertEq(balance(payer), FUNDS - 4e6, "the rest stays hers");
        assertEq(balance(scheme), 4e6, "taken");
        assertEq(uint256(collectUpTo(row_, 4e6)), uint256(RowCode.NonceUsed), "once (3)");
        assertEq(uint256(collectUpTo(gift(10e6, 1), 10e6)), uint256(RowCode.Settled), "all of it");
        assertEq(uint256(collectUpTo(gift(10e6, 2), 0)), uint256(RowCode.ZeroAmount), "nothing");
    }

    function test_APayerNeedsWhatIsTakenAndNotHerCeiling() public {
        Row memory row_ = gift(2 * FUNDS, 0);
        assertEq(uint256(collectUpTo(row_, FUNDS + 1)), uint256(RowCode.InsufficientBalance), "too much");
        assertEq(uint256(collectUpTo(row_, FUNDS)), uint256(RowCode.Settled), "what she has");
    }

    function testFuzz_2_TakesNoMoreThanCeilings(uint64[4] memory ceilings, uint64[4] memory takes_) public {
        Row[] memory rows = new Row[](4);
        uint128[] memory takes = new uint128[](4);
        uint256 taken;
        for (uint64 i = 0; i < 4; ++i) {
            rows[i] = gift(uint128(bound(ceilings[i], 1, FUNDS / 4)), i);
            takes[i] = uint128(bound(takes_[i], 0, FUNDS / 4));
            if (takes[i] != 0 && takes[i] <= rows[i].amount) taken += takes[i];
        }
        collectUpTo(rows, takes);
        assertEq(balance(payer), FUNDS - taken, "payer");
        assertEq(balance(scheme), taken, "scheme");
    }

    function test_RevertWhen_ThereIsNotOneTakeARow() public {
        Row[] memory rows = new Row[](1);
        rows[0] = gift(1, 0);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerLengthMismatch.selector, 2, 1));
        ledger.collectUpTo(address(dollar), rows, new uint128[](2), TERMS);
    }

    // Collecting

    function test_ASchemeCollectsWhatWasSignedForIt() public {
        // An agreement with itself must not matter: a scheme takes no fee.
        vm.prank(scheme);
        ledger.agree(scheme, address(dollar), 500, 5);
        Row[] memory rows = new Row[](3);
        (rows[0], rows[1], rows[2]) = (gift(10e6, 0), gift(20e6, 1), gift(30e6, 2));
        rows[1].memo = keccak256("other terms");
        bytes32[3] memory expected;
        for (uint256 i = 0; i < 3; ++i) expected[i] = idUnder(TERMS, rows[i], scheme, address(dollar));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(expected[0], payer, scheme, 10e6, 0, keccak256("terms"));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Rejected(expected[1], payer, RowCode.BadSignature);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Settled(expected[2], payer, scheme, 30e6, 2, keccak256("terms"));
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.BatchSettled(scheme, address(dollar), scheme, 2, 40e6, 0);
        (RowCode[] memory codes, bytes32[] memory ids) = collect(rows);
        assertEq(uint256(codes[0]), uint256(RowCode.Settled), "first");
        assertEq(uint256(codes[1]), uint256(RowCode.BadSignature), "second");
        assertEq(uint256(codes[2]), uint256(RowCode.Settled), "third");
        for (uint256 i = 0; i < 3; ++i) assertEq(ids[i], expected[i], "id");
        assertEq(balance(scheme), 40e6, "scheme");
        assertEq(balance(payer), FUNDS - 40e6, "payer");
    }

    function test_8_NobodyElseCollects() public {
        Row[] memory rows = new Row[](1);
        rows[0] = gift(10e6, 0);
        ledger.collect(address(dollar), rows, TERMS);
        vm.prank(payee);
        (RowCode[] memory codes, ) = ledger.collect(address(dollar), rows, TERMS);
        assertEq(uint256(codes[0]), uint256(RowCode.BadSignature), "another account");
        vm.prank(scheme);
        (codes, ) = ledger.collect(address(dollar), rows, "bytes32 memo)");
        assertEq(uint256(codes[0]), uint256(RowCode.BadSignature), "another type");
        vm.prank(scheme);
        (codes, ) = ledger.collect(address(euro), rows, TERMS);
        assertEq(uint256(codes[0]), uint256(RowCode.InsufficientBalance), "another token");
        assertEq(
            uint256(ledger.settle(batchOf(scheme, address(dollar), rows))[0][0]),
            uint256(RowCode.BadSignature),
            "as a plain payment"
        );
        assertEq(uint256(collect(rows[0])), uint256(RowCode.Settled), "the scheme");
        assertEq(uint256(collect(rows[0])), uint256(RowCode.NonceUsed), "once");
    }

    function test_RowsAreCheckedAsPayments() public {
        assertEq(uint256(collect(gift(0, 0))), uint256(RowCode.ZeroAmount), "zero");
        assertEq(uint256(collect(gift(FUNDS + 1, 0))), uint256(RowCode.InsufficientBalance), "balance");
        assertEq(uint256(collect(gift(1, type(uint56).max))), uint256(RowCode.NonceTooHigh), "nonce");
        freeze(payer, address(dollar), NOW + 100);
        assertEq(uint256(collect(gift(1, 0))), uint256(RowCode.Frozen), "frozen");
        vm.warp(uint256(DEADLINE) + 1);
        assertEq(uint256(collect(gift(1, 0))), uint256(RowCode.Expired), "expired");
        (RowCode[] memory codes, bytes32[] memory ids) = collect(new Row[](0));
        assertEq(codes.length + ids.length, 0, "no rows");
    }

    function testFuzz_WithAMemoForTermsItIsAPlainPayment(address to, address token, Row calldata any) public {
        Row[] memory rows = new Row[](1);
        rows[0] = any;
        vm.prank(to);
        (, bytes32[] memory ids) = ledger.collect(token, rows, "bytes32 memo)");
        assertEq(ids[0], idOf(any, to, token), "plain");
        vm.prank(to);
        (, ids) = ledger.collect(token, rows, TERMS);
        assertEq(ids[0], idUnder(TERMS, any, to, token), "under terms");
    }

    function test_APayeeMayCollectAPlainPayment() public {
        Row[] memory rows = new Row[](1);
        rows[0] = row(10e6, 0);
        vm.prank(payee);
        (RowCode[] memory codes, ) = ledger.collect(address(dollar), rows, "bytes32 memo)");
        assertEq(uint256(codes[0]), uint256(RowCode.Settled), "code");
        assertEq(balance(payee), 10e6, "payee");
        assertRejected(rows[0], RowCode.NonceUsed);
    }

    function test_DomainSeparatorFollowsTheChain() public {
        assertEq(ledger.domainSeparator(), domainSeparator(), "domain");
        bytes32 before = ledger.domainSeparator();
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        assertTrue(ledger.domainSeparator() != before, "another chain");
        assertEq(ledger.domainSeparator(), domainSeparator(), "domain");
        vm.chainId(chain);
    }

    // Transfers to many

    function credits(
        uint128 first,
        uint128 second,
        uint128 third
    ) private view returns (Credit[] memory list) {
        list = new Credit[](3);
        list[0] = Credit(payee, first);
        list[1] = Credit(address(0), second);
        list[2] = Credit(operator, third);
    }

    function test_TransfersToManyAndPassesOverZero() public {
        Credit[] memory list = credits(10e6, 0, 5e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Transfer(payer, payer, payee, uint160(address(dollar)), 10e6);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit Transfer(payer, payer, operator, uint160(address(dollar)), 5e6);
        vm.recordLogs();
        vm.prank(payer);
        ledger.transferMany(address(dollar), list);
        assertEq(vm.getRecordedLogs().length, 2, "logs");
        assertEq(balance(payer), FUNDS - 15e6, "payer");
        assertEq(balance(payee), 10e6, "payee");
        assertEq(balance(operator), 5e6, "operator");
        assertEq(balance(address(0)), 0, "nobody");
        assertEq(ledger.totalSupply(uint160(address(dollar))), FUNDS, "supply (invariant 2)");
    }

    function test_TransfersToHerselfAndToOneTwice() public {
        Credit[] memory list = credits(1e6, 0, 2e6);
        (list[0].receiver, list[1].receiver) = (payer, operator);
        list[1].amount = 4e6;
        vm.prank(payer);
        ledger.transferMany(address(dollar), list);
        assertEq(balance(payer), FUNDS - 6e6, "payer");
        assertEq(balance(operator), 6e6, "operator");
        vm.prank(stranger());
        ledger.transferMany(address(dollar), new Credit[](0));
    }

    function test_TransfersAllAndNoMore() public {
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
        ledger.transferMany(address(dollar), credits(FUNDS, 0, 1));
        uint256 tooMuch = 2 * uint256(type(uint128).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.LedgerInsufficientBalance.selector,
                payer,
                address(dollar),
                FUNDS,
                tooMuch
            )
        );
        vm.prank(payer);
        ledger.transferMany(address(dollar), credits(type(uint128).max, 0, type(uint128).max));
        vm.prank(payer);
        ledger.transferMany(address(dollar), credits(FUNDS - 1, 0, 1));
        assertEq(balance(payer), 0, "payer");
    }

    function test_RevertWhen_OneOfManyCannotReceive() public {
        Credit[] memory list = credits(1, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(0)));
        vm.prank(payer);
        ledger.transferMany(address(dollar), list);
        list[1].receiver = address(ledger);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerInvalidRecipient.selector, address(ledger)));
        vm.prank(payer);
        ledger.transferMany(address(dollar), list);
        assertEq(balance(payer), FUNDS, "payer");
    }

    function test_RevertWhen_TheSenderIsFrozen() public {
        freeze(payer, address(dollar), NOW + 100);
        vm.warp(NOW + 99);
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerAccountFrozen.selector, payer, address(dollar), NOW + 100)
        );
        vm.prank(payer);
        ledger.transferMany(address(dollar), credits(1, 0, 1));
        vm.warp(NOW + 100);
        vm.prank(payer);
        ledger.transferMany(address(dollar), credits(1, 0, 1));
        assertEq(balance(payee), 1, "payee");
    }

    // What can be spent

    function spendable() private view returns (uint256) {
        return ledger.spendable(payer, operator, address(dollar));
    }

    function approve(uint256 amount) private {
        vm.prank(payer);
        ledger.approve(operator, uint160(address(dollar)), amount);
    }

    function test_SpendableIsBoundedByAllowanceAndBalance() public {
        assertEq(spendable(), 0, "nothing allowed");
        uint256[5] memory amounts = [uint256(1), FUNDS - 1, FUNDS, uint256(FUNDS) + 1, type(uint256).max];
        for (uint256 i = 0; i < 5; ++i) {
            approve(amounts[i]);
            assertEq(spendable(), amounts[i] < FUNDS ? amounts[i] : FUNDS, "allowance");
        }
        // As it would read if it were cut to 128 bits.
        approve(uint256(1) << 128);
        assertEq(spendable(), FUNDS, "a wide allowance");
        assertEq(ledger.spendable(payer, operator, address(euro)), 0, "another token");
        assertEq(ledger.spendable(payer, payee, address(dollar)), 0, "another spender");
        approve(0);
        vm.prank(payer);
        ledger.setOperator(operator, true);
        assertEq(spendable(), FUNDS, "operator");
        assertEq(ledger.spendable(payer, payer, address(dollar)), FUNDS, "her own");
    }

    function test_NothingIsSpendableUnderAFreeze() public {
        approve(5);
        freeze(payer, address(dollar), NOW + 100);
        assertEq(spendable() + ledger.spendable(payer, payer, address(dollar)), 0, "frozen");
        vm.warp(NOW + 99);
        assertEq(spendable(), 0, "frozen");
        vm.warp(NOW + 100);
        assertEq(spendable(), 5, "at the end");
    }

    function testFuzz_SpendableIsWhatTransferFromMoves(uint256 allowed, uint128 held, bool approved) public {
        held = uint128(bound(held, 0, FUNDS));
        allowed = allowed % 3 == 0 ? allowed : bound(allowed, 0, FUNDS);
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS - held);
        approve(allowed);
        vm.prank(payer);
        ledger.setOperator(operator, approved);
        uint256 most = spendable();
        vm.prank(operator);
        try ledger.transferFrom(payer, payee, uint160(address(dollar)), most + 1) {
            assertTrue(false, "more than that was moved");
        } catch {}
        vm.prank(operator);
        ledger.transferFrom(payer, payee, uint160(address(dollar)), most);
        assertEq(balance(payee), most, "moved");
    }

    function stranger() private pure returns (address) {
        return vm.addr(STRANGER_KEY);
    }

    /// @dev ERC-6909's.
    event Transfer(
        address caller,
        address indexed sender,
        address indexed receiver,
        uint256 indexed id,
        uint256 amount
    );
}
