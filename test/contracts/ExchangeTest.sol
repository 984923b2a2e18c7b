// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {HoldRef, HoldRow, OpenRow} from "../../contracts/types/EscrowTypes.sol";
import {
    FxBatch,
    FxHoldBatch,
    FxHoldRef,
    FxRefund,
    FxRow,
    GuardTerms,
    Quote,
    RefundRule
} from "../../contracts/types/ExchangeTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @dev An Exchange over Ledger and Escrow, a maker with euros, and a way to sign quotes, payments and refunds. Hashes are made
/// from the types as they are documented, apart from the contract's libraries.
abstract contract ExchangeTest is EscrowTest {
    uint256 internal constant MAKER_KEY = 0x3A4E4;
    uint64 internal constant GUARD = 2;
    uint32 internal constant GUARD_DELAY = 2 days;
    uint128 internal constant CAPACITY = 500e6;
    /// @dev For all of the capacity: 1.0833 dollars a euro.
    uint128 internal constant PRICE = 541_650_000;
    uint128 internal constant EUROS = 20e6;
    uint128 internal constant COST = 21_666_000;

    string internal constant QUOTE =
        "Quote(address maker,address payToken,address settleToken,uint128 payAmount,uint128 settleAmount,uint64 generation,uint48 deadline,bytes32 salt)";
    string internal constant FX_TERMS =
        "FxTerms(address payee,address settleToken,uint128 settleAmount,bytes32 quote,bytes32 memo)";
    string internal constant FX_PAYMENT =
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,FxTerms terms)";
    string internal constant FX_HOLD_TERMS =
        "FxHoldTerms(address settleToken,uint128 settleAmount,bytes32 quote,uint8 refundRule,uint48 refundDeadline,HoldTerms hold)";
    string internal constant FX_HOLD_PAYMENT =
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,FxHoldTerms terms)";
    string internal constant FX_REFUND =
        "FxRefund(bytes32 id,uint128 amount,uint128 refunded,bytes32 quote,uint128 maxCost,uint48 deadline)";

    IExchange internal exchange;
    address internal maker;
    address internal watchman = address(0x3A7C);

    function setUp() public virtual override {
        super.setUp();
        exchange = IExchange(deploy("Exchange.sol:Exchange", abi.encode(manager, escrow)));
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = IExchange.setGuard.selector;
        selectors[1] = IExchange.removeGuard.selector;
        manager.setTargetFunctionRole(address(exchange), selectors, GUARD);
        manager.grantRole(GUARD, watchman, GUARD_DELAY);
        maker = vm.addr(MAKER_KEY);
        fund(euro, maker, CAPACITY);
        vm.prank(maker);
        ledger.setOperator(address(exchange), true);
    }

    // Quotes

    function quoteOf(TestToken from, TestToken to) internal view returns (Quote memory quote) {
        quote.maker = maker;
        quote.payToken = address(from);
        quote.settleToken = address(to);
        quote.payAmount = PRICE;
        quote.settleAmount = CAPACITY;
        quote.deadline = DEADLINE;
        quote.salt = keccak256("salt");
    }

    function dollarsToEuros() internal view returns (Quote memory) {
        return quoteOf(dollar, euro);
    }

    function quoteId(Quote memory quote) internal view returns (bytes32) {
        return exchangeDigest(keccak256(abi.encode(keccak256(bytes(QUOTE)), quote)));
    }

    function exchangeDigest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 name = keccak256("Corridor Exchange");
        bytes32 domain = keccak256(
            abi.encode(typehash, name, keccak256("1"), block.chainid, address(exchange))
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    // Payments

    /// @dev Twenty euros for the payee, by the payer, to the unit.
    function fxRow(Quote memory quote, uint64 nonce) internal view returns (FxRow memory) {
        return fxRow(quote, PAYER_KEY, COST, nonce, payee, EUROS);
    }

    function fxRow(
        Quote memory quote,
        uint256 key,
        uint128 ceiling,
        uint64 nonce,
        address to,
        uint128 settleAmount
    ) internal view returns (FxRow memory result) {
        result.payer = vm.addr(key);
        result.amount = ceiling;
        result.nonce = nonce;
        result.deadline = DEADLINE;
        result.payee = to;
        result.settleAmount = settleAmount;
        result.memo = keccak256("invoice");
        resign(quote, result, key);
    }

    function resign(Quote memory quote, FxRow memory result, uint256 key) internal view {
        (result.r, result.vs) = compact(key, fxId(quote, result));
    }

    function fxId(Quote memory quote, FxRow memory row_) internal view returns (bytes32) {
        bytes32 terms = keccak256(
            abi.encode(
                keccak256(bytes(FX_TERMS)),
                row_.payee,
                quote.settleToken,
                row_.settleAmount,
                quoteId(quote),
                row_.memo
            )
        );
        bytes32 typehash = keccak256(abi.encodePacked(FX_PAYMENT, FX_TERMS));
        bytes memory head = abi.encode(typehash, row_.payer, address(exchange), quote.payToken, row_.amount);
        return digestOf(keccak256(bytes.concat(head, abi.encode(row_.nonce, row_.deadline, terms))));
    }

    function fxBatch(Quote memory quote, FxRow memory only) internal view returns (FxBatch[] memory) {
        FxRow[] memory rows = new FxRow[](1);
        rows[0] = only;
        return fxBatch(quote, rows);
    }

    function fxBatch(
        Quote memory quote,
        FxRow[] memory rows
    ) internal view returns (FxBatch[] memory batches) {
        batches = new FxBatch[](1);
        batches[0].quote = quote;
        (batches[0].r, batches[0].vs) = compact(MAKER_KEY, quoteId(quote));
        batches[0].rows = rows;
    }

    function pay(Quote memory quote, FxRow memory only) internal returns (RowCode) {
        FxBatch[] memory batches = fxBatch(quote, only);
        vm.prank(operator);
        return exchange.exchange(batches)[0][0];
    }

    function pay(Quote memory quote, FxRow[] memory rows) internal returns (RowCode[] memory) {
        FxBatch[] memory batches = fxBatch(quote, rows);
        vm.prank(operator);
        return exchange.exchange(batches)[0];
    }

    // Payments into holds

    /// @dev A hold of twenty euros, without an arbiter, paid for in dollars.
    function fxHold(RefundRule rule, uint64 nonce) internal view returns (FxHoldRef memory ref) {
        ref.quote = dollarsToEuros();
        ref.refundRule = rule;
        ref.amount = COST;
        ref.hold = plain(nonce);
        ref.hold.token = address(euro);
        HoldRow memory hold = ref.hold.hold;
        (hold.amount, hold.arbiter, hold.rulingPeriod, hold.defaultPayerBps) = (EUROS, address(0), 0, 0);
        if (rule != RefundRule.SettlementCurrency)
            (ref.refundDeadline, hold.refundDeadline) = (REFUND_DEADLINE, 0);
    }

    function fxHoldId(FxHoldRef memory ref) internal view returns (bytes32) {
        bytes32 terms = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(FX_HOLD_TERMS, TERMS)),
                ref.hold.token,
                ref.hold.hold.amount,
                quoteId(ref.quote),
                ref.refundRule,
                ref.refundDeadline,
                termsHash(ref.hold)
            )
        );
        HoldRow memory hold = ref.hold.hold;
        bytes32 typehash = keccak256(abi.encodePacked(FX_HOLD_PAYMENT, FX_HOLD_TERMS, TERMS));
        bytes memory head = abi.encode(
            typehash,
            hold.payer,
            address(exchange),
            ref.quote.payToken,
            ref.amount
        );
        return digestOf(keccak256(bytes.concat(head, abi.encode(hold.nonce, hold.deadline, terms))));
    }

    function fxHoldBatch(FxHoldRef memory ref) internal view returns (FxHoldBatch[] memory batches) {
        batches = new FxHoldBatch[](1);
        FxHoldBatch memory batch = batches[0];
        batch.quote = ref.quote;
        (batch.r, batch.vs) = compact(MAKER_KEY, quoteId(ref.quote));
        (batch.refundRule, batch.refundDeadline) = (ref.refundRule, ref.refundDeadline);
        batch.amounts = new uint128[](1);
        batch.amounts[0] = ref.amount;
        OpenRow[] memory rows = new OpenRow[](1);
        rows[0].hold = ref.hold.hold;
        (rows[0].r, rows[0].vs) = compact(PAYER_KEY, fxHoldId(ref));
        batch.holds = openBatch(ref.hold, rows)[0];
    }

    function payIntoHold(FxHoldRef memory ref) internal returns (RowCode) {
        FxHoldBatch[] memory batches = fxHoldBatch(ref);
        vm.prank(operator);
        return exchange.exchangeIntoHolds(batches)[0][0];
    }

    // Refunds

    /// @dev Back to dollars, at `payAmount` euros for as many dollars as the capacity has units.
    function eurosToDollars(uint128 payAmount) internal view returns (Quote memory quote) {
        quote = quoteOf(euro, dollar);
        quote.payAmount = payAmount;
        quote.salt = keccak256("back");
    }

    function fxRefund(
        FxHoldRef memory ref,
        uint128 amount,
        uint128 maxCost,
        Quote memory quote
    ) internal view returns (FxRefund memory what) {
        (what.ref, what.amount, what.maxCost, what.quote) = (ref, amount, maxCost, quote);
        (what.r, what.vs) = compact(MAKER_KEY, quoteId(quote));
    }

    /// @dev The payee's signature over it, `refunded` being the sum before.
    function consentToRefund(FxRefund memory what, uint128 refunded, uint256 key) internal view {
        what.consent.deadline = DEADLINE;
        (what.consent.r, what.consent.vs) = compact(key, refundDigest(what, refunded));
    }

    function refundDigest(FxRefund memory what, uint128 refunded) internal view returns (bytes32) {
        return
            exchangeDigest(
                keccak256(
                    abi.encode(
                        keccak256(bytes(FX_REFUND)),
                        fxHoldId(what.ref),
                        what.amount,
                        refunded,
                        quoteId(what.quote),
                        what.maxCost,
                        what.consent.deadline
                    )
                )
            );
    }

    // Guards

    /// @dev By the role, after its delay; the time goes back to what it was.
    function setGuardNow(address from, address to, GuardTerms memory terms) internal {
        bytes memory data = abi.encodeCall(IExchange.setGuard, (from, to, terms));
        uint256 now_ = block.timestamp;
        vm.startPrank(watchman);
        manager.schedule(address(exchange), data, 0);
        vm.warp(now_ + GUARD_DELAY);
        manager.execute(address(exchange), data);
        vm.stopPrank();
        vm.warp(now_);
    }

    // Checks

    function euros(address owner) internal view returns (uint256) {
        return ledger.accountOf(owner, address(euro)).balance;
    }

    /// @dev A row that must fail: it says so, and changes nothing (invariant 7).
    function assertRefused(Quote memory quote, FxRow memory bad, RowCode code) internal {
        bytes32 before = stateOf(quote, bad);
        vm.expectEmit(true, true, true, true, address(exchange));
        emit IExchange.Rejected(fxId(quote, bad), code);
        assertCode(pay(quote, bad), code, "row code");
        assertEq(stateOf(quote, bad), before, "state after a rejected row");
    }

    function stateOf(Quote memory quote, FxRow memory row_) internal view returns (bytes32) {
        address[6] memory owners = [
            row_.payer,
            row_.payee,
            maker,
            operator,
            address(exchange),
            address(escrow)
        ];
        bytes memory state = abi.encode(exchange.fillOf(quoteId(quote)));
        for (uint256 i = 0; i < owners.length; ++i) {
            state = bytes.concat(
                state,
                abi.encode(
                    ledger.accountOf(owners[i], quote.payToken),
                    ledger.accountOf(owners[i], quote.settleToken)
                )
            );
        }
        return keccak256(state);
    }
}
