// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {HoldStatus} from "../../contracts/types/EscrowTypes.sol";
import {
    Fill,
    FxBatch,
    FxHoldBatch,
    FxHoldRef,
    FxRefund,
    FxRow,
    Quote,
    RefundRule
} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {ExchangeTest} from "./ExchangeTest.sol";

/// @dev Everything that people do with an Exchange, at random: two makers, three currencies of 0, 6 and 18 decimals, quotes good and
/// void, payments good and forged, holds and refunds; and a plain record of what it must have done.
contract ExchangeHandler is ExchangeTest {
    uint256 private constant MOST_QUOTES = 12;

    TestToken[] public currencies;
    uint256[2] private _makers = [uint256(0x3A1), 0x3A2];
    address[] public people;

    Quote[] private _quotes;
    uint256[] private _makerOf;
    mapping(bytes32 quote => uint256) public given;
    mapping(bytes32 quote => uint256) public taken;
    mapping(bytes32 quote => bool) public voided;
    mapping(address token => uint256) public paidIn;
    mapping(bytes32 id => bool) private _settled;
    /// @dev `FxHoldRef`s, encoded: the plain pipeline does not copy nested structs to storage.
    bytes[] private _holds;
    uint64 private _nonce;

    mapping(RowCode code => uint256) public reached;
    uint256 public refunds;
    uint256 public refundsRefused;
    string public broken;

    error Prepared();

    function setUp() public override {
        require(people.length == 0, Prepared());
        super.setUp();
        currencies.push(newToken("Yen", "JPY", 0));
        currencies.push(newToken("Dollar", "USD", 6));
        currencies.push(newToken("Ether", "ETH", 18));
        people = [payer, payee, operator, vm.addr(_makers[0]), vm.addr(_makers[1]), address(escrow)];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 k = 0; k < people.length - 1; ++k) {
                fund(currencies[i], people[k], 1e24);
                paidIn[address(currencies[i])] += 1e24;
            }
            vm.prank(payee);
            ledger.agree(operator, address(currencies[i]), 30, 1);
        }
        for (uint256 k = 3; k < 5; ++k) {
            vm.prank(people[k]);
            ledger.setOperator(address(exchange), true);
        }
        vm.prank(payee);
        ledger.setOperator(address(exchange), true);
    }

    // Quotes

    function newQuote(uint256 which, uint256 pair, uint96 payAmount, uint96 settleAmount) external {
        if (_quotes.length == MOST_QUOTES) return;
        uint256 key = _makers[which % 2];
        uint256 from = pair % 3;
        Quote memory quote = quoteOf(currencies[from], currencies[(from + 1 + (pair % 2)) % 3]);
        quote.maker = vm.addr(key);
        quote.payAmount = uint128(bound(payAmount, 1, 1e20));
        quote.settleAmount = uint128(bound(settleAmount, 1, 1e20));
        quote.generation = exchange.generationOf(quote.maker);
        quote.salt = bytes32(_quotes.length);
        quote.deadline = DEADLINE;
        _quotes.push(quote);
        _makerOf.push(key);
    }

    function cancel(uint256 which) external {
        if (_quotes.length == 0) return;
        Quote memory quote = _quotes[which % _quotes.length];
        vm.prank(quote.maker);
        exchange.cancelQuote(quote);
        voided[quoteId(quote)] = true;
    }

    function cancelAll(uint256 which, uint8 luck) external {
        if (luck % 8 != 0) return;
        address maker_ = vm.addr(_makers[which % 2]);
        vm.prank(maker_);
        exchange.cancelAllQuotes();
        for (uint256 i = 0; i < _quotes.length; ++i) {
            if (_quotes[i].maker == maker_) voided[quoteId(_quotes[i])] = true;
        }
    }

    // Payments

    function payTwo(uint256 which, uint96 first, uint96 second, uint8 fault) external {
        if (_quotes.length == 0) return;
        which = which % _quotes.length;
        Quote memory quote = _quotes[which];
        FxRow[] memory rows = new FxRow[](2);
        rows[0] = rowAt(quote, first, fault);
        rows[1] = rowAt(quote, second, 0);
        FxBatch[] memory batches = fxBatch(quote, rows);
        (batches[0].r, batches[0].vs) = compact(_makerOf[which], quoteId(quote));
        uint256[4] memory before = balancesOf(quote);
        vm.prank(operator);
        RowCode[] memory codes = exchange.exchange(batches)[0];
        uint256 settled;
        for (uint256 i = 0; i < 2; ++i) {
            ++reached[codes[i]];
            if (codes[i] != RowCode.Settled) continue;
            settled += rows[i].settleAmount;
            note(quote, fxId(quote, rows[i]), rows[i].amount, rows[i].settleAmount);
        }
        uint256[4] memory later = balancesOf(quote);
        if (later[1] - before[1] != settled)
            broken = "payee and operator did not get the amounts signed (12)";
        if (later[2] + settled != before[2]) broken = "the maker gave another sum";
        if (later[3] - before[3] != before[0] - later[0])
            broken = "the maker did not get what the payer paid";
    }

    function rowAt(Quote memory quote, uint96 amount, uint8 fault) private returns (FxRow memory row_) {
        uint128 settleAmount = uint128(bound(amount, 1, uint256(quote.settleAmount) + 1));
        uint256 cost =
            (uint256(settleAmount) * quote.payAmount + quote.settleAmount - 1) / quote.settleAmount;
        uint128 ceiling = uint128(fault % 8 == 1 ? cost - 1 : cost + (fault % 3));
        row_ = fxRow(quote, PAYER_KEY, ceiling, _nonce++, fault % 8 == 2 ? address(0) : payee, settleAmount);
        if (fault % 8 == 3) row_.vs ^= bytes32(uint256(1));
        if (fault % 8 == 4) row_.deadline = NOW - 1;
    }

    /// @dev Payer in the pay token; payee and operator, and the maker, in the settlement token; the maker in the pay token.
    function balancesOf(Quote memory quote) private view returns (uint256[4] memory) {
        return
            [
                uint256(ledger.accountOf(payer, quote.payToken).balance),
                ledger.accountOf(payee, quote.settleToken).balance +
                    ledger.accountOf(operator, quote.settleToken).balance,
                ledger.accountOf(quote.maker, quote.settleToken).balance,
                ledger.accountOf(quote.maker, quote.payToken).balance
            ];
    }

    function note(Quote memory quote, bytes32 id, uint256 ceiling, uint256 settleAmount) private {
        bytes32 quote_ = quoteId(quote);
        uint256 cost = (settleAmount * quote.payAmount + quote.settleAmount - 1) / quote.settleAmount;
        if (_settled[id]) broken = "a payment settled twice (3)";
        if (cost > ceiling) broken = "above the ceiling (12)";
        if (voided[quote_]) broken = "a void quote was filled";
        _settled[id] = true;
        given[quote_] += settleAmount;
        taken[quote_] += cost;
    }

    // Holds and refunds

    function hold(uint256 which, uint96 amount, uint128 captured) external {
        if (_quotes.length == 0 || _holds.length == 8) return;
        which = which % _quotes.length;
        FxHoldRef memory ref = fxHold(RefundRule.PayeeBears, _nonce++);
        ref.quote = _quotes[which];
        ref.hold.token = ref.quote.settleToken;
        ref.hold.hold.amount = uint128(bound(amount, 1, ref.quote.settleAmount));
        uint256 cost =
            (uint256(ref.hold.hold.amount) * ref.quote.payAmount + ref.quote.settleAmount - 1) /
                ref.quote.settleAmount;
        ref.amount = uint128(cost);
        FxHoldBatch[] memory batches = fxHoldBatch(ref);
        (batches[0].r, batches[0].vs) = compact(_makerOf[which], quoteId(ref.quote));
        vm.prank(operator);
        RowCode code = exchange.exchangeIntoHolds(batches)[0][0];
        ++reached[code];
        if (code != RowCode.Settled) return;
        note(ref.quote, fxHoldId(ref), ref.amount, ref.hold.hold.amount);
        _holds.push(abi.encode(ref));
        capture(ref.hold, uint128(bound(captured, 1, ref.hold.hold.amount)));
    }

    function refundOne(uint256 which, uint256 back, uint96 amount) external {
        if (_holds.length == 0) return;
        FxHoldRef memory ref = abi.decode(_holds[which % _holds.length], (FxHoldRef));
        back = back % _quotes.length;
        FxRefund memory what = fxRefund(
            ref,
            uint128(bound(amount, 1, ref.hold.hold.amount)),
            type(uint128).max,
            _quotes[back]
        );
        (what.r, what.vs) = compact(_makerOf[back], quoteId(what.quote));
        Fill memory before = exchange.fillOf(quoteId(what.quote));
        uint256 payees = ledger.accountOf(payee, ref.hold.token).balance;
        vm.prank(payee);
        try exchange.refund(what) {
            bytes32 id = quoteId(what.quote);
            if (voided[id]) broken = "a void quote was filled";
            given[id] += exchange.fillOf(id).filled - before.filled;
            taken[id] += payees - ledger.accountOf(payee, ref.hold.token).balance;
            ++refunds;
        } catch {
            ++refundsRefused;
        }
    }

    // Somebody else's money meanwhile

    function move(uint256 from, uint256 to, uint256 which, uint96 amount) external {
        address owner = people[from % 5];
        address token = address(currencies[which % 3]);
        uint256 most = ledger.accountOf(owner, token).balance;
        vm.prank(owner);
        ledger.transfer(people[to % 5], uint160(token), bound(amount, 0, most));
    }

    /// @dev All that a maker has of a currency goes to the other one, or comes back.
    function drain(uint256 which, uint256 currency) external {
        address token = address(currencies[currency % 3]);
        address from = vm.addr(_makers[which % 2]);
        uint256 all = ledger.accountOf(from, token).balance;
        vm.prank(from);
        ledger.transfer(vm.addr(_makers[(which + 1) % 2]), uint160(token), all);
    }

    // What must always hold

    function quotes() external view returns (uint256) {
        return _quotes.length;
    }

    function quoteAt(uint256 index) external view returns (Quote memory quote, bytes32 id) {
        return (_quotes[index], quoteId(_quotes[index]));
    }

    function sumOf(address token) external view returns (uint256 sum) {
        for (uint256 k = 0; k < people.length; ++k) sum += ledger.accountOf(people[k], token).balance;
    }

    function keptBy(address token) external view returns (uint256) {
        return ledger.accountOf(address(exchange), token).balance;
    }

    function supplyOf(address token) external view returns (uint256) {
        return ledger.totalSupply(uint160(token));
    }

    function fillOf(bytes32 id) external view returns (Fill memory) {
        return exchange.fillOf(id);
    }

    function refundsInBounds() external view returns (bool) {
        for (uint256 i = 0; i < _holds.length; ++i) {
            FxHoldRef memory ref = abi.decode(_holds[i], (FxHoldRef));
            uint128 captured = escrow.holdOf(referenceId(ref.hold)).captured;
            if (exchange.refundedOf(referenceId(ref.hold)) > captured) return false;
        }
        return true;
    }
}

