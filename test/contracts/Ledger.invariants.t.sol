// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {FeeOnTransferToken} from "../../contracts/mocks/FeeOnTransferToken.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {Authorization} from "../../contracts/types/GatewayTypes.sol";
import {AccountView, Batch, DeviceTerms, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedLedger} from "./Deployed.sol";
import {LedgerTest} from "./LedgerTest.sol";
import {Test} from "./Test.sol";

/// @dev Everything that people do with a Ledger, at random, and a plain record of what it must have done.
contract LedgerHandler is Test {
    uint256 private constant DEVICE_KEY = 0xDE71CE;
    uint112 private constant PER_PAYMENT = 1e11;
    uint112 private constant PER_DAY = 2e11;

    DeployedLedger public immutable ledger;
    IGateway public immutable gateway;
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
    uint256 public paidByDevice;
    uint256 public declined;
    uint256 public pulled;
    string public broken;

    /// @dev Ghost: until when a device may pay (0: it may not), and what it paid on each day.
    mapping(address owner => mapping(address token => mapping(uint8 index => uint256))) private _liveUntil;
    mapping(address owner => mapping(address token => mapping(uint8 index => mapping(uint256 day => uint256))))
        private _spentOn;
    uint64 private _pulls;

    constructor(DeployedLedger ledger_, IGateway gateway_, TestToken[] memory tokens_, address officer_) {
        ledger = ledger_;
        gateway = gateway_;
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
        sign(row, key, payee, address(token));

        bool good = row.amount != 0 && row.amount <= account.balance && row.deadline >= block.timestamp;
        good = good && key != 0xBAD && block.timestamp >= account.frozenUntil;
        good = good && !used[payer][address(token)][row.nonce] && row.nonce + 64 >= account.nextNonce;

        if (settleTwice(row, payee, address(token)) != good)
            broken = "a row's code is not what the model says";
        if (good) {
            used[payer][address(token)][row.nonce] = true;
            expected[payer][address(token)] -= row.amount;
            expected[payee][address(token)] += row.amount;
            ++settled;
        } else {
            ++rejected;
        }
    }

    function bindDevice(uint256 who, uint256 which, uint8 index, uint256 period) external {
        address token = address(tokens[which % tokens.length]);
        index = 1 + (index % 2);
        uint48 expiry = uint48(block.timestamp + bound(period, 0, 40 days));
        DeviceTerms memory terms = DeviceTerms(
            vm.addr(DEVICE_KEY),
            expiry,
            PER_PAYMENT,
            PER_DAY,
            new address[](0)
        );
        vm.prank(ownerAt(who));
        ledger.bindDevice(token, index, terms);
        _liveUntil[ownerAt(who)][token][index] = expiry;
    }

    function revokeDevice(uint256 who, uint256 which, uint8 index) external {
        address token = address(tokens[which % tokens.length]);
        index = 1 + (index % 2);
        vm.prank(ownerAt(who));
        ledger.revokeDevice(token, index);
        _liveUntil[ownerAt(who)][token][index] = 0;
    }

    /// @dev One device's payment, honest or forged, live or not; the model says whether it must settle.
    function payByDevice(uint256 who, uint256 to, uint256 which, uint256 amount, uint256 chance) external {
        address token = address(tokens[which % tokens.length]);
        (address payer, address payee) = (ownerAt(who), ownerAt(to));
        uint8 index = uint8(1 + (chance % 2));
        uint56 next = ledger.deviceOf(payer, token, index).nextNonce;
        uint56 sequence = uint56(bound(chance >> 8, next > 70 ? next - 70 : 0, next + 2));
        Row memory row;
        row.payer = payer;
        row.amount = uint128(bound(amount, 1, PER_PAYMENT + PER_PAYMENT / 8));
        row.nonce = (uint64(index) << 56) | sequence;
        row.deadline = uint48(block.timestamp);
        sign(row, chance % 7 == 0 ? keys[who % 4] : DEVICE_KEY, payee, token);

        AccountView memory account = ledger.accountOf(payer, token);
        uint256 day = block.timestamp / 1 days;
        bool good =
            chance % 7 != 0 && row.amount <= account.balance && block.timestamp >= account.frozenUntil;
        uint256 until = _liveUntil[payer][token][index];
        good = good && until != 0 && block.timestamp <= until && row.amount <= PER_PAYMENT;
        good = good && _spentOn[payer][token][index][day] + row.amount <= PER_DAY;
        good = good && !used[payer][token][row.nonce] && uint256(sequence) + 64 >= next;

        if (settleTwice(row, payee, token) != good) broken = "a device's code is not what the model says";
        if (good) {
            used[payer][token][row.nonce] = true;
            _spentOn[payer][token][index][day] += row.amount;
            expected[payer][token] -= row.amount;
            expected[payee][token] += row.amount;
            ++paidByDevice;
        } else {
            ++declined;
        }
    }

    function sign(Row memory row, uint256 key, address payee, address token) private view {
        bytes32 id = ledger.paymentId(row.payer, payee, token, row.amount, row.nonce, row.deadline, row.memo);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, id);
        (row.r, row.vs) = (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function settleTwice(Row memory row, address payee, address token) private returns (bool) {
        RowCode[][] memory codes = ledger.settle(twice(row, payee, token));
        if (codes[0][1] == RowCode.Settled) broken = "a replay settled (invariant 3)";
        return codes[0][0] == RowCode.Settled;
    }

    function twice(
        Row memory row,
        address payee,
        address token
    ) private pure returns (Batch[] memory batches) {
        batches = new Batch[](1);
        batches[0] = Batch(payee, token, new Row[](2));
        (batches[0].rows[0], batches[0].rows[1]) = (row, row);
    }

    /// @dev A payment out of a wallet. Of a token that takes a fee it must fail.
    function pull(uint256 who, uint256 to, uint256 which, uint256 amount, uint256 chance) external {
        TestToken token = tokens[which % tokens.length];
        address payee = ownerAt(to);
        Row memory row;
        row.payer = ownerAt(who);
        row.amount = uint128(bound(amount, 100, 1e12));
        row.nonce = _pulls++;
        row.deadline = uint48(block.timestamp);
        token.mint(row.payer, row.amount);
        signPull(row, chance % 7 == 0 ? 0xBAD : keys[who % 4], payee, token);
        bool good = chance % 7 != 0 && which % tokens.length != 2;
        RowCode[][] memory codes = gateway.pay(
            Authorization.Erc3009,
            twice(row, payee, address(token)),
            new bytes[](0)
        );
        if ((codes[0][0] == RowCode.Settled) != good) broken = "a pull's code is not what the model says";
        if (codes[0][1] == RowCode.Settled) broken = "a pull settled twice (invariant 3)";
        if (!good) return;
        expected[payee][address(token)] += row.amount;
        paidIn[address(token)] += row.amount;
        ++pulled;
    }

    function signPull(Row memory row, uint256 key, address payee, TestToken token) private view {
        bytes32 id = gateway.paymentId(Authorization.Erc3009, payee, address(token), row);
        bytes32 typehash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        uint256 validBefore = uint256(row.deadline) + 1;
        bytes32 structHash = keccak256(
            abi.encode(typehash, row.payer, address(gateway), row.amount, 0, validBefore, id)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        (row.r, row.vs) = (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
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
    IGateway private gateway;
    TestToken[] private tokens;

    function setUp() public override {
        super.setUp();
        tokens.push(dollar);
        tokens.push(newToken("Wide", "WID", 18));
        tokens.push(TestToken(deploy("FeeOnTransferToken.sol:FeeOnTransferToken", abi.encode(250))));
        address escrow = deploy("Escrow.sol:Escrow", abi.encode(ledger));
        address permit2 = deploy("Permit2Double.sol:Permit2Double", "");
        gateway = IGateway(deploy("Gateway.sol:Gateway", abi.encode(escrow, permit2)));
        handler = new LedgerHandler(ledger, gateway, tokens, officer);
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

    function invariant_TheGatewayKeepsNothing() public view {
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(tokens[i].balanceOf(address(gateway)), 0, "tokens");
            assertEq(ledger.accountOf(address(gateway), address(tokens[i])).balance, 0, "account");
        }
    }

    /// @dev The handler reaches what it is there for: else the invariants would hold of nothing.
    function test_HandlerReachesEveryOutcome() public {
        handler.deposit(0, 0, 1_000);
        handler.settle(0, 1, 0, 10, 0, 1);
        assertEq(handler.settled(), 1, "settled");
        handler.settle(0, 1, 0, 10, 0, 7);
        assertEq(handler.rejected(), 1, "rejected");
        handler.bindDevice(0, 0, 0, 1 days);
        handler.payByDevice(0, 1, 0, 10, 2);
        assertEq(handler.paidByDevice(), 1, "paid by the device");
        handler.payByDevice(0, 1, 0, 10, 14);
        assertEq(handler.declined(), 1, "declined");
        handler.pull(1, 2, 0, 100, 1);
        assertEq(handler.pulled(), 1, "pulled");
        handler.freeze(0, 0, 100);
        handler.withdraw(0, 0, 5);
        assertEq(handler.blocked(), 1, "blocked");
        handler.wait(1 days);
        handler.withdraw(0, 0, 5);
        assertEq(handler.paidOut(address(dollar)), 5, "paid out");
        handler.steal(1, 0, 0, 1);
        handler.cancel(0, 0);
        handler.transfer(0, 1, 0, 5);
        handler.revokeDevice(0, 0, 0);
        handler.payByDevice(0, 1, 0, 10, 2);
        assertEq(handler.declined(), 2, "revoked");
        invariant_1_Solvency();
        invariant_2_Conservation();
        invariant_3_4_5_7_NothingButWhatOwnersSaid();
        invariant_TheGatewayKeepsNothing();
    }

    function sumOf(address token) private view returns (uint256 sum) {
        for (uint256 k = 0; k < 4; ++k) sum += ledger.accountOf(handler.ownerAt(k), token).balance;
    }
}
