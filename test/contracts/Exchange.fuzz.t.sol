// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {FxBatch, FxRow, Quote} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";

contract ExchangeFuzzTest is ExchangeTest {
    /// @dev A pair of currencies, a rate, and what of it is bought.
    struct Case {
        uint8 payDecimals;
        uint8 settleDecimals;
        uint96 payAmount;
        uint96 settleAmount;
        uint96 bought;
        uint96 spare;
    }

    function prepared(Case memory which) internal returns (Quote memory quote, uint128 settleAmount) {
        which.payDecimals = uint8(bound(which.payDecimals, 0, 18));
        which.settleDecimals = uint8(bound(which.settleDecimals, 0, 18));
        TestToken from = newToken("Pay", "PAY", which.payDecimals);
        TestToken to = newToken("Settle", "SET", which.settleDecimals);
        quote = quoteOf(from, to);
        quote.payAmount = uint128(bound(which.payAmount, 1, type(uint96).max));
        quote.settleAmount = uint128(bound(which.settleAmount, 1, type(uint96).max));
        settleAmount = uint128(bound(which.bought, 1, quote.settleAmount));
        fund(from, payer, type(uint96).max);
        fund(to, maker, quote.settleAmount);
    }

    /// @dev The cost by the definition of a ceiling: the least c with c * settleAmount >= amount * payAmount.
    function assertLeast(Quote memory quote, uint256 cost, uint256 amount) internal pure {
        assertTrue(cost * quote.settleAmount >= amount * quote.payAmount, "the maker gets her rate at least");
        assertTrue((cost - 1) * quote.settleAmount < amount * quote.payAmount, "and less than a unit more");
    }

    function held(address owner, address token) internal view returns (uint256) {
        return ledger.accountOf(owner, token).balance;
    }

    function testFuzz_12_ThePayeeGetsTheVeryAmountAndThePayerPaysTheLeastThatTheMakerAccepts(
        Case memory which
    ) public {
        (Quote memory quote, uint128 amount) = prepared(which);
        uint256 before = held(payer, quote.payToken);
        uint128 ceiling = uint128(bound(which.spare, 1, type(uint96).max));
        RowCode code = pay(quote, fxRow(quote, PAYER_KEY, ceiling, 0, payee, amount));
        uint256 paid = before - held(payer, quote.payToken);
        if (code == RowCode.CeilingTooLow) {
            assertTrue(uint256(ceiling) * quote.settleAmount < uint256(amount) * quote.payAmount, "too low");
            assertEq(paid, 0, "nothing was taken");
            return;
        }
        assertCode(code, RowCode.Settled, "paid");
        assertTrue(paid <= ceiling, "at most the ceiling");
        assertLeast(quote, paid, amount);
        assertEq(held(payee, quote.settleToken), amount, "to the unit");
        assertEq(held(maker, quote.payToken), paid, "all of it the maker's");
        assertEq(held(maker, quote.settleToken), quote.settleAmount - amount, "out of her account");
        assertEq(held(address(exchange), quote.payToken), 0, "the Exchange keeps nothing (13)");
        assertEq(ledger.totalSupply(uint160(quote.payToken)), type(uint96).max, "conserved (2)");
        assertEq(ledger.totalSupply(uint160(quote.settleToken)), quote.settleAmount, "conserved (2)");
    }

    function testFuzz_CuttingAPaymentNeverMakesItCheaper(Case memory which, uint96 first) public {
        (Quote memory quote, uint128 amount) = prepared(which);
        (bytes32 r, bytes32 vs) = compact(MAKER_KEY, quoteId(quote));
        (, uint256 whole) = exchange.check(quote, r, vs, amount);
        uint128 part = uint128(bound(first, 0, amount));
        (, uint256 one) = exchange.check(quote, r, vs, part);
        (, uint256 two) = exchange.check(quote, r, vs, amount - part);
        assertTrue(one + two >= whole, "two never cost less");
        assertTrue(one + two <= whole + 1, "nor more than a unit more");
    }

    function testFuzz_ThereIsNoProfitInGoingThereAndBack(Case memory which) public {
        (Quote memory quote, uint128 amount) = prepared(which);
        fund(TestToken(quote.payToken), maker, quote.payAmount);
        fund(TestToken(quote.settleToken), payer, type(uint96).max);
        uint256 dollars = held(payer, quote.payToken);
        uint256 euros_ = held(payer, quote.settleToken);
        RowCode code = pay(quote, fxRow(quote, PAYER_KEY, type(uint96).max, 0, payer, amount));
        assertCode(code, RowCode.Settled, "there");
        // Back at the very same rate: as much of the first currency as she paid costs her no less than she got.
        Quote memory back = quoteOf(TestToken(quote.settleToken), TestToken(quote.payToken));
        (back.payAmount, back.settleAmount) = (quote.settleAmount, quote.payAmount);
        uint256 paid = dollars - held(payer, quote.payToken);
        if (paid > back.settleAmount) return; // rounded up beyond what the inverse quote has
        code = pay(back, fxRow(back, PAYER_KEY, type(uint96).max, 0, payer, uint128(paid)));
        assertCode(code, RowCode.Settled, "and back");
        assertEq(held(payer, quote.payToken), dollars, "as before");
        assertTrue(held(payer, quote.settleToken) <= euros_, "and not a unit more");
    }

    /// @dev Good and bad rows in any order, against a plain model of a quote.
    function testFuzz_11_CapacityAndInventoryInAnyOrder(
        uint8[12] memory kinds,
        uint64[12] memory amounts,
        uint64 capacity,
        uint64 inventory
    ) public {
        Quote memory quote = dollarsToEuros();
        quote.settleAmount = uint128(bound(capacity, 1, CAPACITY));
        quote.payAmount = quote.settleAmount;
        uint256 stock = bound(inventory, 0, CAPACITY);
        vm.prank(maker);
        ledger.transfer(stranger, uint160(address(euro)), CAPACITY - stock);
        fund(dollar, payer, 12 * uint256(CAPACITY));
        FxRow[] memory rows = new FxRow[](12);
        for (uint64 i = 0; i < 12; ++i) {
            uint128 amount = uint128(bound(amounts[i], 1, CAPACITY / 4));
            rows[i] = fxRow(quote, PAYER_KEY, amount, i, payee, amount);
            if (kinds[i] % 4 == 0) rows[i].r ^= bytes32(uint256(1)); // a bad signature
            if (kinds[i] % 4 == 1) rows[i].amount -= 1; // below its cost
        }
        RowCode[] memory codes = pay(quote, rows);
        uint256 most = quote.settleAmount < stock ? quote.settleAmount : stock;
        uint256 given;
        for (uint256 i = 0; i < 12; ++i) if (codes[i] == RowCode.Settled) given += rows[i].settleAmount;
        for (uint256 i = 0; i < 12; ++i) assertModel(rows[i], codes[i], kinds[i] % 4, given, quote, stock);
        assertTrue(given <= most, "never more than there is");
        assertEq(euros(payee), given, "given");
        assertEq(exchange.fillOf(quoteId(quote)).filled, given, "filled");
        assertEq(balance(maker), given, "at par");
    }

    function assertModel(
        FxRow memory row_,
        RowCode code,
        uint256 kind,
        uint256 given,
        Quote memory quote,
        uint256 stock
    ) internal pure {
        if (kind == 1) return assertCode(code, RowCode.CeilingTooLow, "below its cost");
        if (code == RowCode.Settled) return assertTrue(kind != 0, "a forged row settled");
        if (code == RowCode.BadSignature) return assertTrue(kind == 0, "a good row called bad");
        // Passed over, though it may have been good: then it does not fit beside those that settled.
        uint256 needed = given + row_.settleAmount;
        if (code == RowCode.QuoteExhausted)
            return assertTrue(needed > quote.settleAmount, "it would have fitted");
        assertCode(code, RowCode.MakerShort, "no other code");
        assertTrue(needed > stock, "she had enough");
    }

    function testFuzz_FeesAreThoseOfTheAgreement(uint16 feeBps, uint64 flatFee, uint64 amount) public {
        uint128 settleAmount = uint128(bound(amount, 1, CAPACITY));
        feeBps = uint16(bound(feeBps, 0, 10_000));
        vm.prank(payee);
        ledger.agree(operator, address(euro), feeBps, flatFee);
        Quote memory quote = dollarsToEuros();
        FxRow memory row_ = fxRow(quote, PAYER_KEY, FUNDS, 0, payee, settleAmount);
        assertCode(pay(quote, row_), RowCode.Settled, "paid");
        uint256 fee = (uint256(settleAmount) * feeBps) / 10_000 + flatFee;
        if (fee > settleAmount) fee = settleAmount;
        assertEq(euros(operator), fee, "operator");
        assertEq(euros(payee), settleAmount - fee, "payee");
    }

    function testFuzz_IdsAreEip712Digests(Quote memory quote, FxRow memory row_) public {
        // A row that nobody signed is refused under the id that the payer would have signed.
        quote.maker = maker;
        (quote.payToken, quote.settleToken) = (address(dollar), address(euro));
        quote.payAmount = uint128(bound(quote.payAmount, 1, type(uint128).max));
        quote.settleAmount = uint128(bound(quote.settleAmount, 1, type(uint128).max));
        quote.deadline = NOW - 1;
        assertEq(exchange.quoteId(quote), quoteId(quote), "the quote's");
        FxBatch[] memory batches = fxBatch(quote, row_);
        vm.recordLogs();
        assertCode(exchange.exchange(batches)[0][0], RowCode.QuoteExpired, "refused");
        assertEq(vm.getRecordedLogs()[0].topics[1], fxId(quote, row_), "the payment's");
    }
}
