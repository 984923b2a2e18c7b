// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {DenylistToken} from "../../contracts/mocks/DenylistToken.sol";
import {FeeOnTransferToken} from "../../contracts/mocks/FeeOnTransferToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {FxBatch, FxRow, Quote} from "../../contracts/types/ExchangeTypes.sol";
import {DeviceTerms, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {SignedDigest} from "../../contracts/types/SignatureTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";
import {PasskeyTest} from "./PasskeyTest.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";

contract ExchangePayTest is ExchangeTest, PasskeyTest {
    uint256 internal constant OTHER_KEY = 0x07E4;

    function setUp() public override(ExchangeTest) {
        super.setUp();
        fund(dollar, vm.addr(OTHER_KEY), FUNDS);
    }

    function rowsOf(FxRow memory first, FxRow memory second) internal pure returns (FxRow[] memory rows) {
        rows = new FxRow[](2);
        (rows[0], rows[1]) = (first, second);
    }

    function codeOf(RowCode[] memory codes) internal pure returns (uint256 packed) {
        for (uint256 i = 0; i < codes.length; ++i) packed = packed * 100 + uint256(codes[i]);
    }

    // The good path

    function test_PaysAndSaysEverything() public {
        vm.prank(payee);
        ledger.agree(operator, address(euro), 30, 100);
        Quote memory quote = dollarsToEuros();
        FxRow memory row_ = fxRow(quote, PAYER_KEY, COST + 5_000, 3, payee, EUROS);
        uint128 fee = 60_100;
        bytes32 id = fxId(quote, row_);

        // In this order: the Ledger takes the cost, not the ceiling; the maker pays payee and operator; she gets the cost.
        vm.expectEmit(true, true, true, false, address(ledger));
        emit ILedger.Settled(id, payer, address(exchange), COST, 3, 0);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.BatchSettled(address(exchange), address(dollar), address(exchange), 1, COST, 0);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Exchanged(id, payee, COST, EUROS, fee, row_.memo);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(exchange), maker, payee, uint160(address(euro)), EUROS - fee);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(exchange), maker, operator, uint160(address(euro)), fee);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.QuoteFilled(quoteId(quote), maker, operator, quote, 1, COST, EUROS, EUROS);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IERC6909.Transfer(address(exchange), address(exchange), maker, uint160(address(dollar)), COST);
        assertCode(pay(quote, row_), RowCode.Settled, "paid");

        assertEq(balance(payer), FUNDS - COST, "payer's dollars");
        assertEq(balance(maker), COST, "maker's dollars");
        assertEq(euros(maker), CAPACITY - EUROS, "maker's euros");
        assertEq(euros(payee), EUROS - fee, "payee's euros");
        assertEq(euros(operator), fee, "operator's euros");
        assertEq(balance(address(exchange)) + euros(address(exchange)), 0, "the Exchange keeps nothing (13)");
        assertEq(exchange.fillOf(quoteId(quote)).filled, EUROS, "filled");
        assertTrue(ledger.isNonceUsed(payer, address(dollar), 3), "nonce");
        assertEq(exchange.quoteId(quote), quoteId(quote), "the contract's own id");
    }

    function test_APayerNeedsTheCostAndNotTheCeiling() public {
        uint256 key = 0x9009;
        fund(dollar, vm.addr(key), COST);
        Quote memory quote = dollarsToEuros();
        FxRow memory row_ = fxRow(quote, key, 10 * COST, 0, payee, EUROS);
        assertCode(pay(quote, row_), RowCode.Settled, "with the cost alone");
        assertEq(balance(vm.addr(key)), 0, "all of it");
        FxRow memory next = fxRow(quote, key, 10 * COST, 1, payee, 1);
        assertCode(pay(quote, next), RowCode.InsufficientBalance, "a unit more");
    }

    function test_CreditsPayeesThatFollowEachOtherTogether() public {
        address other = address(0x07E5);
        vm.prank(payee);
        ledger.agree(operator, address(euro), 100, 0);
        Quote memory quote = dollarsToEuros();
        FxRow[] memory rows = new FxRow[](4);
        rows[0] = fxRow(quote, 0);
        rows[1] = fxRow(quote, 1);
        rows[2] = fxRow(quote, PAYER_KEY, COST, 2, other, EUROS);
        rows[3] = fxRow(quote, 3);
        vm.recordLogs();
        RowCode[] memory codes = pay(quote, rows);
        // The first two together, the third, the fourth; then the operator and the maker.
        assertEq(countOf(vm.getRecordedLogs(), IERC6909.Transfer.selector), 5, "moves");
        assertEq(codeOf(codes), 1_01_01_01, "all settled");
        assertEq(euros(payee), 3 * (EUROS - EUROS / 100), "payee");
        assertEq(euros(other), EUROS, "without an agreement, without a fee");
        assertEq(euros(operator), (3 * EUROS) / 100, "operator");
        assertEq(balance(maker), 4 * COST, "maker");
    }

    function test_ManyQuotesInOneCall() public {
        Quote memory first = dollarsToEuros();
        Quote memory second = dollarsToEuros();
        (second.salt, second.payAmount) = (keccak256("dear"), 2 * PRICE);
        FxBatch[] memory batches = new FxBatch[](3);
        batches[0] = fxBatch(first, fxRow(first, 0))[0];
        batches[1] = fxBatch(second, fxRow(second, PAYER_KEY, 2 * COST, 1, payee, EUROS))[0];
        batches[2] = fxBatch(first, fxRow(first, 2))[0];
        RowCode[][] memory codes = exchange.exchange(batches);
        for (uint256 i = 0; i < 3; ++i) assertCode(codes[i][0], RowCode.Settled, "settled");
        assertEq(balance(maker), 4 * COST, "both rates");
        assertEq(exchange.fillOf(quoteId(first)).filled, 2 * EUROS, "one quote, two batches");
        assertEq(exchange.fillOf(quoteId(second)).filled, EUROS, "the other");
    }

    function test_AnybodyMayBePayeeButThoseWhoCannotWithdraw() public {
        Quote memory quote = dollarsToEuros();
        assertCode(pay(quote, fxRow(quote, PAYER_KEY, COST, 0, payer, EUROS)), RowCode.Settled, "herself");
        assertEq(euros(payer), EUROS, "her own currency changed");
        assertCode(pay(quote, fxRow(quote, PAYER_KEY, COST, 1, maker, EUROS)), RowCode.Settled, "the maker");
        assertEq(euros(maker), CAPACITY - EUROS, "out of her account and into it");
        address[4] memory nobody = [address(0), address(ledger), address(escrow), address(exchange)];
        for (uint256 i = 0; i < 4; ++i) {
            assertRefused(quote, fxRow(quote, PAYER_KEY, COST, 2, nobody[i], EUROS), RowCode.InvalidPayee);
        }
    }

    function test_AMakerMayPayAtHerOwnQuote() public {
        fund(dollar, maker, COST);
        Quote memory quote = dollarsToEuros();
        assertCode(pay(quote, fxRow(quote, MAKER_KEY, COST, 0, payee, EUROS)), RowCode.Settled, "paid");
        assertEq(balance(maker), COST, "to herself");
    }

    // The quote

    function test_RejectsAQuoteThatContradictsItself() public {
        Quote memory quote = dollarsToEuros();
        quote.payAmount = 0;
        assertRefused(quote, fxRow(quote, 0), RowCode.BadQuote);
        quote = dollarsToEuros();
        quote.settleAmount = 0;
        assertRefused(quote, fxRow(quote, 0), RowCode.BadQuote);
        quote = dollarsToEuros();
        quote.settleToken = quote.payToken;
        assertRefused(quote, fxRow(quote, 0), RowCode.BadQuote);
    }

    function test_RejectsAQuoteThatItsMakerDidNotSign() public {
        Quote memory quote = dollarsToEuros();
        FxBatch[] memory batches = fxBatch(quote, fxRow(quote, 0));
        (batches[0].r, batches[0].vs) = compact(STRANGER_KEY, quoteId(quote));
        assertCode(exchange.exchange(batches)[0][0], RowCode.BadQuote, "by a stranger");
        (batches[0].r, batches[0].vs) = (0, 0);
        assertCode(exchange.exchange(batches)[0][0], RowCode.BadQuote, "by nobody");
        batches = fxBatch(quote, fxRow(quote, 0));
        batches[0].quote.payAmount -= 1;
        assertCode(exchange.exchange(batches)[0][0], RowCode.BadQuote, "cheaper than signed");
        quote.maker = address(0);
        assertRefused(quote, fxRow(quote, 0), RowCode.BadQuote);
    }

    function test_QuoteDeadlineBoundary() public {
        Quote memory quote = dollarsToEuros();
        quote.deadline = NOW + 100;
        FxRow memory row_ = fxRow(quote, 0);
        vm.warp(NOW + 101);
        assertRefused(quote, row_, RowCode.QuoteExpired);
        vm.warp(NOW + 100);
        assertCode(pay(quote, row_), RowCode.Settled, "in its last second");
    }

    function test_AMakerVoidsAQuote() public {
        Quote memory quote = dollarsToEuros();
        vm.expectRevert(abi.encodeWithSelector(IExchange.ExchangeNotMaker.selector, stranger, maker));
        vm.prank(stranger);
        exchange.cancelQuote(quote);
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "before");
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.QuoteCancelled(quoteId(quote), maker);
        vm.prank(maker);
        exchange.cancelQuote(quote);
        assertRefused(quote, fxRow(quote, 1), RowCode.QuoteCancelled);
        assertEq(exchange.fillOf(quoteId(quote)).filled, EUROS, "what was given stays");
        Quote memory other = dollarsToEuros();
        other.salt = keccak256("other");
        assertCode(pay(other, fxRow(other, 1)), RowCode.Settled, "another is untouched");
    }

    function test_AMakerVoidsAllQuotes() public {
        Quote memory quote = dollarsToEuros();
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.GenerationRaised(maker, 1);
        vm.prank(maker);
        assertEq(exchange.cancelAllQuotes(), 1, "generation");
        assertRefused(quote, fxRow(quote, 0), RowCode.QuoteCancelled);
        quote.generation = 2;
        assertRefused(quote, fxRow(quote, 0), RowCode.QuoteCancelled);
        quote.generation = 1;
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "of the new generation");
        assertEq(exchange.generationOf(maker), 1, "told");
        assertEq(exchange.generationOf(stranger), 0, "nobody else's");
    }

    // Capacity, ceiling, inventory

    function test_CapacityBoundary() public {
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = 2 * EUROS;
        quote.payAmount = 2 * COST;
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "half");
        assertRefused(quote, fxRow(quote, PAYER_KEY, FUNDS, 1, payee, EUROS + 1), RowCode.QuoteExhausted);
        assertCode(pay(quote, fxRow(quote, 1)), RowCode.Settled, "the other half, to the unit");
        assertRefused(quote, fxRow(quote, PAYER_KEY, FUNDS, 2, payee, 1), RowCode.QuoteExhausted);
    }

    function test_CeilingBoundary() public {
        Quote memory quote = dollarsToEuros();
        assertRefused(quote, fxRow(quote, PAYER_KEY, COST - 1, 0, payee, EUROS), RowCode.CeilingTooLow);
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "to the unit");
        // 541,650,000 for 500,000,000: a unit costs 1.0833, rounded up.
        assertRefused(quote, fxRow(quote, PAYER_KEY, 1, 1, payee, 1), RowCode.CeilingTooLow);
        assertCode(pay(quote, fxRow(quote, PAYER_KEY, 2, 1, payee, 1)), RowCode.Settled, "rounded up");
    }

    function test_RejectsNothing() public {
        Quote memory quote = dollarsToEuros();
        assertRefused(quote, fxRow(quote, PAYER_KEY, COST, 0, payee, 0), RowCode.ZeroAmount);
    }

    function test_InventoryBoundary() public {
        Quote memory quote = dollarsToEuros();
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(euro)), CAPACITY - EUROS + 1);
        assertRefused(quote, fxRow(quote, 0), RowCode.MakerShort);
        vm.prank(stranger);
        ledger.transfer(maker, uint160(address(euro)), 1);
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "to the unit");
    }

    function test_AllowanceBoundary() public {
        Quote memory quote = dollarsToEuros();
        vm.prank(maker);
        ledger.setOperator(address(exchange), false);
        assertRefused(quote, fxRow(quote, 0), RowCode.MakerShort);
        vm.prank(maker);
        ledger.approve(address(exchange), uint160(address(euro)), EUROS - 1);
        assertRefused(quote, fxRow(quote, 0), RowCode.MakerShort);
        vm.prank(maker);
        ledger.approve(address(exchange), uint160(address(euro)), EUROS);
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "to the unit");
        assertEq(ledger.allowance(maker, address(exchange), uint160(address(euro))), 0, "used up");
    }

    function test_AllowanceBySignature() public {
        vm.prank(maker);
        ledger.setOperator(address(exchange), false);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Approval(address owner,address spender,address token,uint256 amount,uint64 nonce,uint48 deadline)"
                ),
                maker,
                exchange,
                euro,
                type(uint256).max,
                7,
                DEADLINE
            )
        );
        ledger.approveWithSignature(
            maker,
            address(exchange),
            address(euro),
            type(uint256).max,
            7,
            DEADLINE,
            long(MAKER_KEY, digestOf(structHash))
        );
        Quote memory quote = dollarsToEuros();
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "allowed without gas");
    }

    function test_AFrozenMakerIsShortAndAFrozenPayerFrozen() public {
        Quote memory quote = dollarsToEuros();
        freeze(maker, address(euro), NOW + 1 days);
        assertRefused(quote, fxRow(quote, 0), RowCode.MakerShort);
        vm.warp(NOW + 30 minutes);
        vm.prank(officer);
        ledger.unfreeze(maker, address(euro), 0);
        freeze(payer, address(dollar), NOW + 1 days);
        bytes32 before = stateOf(quote, fxRow(quote, 0));
        assertCode(pay(quote, fxRow(quote, 0)), RowCode.Frozen, "payer");
        assertEq(stateOf(quote, fxRow(quote, 0)), before, "nothing changed");
    }

    // A failing row spends nobody's

    function test_7_ABadRowLeavesCapacityAndInventoryToTheOthers() public {
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = EUROS;
        quote.payAmount = COST;
        FxRow memory bad = fxRow(quote, PAYER_KEY, COST, 0, payee, EUROS);
        bad.vs = bytes32(uint256(bad.vs) ^ 1);
        FxRow memory good = fxRow(quote, OTHER_KEY, COST, 0, payee, EUROS);
        RowCode[] memory codes = pay(quote, rowsOf(bad, good));
        assertCode(codes[0], RowCode.BadSignature, "bad");
        assertCode(codes[1], RowCode.Settled, "needs all of it");
        assertEq(exchange.fillOf(quoteId(quote)).filled, EUROS, "once");
    }

    /// @dev What the Ledger refuses leaves its room, and that is given away after all that fits without it.
    function test_WhatFitsBesideARefusedRowComesFirst() public {
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = 10e6;
        quote.payAmount = 10e6;
        FxRow[] memory rows = new FxRow[](4);
        rows[0] = fxRow(quote, PAYER_KEY, 6e6, 0, payee, 6e6);
        rows[0].vs ^= bytes32(uint256(1)); // forged
        rows[1] = fxRow(quote, PAYER_KEY, 8e6, 1, payee, 8e6); // does not fit beside the first
        rows[2] = fxRow(quote, PAYER_KEY, 4e6, 2, payee, 4e6);
        rows[3] = fxRow(quote, PAYER_KEY, 6e6, 3, payee, 6e6); // takes the first one's room
        RowCode[] memory codes = pay(quote, rows);
        assertCode(codes[0], RowCode.BadSignature, "forged");
        assertCode(codes[1], RowCode.QuoteExhausted, "too large");
        assertCode(codes[2], RowCode.Settled, "beside the forged one");
        assertCode(codes[3], RowCode.Settled, "in its place");
    }

    function test_7_BadRowsOfEveryKindLeaveTheOthersAlone() public {
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = 2 * EUROS;
        quote.payAmount = 2 * COST;
        FxRow[] memory rows = new FxRow[](9);
        rows[0] = fxRow(quote, PAYER_KEY, COST, 0, address(0), EUROS);
        rows[1] = fxRow(quote, PAYER_KEY, COST, 0, payee, 0);
        rows[2] = fxRow(quote, PAYER_KEY, COST - 1, 0, payee, EUROS);
        rows[3] = fxRow(quote, STRANGER_KEY, COST, 0, payee, EUROS); // has nothing
        rows[4] = fxRow(quote, 0);
        rows[5] = fxRow(quote, 0); // the same again
        rows[6] = fxRow(quote, OTHER_KEY, FUNDS, 0, payee, EUROS + 1); // never fits beside the good ones
        rows[7] = fxRow(quote, OTHER_KEY, COST, 1, payee, EUROS);
        rows[8] = fxRow(quote, OTHER_KEY, COST, 2, payee, EUROS); // no room left
        RowCode[] memory codes = pay(quote, rows);
        assertCode(codes[0], RowCode.InvalidPayee, "0");
        assertCode(codes[1], RowCode.ZeroAmount, "1");
        assertCode(codes[2], RowCode.CeilingTooLow, "2");
        assertCode(codes[3], RowCode.InsufficientBalance, "3");
        assertCode(codes[4], RowCode.Settled, "4");
        assertCode(codes[5], RowCode.NonceUsed, "5");
        assertCode(codes[6], RowCode.QuoteExhausted, "6");
        assertCode(codes[7], RowCode.Settled, "7");
        assertCode(codes[8], RowCode.QuoteExhausted, "8");
        assertEq(euros(payee), 2 * EUROS, "two of them");
        assertEq(exchange.fillOf(quoteId(quote)).filled, 2 * EUROS, "filled");
    }

    function test_TheCostOfBadRowsIsInProportionToThem() public {
        // Room for one at a time, and every one forged: whoever contrives that must not run a relayer out of gas.
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = EUROS;
        quote.payAmount = COST;
        FxRow[] memory rows = new FxRow[](100);
        for (uint64 i = 0; i < 100; ++i) rows[i] = fxRow(quote, STRANGER_KEY, COST, i, payee, EUROS);
        rows[99] = fxRow(quote, 0);
        FxBatch[] memory batches = fxBatch(quote, rows);
        uint256 before = gasleft();
        RowCode[] memory codes = exchange.exchange(batches)[0];
        // What the relayer gives a row.
        assertTrue(before - gasleft() < 100 * 85_000, "gas");
        for (uint256 i = 0; i < 99; ++i) assertCode(codes[i], RowCode.InsufficientBalance, "bad");
        assertCode(codes[99], RowCode.Settled, "the last one, which has room again");
    }

    function test_7_AMakerRunsDryInTheMiddleOfABatch() public {
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(euro)), CAPACITY - EUROS - 1);
        Quote memory quote = dollarsToEuros();
        FxRow[] memory rows = rowsOf(fxRow(quote, 0), fxRow(quote, OTHER_KEY, COST, 0, payee, EUROS));
        RowCode[] memory codes = pay(quote, rows);
        assertCode(codes[0], RowCode.Settled, "first");
        assertCode(codes[1], RowCode.MakerShort, "second");
        assertTrue(!ledger.isNonceUsed(vm.addr(OTHER_KEY), address(dollar), 0), "her nonce is free");
    }

    function test_3_APaymentIsExchangedOnce() public {
        Quote memory quote = dollarsToEuros();
        FxRow memory row_ = fxRow(quote, 0);
        assertCode(pay(quote, row_), RowCode.Settled, "once");
        assertCode(pay(quote, row_), RowCode.NonceUsed, "again");
        Quote memory other = dollarsToEuros();
        other.salt = keccak256("other");
        assertCode(pay(other, row_), RowCode.NonceUsed, "at another quote");
        row_.nonce = 1;
        assertCode(pay(other, row_), RowCode.BadSignature, "at another quote, under another nonce");
    }

    function test_NobodyChangesWhatThePayerSigned() public {
        Quote memory quote = dollarsToEuros();
        FxRow memory row_ = fxRow(quote, 0);
        row_.payee = stranger;
        assertCode(pay(quote, row_), RowCode.BadSignature, "payee");
        row_ = fxRow(quote, 0);
        row_.settleAmount -= 1;
        assertCode(pay(quote, row_), RowCode.BadSignature, "settled");
        row_ = fxRow(quote, 0);
        row_.amount += 1;
        assertCode(pay(quote, row_), RowCode.BadSignature, "ceiling");
        row_ = fxRow(quote, 0);
        row_.memo = 0;
        assertCode(pay(quote, row_), RowCode.BadSignature, "memo");
        Quote memory dear = dollarsToEuros();
        dear.payAmount += 1;
        row_ = fxRow(quote, PAYER_KEY, 2 * COST, 0, payee, EUROS);
        assertCode(pay(dear, row_), RowCode.BadSignature, "a dearer quote of the same maker");
    }

    function test_LedgerDeadlineBoundary() public {
        Quote memory quote = dollarsToEuros();
        quote.deadline = DEADLINE + 1 days;
        FxRow memory row_ = fxRow(quote, 0);
        vm.warp(DEADLINE + 1);
        assertCode(pay(quote, row_), RowCode.Expired, "late");
        vm.warp(DEADLINE);
        assertCode(pay(quote, row_), RowCode.Settled, "in time");
    }

    function test_RevertWhen_TheChainHasSplit() public {
        Quote memory quote = dollarsToEuros();
        FxBatch[] memory batches = fxBatch(quote, fxRow(quote, 0));
        bytes32 expected = ledger.domainSeparator();
        vm.chainId(block.chainid + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.ExchangeChainSplit.selector, expected, ledger.domainSeparator())
        );
        exchange.exchange(batches);
    }

    // Signatures of other kinds

    function test_PayerAndMakerMaySignByAnyKind() public {
        address owner = passkeyAddress(PASSKEY);
        fund(dollar, owner, COST);
        WalletMock wallet = new WalletMock(vm.addr(MAKER_KEY));
        fund(euro, address(wallet), EUROS);
        vm.prank(vm.addr(MAKER_KEY));
        wallet.execute(address(ledger), abi.encodeCall(IERC6909.setOperator, (address(exchange), true)));
        Quote memory quote = dollarsToEuros();
        quote.maker = address(wallet);
        FxRow memory row_ = fxRow(quote, PAYER_KEY, COST, 0, payee, EUROS);
        row_.payer = owner;
        (row_.r, row_.vs) = (0, 0);
        FxBatch[] memory batches = fxBatch(quote, row_);
        (batches[0].r, batches[0].vs) = (0, 0);
        assertCode(exchange.exchange(batches)[0][0], RowCode.BadQuote, "nobody's signatures were seen");

        SignedDigest[] memory signatures = new SignedDigest[](2);
        signatures[0] = SignedDigest(address(wallet), quoteId(quote), long(MAKER_KEY, quoteId(quote)));
        signatures[1] = SignedDigest(owner, fxId(quote, row_), passkey(PASSKEY, fxId(quote, row_)));
        exchange.callWithSignatures(signatures, abi.encodeCall(IExchange.exchange, (batches)));
        assertEq(euros(payee), EUROS, "paid");
        assertEq(balance(address(wallet)), COST, "the wallet was paid");
    }

    function test_9_ADevicePaysWithinItsLimitsOfTheCost() public {
        uint256 key = 0xDE51CE;
        DeviceTerms memory limits = DeviceTerms(
            vm.addr(key),
            DEADLINE,
            uint112(COST),
            uint112(COST),
            new address[](1)
        );
        limits.payees[0] = address(exchange);
        vm.prank(payer);
        ledger.bindDevice(address(dollar), 1, limits);
        Quote memory quote = dollarsToEuros();
        // Its ceiling may be above the limit: what counts is what is taken.
        FxRow memory row_ = fxRow(quote, key, 2 * COST, uint64(1) << 56, payee, EUROS);
        row_.payer = payer;
        resign(quote, row_, key);
        assertCode(pay(quote, row_), RowCode.Settled, "to the limit");
        row_ = fxRow(quote, key, COST, (uint64(1) << 56) | 1, payee, 1);
        row_.payer = payer;
        resign(quote, row_, key);
        assertCode(pay(quote, row_), RowCode.OverDeviceLimit, "no more today");
    }

    // Hostile tokens

    function test_AHostileTokenHarmsItsOwnAccountsOnly() public {
        DenylistToken bad = DenylistToken(deploy("DenylistToken.sol:DenylistToken", ""));
        FeeOnTransferToken greedy = FeeOnTransferToken(
            deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(100))
        );
        fund(TestToken(address(bad)), payer, FUNDS);
        fund(TestToken(address(greedy)), payer, FUNDS);
        uint256 dollars = balance(payer);
        TestToken[2] memory tokens = [TestToken(address(bad)), TestToken(address(greedy))];
        for (uint256 i = 0; i < tokens.length; ++i) {
            Quote memory quote = quoteOf(tokens[i], euro);
            assertCode(pay(quote, fxRow(quote, 0)), RowCode.Settled, "accounts move as others do");
            assertEq(ledger.accountOf(maker, address(tokens[i])).balance, COST, "credited with claims");
        }
        assertEq(euros(payee), 2 * EUROS, "the merchant has good euros");
        assertEq(balance(payer), dollars, "no other token was touched");
    }

    // What is told

    function test_CheckSaysWhatExchangeWould() public {
        Quote memory quote = dollarsToEuros();
        (bytes32 r, bytes32 vs) = compact(MAKER_KEY, quoteId(quote));
        assertChecked(quote, r, vs, EUROS, RowCode.Settled, COST);
        assertChecked(quote, r, vs, 0, RowCode.ZeroAmount, 0);
        assertChecked(quote, r, vs, CAPACITY, RowCode.Settled, PRICE);
        assertChecked(quote, r, vs, CAPACITY + 1, RowCode.QuoteExhausted, PRICE + 2);
        assertChecked(quote, 0, 0, EUROS, RowCode.BadQuote, COST);
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(euro)), 1);
        assertChecked(quote, r, vs, CAPACITY, RowCode.MakerShort, PRICE);
        vm.warp(DEADLINE + 1);
        assertChecked(quote, r, vs, EUROS, RowCode.QuoteExpired, COST);
        quote.settleAmount = 0;
        assertChecked(quote, r, vs, EUROS, RowCode.BadQuote, 0);
    }

    function assertChecked(
        Quote memory quote,
        bytes32 r,
        bytes32 vs,
        uint128 settleAmount,
        RowCode expected,
        uint256 expectedCost
    ) internal view {
        (RowCode code, uint256 cost) = exchange.check(quote, r, vs, settleAmount);
        assertCode(code, expected, "checked");
        assertEq(cost, expectedCost, "cost");
    }

    function test_TellsWhatItIsMadeFrom() public view {
        assertEq(address(exchange.ledger()), address(ledger), "ledger");
        assertEq(address(exchange.escrow()), address(escrow), "escrow");
        assertEq(address(exchange.signatureVerifier()), address(verifier), "verifier");
        assertTrue(ledger.isOperator(address(exchange), address(escrow)), "the Escrow may take its account");
    }
}