contract ExchangeInvariantsTest is ExchangeTest {
    ExchangeHandler internal handler;

    function setUp() public override {
        handler = new ExchangeHandler();
        handler.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selectors) {
        selectors = new FuzzSelector[](1);
        bytes4[] memory acts = new bytes4[](8);
        acts[0] = ExchangeHandler.newQuote.selector;
        acts[1] = ExchangeHandler.cancel.selector;
        acts[2] = ExchangeHandler.cancelAll.selector;
        acts[3] = ExchangeHandler.payTwo.selector;
        acts[4] = ExchangeHandler.hold.selector;
        acts[5] = ExchangeHandler.refundOne.selector;
        acts[6] = ExchangeHandler.move.selector;
        acts[7] = ExchangeHandler.drain.selector;
        selectors[0] = FuzzSelector(address(handler), acts);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function invariant_2_13_NothingIsMadeLostOrKept() public view {
        for (uint256 i = 0; i < 3; ++i) {
            address token = address(handler.currencies(i));
            assertEq(handler.sumOf(token), handler.paidIn(token), "the accounts sum to what was paid in");
            assertEq(handler.supplyOf(token), handler.paidIn(token), "supply");
            assertEq(handler.keptBy(token), 0, "the Exchange keeps nothing");
        }
    }

    function invariant_11_AQuoteGivesNoMoreThanItHasAndNoCheaper() public view {
        for (uint256 i = 0; i < handler.quotes(); ++i) {
            (Quote memory quote, bytes32 id) = handler.quoteAt(i);
            uint256 filled = handler.fillOf(id).filled;
            assertEq(filled, handler.given(id), "filled is what was given");
            assertTrue(filled <= quote.settleAmount, "never above its capacity");
            assertTrue(
                handler.taken(id) * quote.settleAmount >= filled * quote.payAmount,
                "the maker has her rate at least"
            );
        }
    }

    function invariant_3_12_PayersAndPayeesGotWhatTheySigned() public view {
        assertTrue(bytes(handler.broken()).length == 0, handler.broken());
        assertTrue(handler.refundsInBounds(), "refunded no more than captured");
    }

    /// @dev The handler reaches what it is there for.
    function test_HandlerReachesEveryOutcome() public {
        for (uint256 i = 0; i < 1_200; ++i) act(uint256(keccak256(abi.encode(i))));
        RowCode[8] memory codes = [
            RowCode.Settled,
            RowCode.InvalidPayee,
            RowCode.Expired,
            RowCode.BadSignature,
            RowCode.CeilingTooLow,
            RowCode.QuoteExhausted,
            RowCode.QuoteCancelled,
            RowCode.MakerShort
        ];
        for (uint256 i = 0; i < codes.length; ++i) {
            assertTrue(handler.reached(codes[i]) > 0, "a code was never reached");
        }
        assertTrue(handler.refunds() > 0 && handler.refundsRefused() > 0, "refunds, good and refused");
        invariant_2_13_NothingIsMadeLostOrKept();
        invariant_11_AQuoteGivesNoMoreThanItHasAndNoCheaper();
        invariant_3_12_PayersAndPayeesGotWhatTheySigned();
    }

    function act(uint256 dice) internal {
        uint256 kind = dice % 16;
        uint256 rest = dice >> 16;
        if (kind < 2) handler.newQuote(rest, rest >> 8, uint96(rest >> 20) % 1e19, uint96(rest >> 60) % 1e19);
        else if (kind == 2 && rest % 8 == 0) handler.cancel(rest >> 8);
        else if (kind == 3 && rest % 64 == 0) handler.cancelAll(rest >> 8, 0);
        else if (kind < 8)
            handler.payTwo(rest, uint96(rest >> 8) % 1e17, uint96(rest >> 70) % 1e18, uint8(rest >> 150));
        else if (kind < 10) handler.hold(rest, uint96(rest >> 8) % 1e17, uint128(rest >> 70) % 1e17);
        else if (kind < 14) handler.refundOne(rest, rest >> 30, uint96(rest >> 60) % 1e16);
        else if (kind == 14) handler.drain(rest, rest >> 8);
        else handler.move(rest, rest >> 8, rest >> 16, uint96(rest >> 40));
    }
}
