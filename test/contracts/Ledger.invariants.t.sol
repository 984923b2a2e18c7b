// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger} from "../../contracts/Ledger.sol";
import {FeeOnTransferToken} from "../../contracts/mocks/FeeOnTransferToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {AccountView, Batch, Row, RowCode, WithdrawalRow} from "../../contracts/types/LedgerTypes.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {Test} from "./Test.sol";

/// @dev Everything that people do with a Ledger, at random, and a plain record of what it must have done.
contract LedgerHandler is Test {
    Ledger public immutable ledger;
    TestToken[] public tokens;
    address public immutable officer;
    uint256[4] public keys = [uint256(0xA1), 0xB2, 0xC3, 0xD4];

    /// @dev Ghost: what each account must hold, from the acts of its owner and of those who paid her.
    mapping(address owner => mapping(address token => uint256)) public expected;
    mapping(address owner => mapping(address token => mapping(uint64 nonce => bool))) public used;
    mapping(address token => uint256) public paidIn;
    mapping(address token => uint256) public paidOut;
    uint256 public settled;
    uint256 public rejected;
    uint256 public blocked;
    string public broken;

    constructor(Ledger ledger_, TestToken[] memory tokens_, address officer_) {
        ledger = ledger_;
        tokens = tokens_;
        officer = officer_;
    }

    function ownerAt(uint256 index) public view returns (address) {
        return vm.addr(keys[index % 4]);
    }

    function deposit(uint256 who, uint256 which, uint256 amount) external {
        TestToken token = tokens[which % tokens.length];
        amount = bound(amount, 100, 1e12);
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        uint256 credited = ledger.deposit(address(token), ownerAt(who), amount);
        expected[ownerAt(who)][address(token)] += credited;
        paidIn[address(token)] += credited;
    }

    /// @dev One row, honest or forged; the model says which code it must get.
    function settle(
        uint256 who,
        uint256 to,
        uint256 which,
        uint256 amount,
        uint64 nonce,
        uint256 chance
    ) external {
        TestToken token = tokens[which % tokens.length];
        address payer = ownerAt(who);
        address payee = ownerAt(to);
        Row memory row;
        row.payer = payer;
        AccountView memory account = ledger.accountOf(payer, address(token));
        row.amount = uint128(bound(amount, 0, uint256(account.balance) + account.balance / 4 + 1));
        row.nonce = uint64(
            bound(nonce, account.nextNonce > 70 ? account.nextNonce - 70 : 0, account.nextNonce + 3)
        );
        row.deadline = uint48(chance % 11 == 0 ? block.timestamp - 1 : block.timestamp);
        uint256 key = chance % 7 == 0 ? 0xBAD : keys[who % 4];
        bytes32 id = ledger.paymentId(payer, payee, address(token), row.amount, row.nonce, row.deadline, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, id);
        (row.r, row.vs) = (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));

        bool good = row.amount != 0 && row.amount <= account.balance && row.deadline >= block.timestamp;
        good = good && key != 0xBAD && block.timestamp >= account.frozenUntil;
        good = good && !used[payer][address(token)][row.nonce] && row.nonce + 64 >= account.nextNonce;

        Row[] memory rows = new Row[](2);
        (rows[0], rows[1]) = (row, row);
        Batch[] memory batches = new Batch[](1);
        batches[0] = Batch(payee, address(token), rows);
        RowCode[][] memory codes = ledger.settle(batches);
        if ((codes[0][0] == RowCode.Settled) != good) broken = "a row's code is not what the model says";
        if (codes[0][1] == RowCode.Settled) broken = "a replay settled (invariant 3)";
        if (good) {
            used[payer][address(token)][row.nonce] = true;
            expected[payer][address(token)] -= row.amount;
            expected[payee][address(token)] += row.amount;
            ++settled;
        } else {
            ++rejected;
        }
    }

    function transfer(uint256 who, uint256 to, uint256 which, uint256 amount) external {
        address token = address(tokens[which % tokens.length]);
        amount = bound(amount, 0, ledger.accountOf(ownerAt(who), token).balance);
        vm.prank(ownerAt(who));
        ledger.transfer(ownerAt(to), uint160(token), amount);
        expected[ownerAt(who)][token] -= amount;
        expected[ownerAt(to)][token] += amount;
    }

    /// @dev Somebody else's account: whatever the amount, it must fail (invariant 4).
    function steal(uint256 who, uint256 from, uint256 which, uint256 amount) external {
        if (who % 4 == from % 4) return;
        address token = address(tokens[which % tokens.length]);
        amount = bound(amount, 1, type(uint128).max);
        vm.prank(ownerAt(who));
        try ledger.transferFrom(ownerAt(from), ownerAt(who), uint160(token), amount) {
            broken = "a stranger lowered an account (invariant 4)";
        } catch {}
    }

    /// @dev Must succeed unless a freeze is live (invariant 5).
    function withdraw(uint256 who, uint256 which, uint256 amount) external {
        address token = address(tokens[which % tokens.length]);
        AccountView memory account = ledger.accountOf(ownerAt(who), token);
        uint128 out = uint128(bound(amount, 0, account.balance));
        vm.prank(ownerAt(who));
        try ledger.withdraw(token, ownerAt(who), out) {
            if (block.timestamp < account.frozenUntil) broken = "a frozen account was lowered";
            expected[ownerAt(who)][token] -= out;
            paidOut[token] += out;
        } catch {
            ++blocked;
            if (block.timestamp >= account.frozenUntil) broken = "a withdrawal was blocked (invariant 5)";
        }
    }

    function cancel(uint256 who, uint256 which) external {
        address token = address(tokens[which % tokens.length]);
        uint64 nonce = ledger.accountOf(ownerAt(who), token).nextNonce;
        vm.prank(ownerAt(who));
        ledger.cancel(token, nonce);
        used[ownerAt(who)][token][nonce] = true;
    }

    function freeze(uint256 who, uint256 which, uint256 period) external {
        address token = address(tokens[which % tokens.length]);
        uint48 until = uint48(block.timestamp + bound(period, 1, 30 days));
        vm.prank(officer);
        ledger.freeze(ownerAt(who), token, until, 0);
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 20 days));
    }
}

contract LedgerInvariantsTest is LedgerTest {
    LedgerHandler private handler;
    TestToken[] private tokens;

    function setUp() public override {
        super.setUp();
        tokens.push(dollar);
        tokens.push(newToken("Wide", "WID", 18));
        tokens.push(TestToken(deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(250))));
        handler = new LedgerHandler(ledger, tokens, officer);
        // The account of the base set-up is not of the handler's world.
        vm.prank(payer);
        ledger.withdraw(address(dollar), payer, FUNDS);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_1_Solvency() public view {
        for (uint256 i = 0; i < tokens.length; ++i) {
            uint256 sum = sumOf(address(tokens[i]));
            assertEq(ledger.totalSupply(uint160(address(tokens[i]))), sum, "supply is the sum of accounts");
            assertTrue(tokens[i].balanceOf(address(ledger)) >= sum, "the Ledger holds at least that");
        }
    }

    function invariant_2_Conservation() public view {
        for (uint256 i = 0; i < tokens.length; ++i) {
            address token = address(tokens[i]);
            assertEq(sumOf(token), handler.paidIn(token) - handler.paidOut(token), "sum of accounts");
        }
    }

    function invariant_3_4_5_7_NothingButWhatOwnersSaid() public view {
        assertEq(bytes(handler.broken()).length, 0, handler.broken());
        for (uint256 i = 0; i < tokens.length; ++i) {
            for (uint256 k = 0; k < 4; ++k) {
                address owner = handler.ownerAt(k);
                assertEq(
                    ledger.accountOf(owner, address(tokens[i])).balance,
                    handler.expected(owner, address(tokens[i])),
                    "account against the model"
                );
            }
        }
    }

    /// @dev The handler reaches what it is there for: else the invariants would hold of nothing.
    function test_HandlerReachesEveryOutcome() public {
        handler.deposit(0, 0, 1_000);
        handler.settle(0, 1, 0, 10, 0, 1);
        assertEq(handler.settled(), 1, "settled");
        handler.settle(0, 1, 0, 10, 0, 7);
        assertEq(handler.rejected(), 1, "rejected");
        handler.freeze(0, 0, 100);
        handler.withdraw(0, 0, 5);
        assertEq(handler.blocked(), 1, "blocked");
        handler.wait(1 days);
        handler.withdraw(0, 0, 5);
        assertEq(handler.paidOut(address(dollar)), 5, "paid out");
        handler.steal(1, 0, 0, 1);
        handler.cancel(0, 0);
        handler.transfer(0, 1, 0, 5);
        invariant_1_Solvency();
        invariant_2_Conservation();
        invariant_3_4_5_7_NothingButWhatOwnersSaid();
    }

    function sumOf(address token) private view returns (uint256 sum) {
        for (uint256 k = 0; k < 4; ++k) sum += ledger.accountOf(handler.ownerAt(k), token).balance;
    }
}
