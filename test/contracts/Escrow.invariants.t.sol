// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEscrow} from "../../contracts/interfaces/IEscrow.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {
    AmountBatch,
    AmountRow,
    Consent,
    HoldRef,
    HoldRow,
    HoldStatus,
    HoldView,
    OpenBatch,
    OpenRow,
    ReclaimBatch,
    Split,
    VoidBatch,
    VoidRow
} from "../../contracts/types/EscrowTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedLedger} from "./Deployed.sol";
import {EscrowTest} from "./EscrowTest.sol";
import {Test} from "./Test.sol";

/// @dev Everything that people do with an Escrow, at random, and a plain record of what it must have done. Each act runs
/// between {begin} and {end}, which compare all holds and all accounts with what this one act may change.
contract EscrowHandler is Test {
    uint256 private constant PEOPLE = 8;
    uint256 private constant ESCROW = 1 << PEOPLE;
    uint256 private constant MOST_HOLDS = 24;

    IEscrow public immutable escrow;
    DeployedLedger public immutable ledger;
    TestToken[] public tokens;
    address public immutable officer;

    /// @dev Two payers, payee, arbiter, two recipients, operator, stranger; last in `accounts` stands the Escrow.
    uint256[8] private _keys = [uint256(0xA1), 0xA2, 0xB1, 0xC1, 0xD1, 0xD2, 0xE1, 0xF1];
    address[] public accounts;

    HoldRef[] private _refs;
    bytes32[] public ids;
    HoldView[] private _before;
    mapping(address owner => mapping(address token => uint256)) private _held;

    mapping(address token => uint256) public paidIn;
    mapping(HoldStatus status => uint256) public reached;
    uint256 public refused;
    uint256 public reverted;
    uint256 public refunds;
    uint256 public funded;
    string public broken;

    constructor(IEscrow escrow_, DeployedLedger ledger_, TestToken[] memory tokens_, address officer_) {
        (escrow, ledger, tokens, officer) = (escrow_, ledger_, tokens_, officer_);
        for (uint256 i = 0; i < PEOPLE; ++i) accounts.push(vm.addr(_keys[i]));
        accounts.push(address(escrow_));
        for (uint256 i = 0; i < tokens_.length; ++i) {
            vm.prank(accounts[2]);
            ledger_.agree(accounts[6], address(tokens_[i]), 150, 3);
        }
    }

    function count() external view returns (uint256) {
        return _refs.length;
    }

    function holdAt(
        uint256 index
    ) external view returns (address token, uint128 amount, HoldView memory state) {
        return (_refs[index].token, _refs[index].hold.amount, escrow.holdOf(ids[index]));
    }

    // What an act may change

    function begin() private {
        delete _before;
        for (uint256 i = 0; i < ids.length; ++i) _before.push(escrow.holdOf(ids[i]));
        for (uint256 t = 0; t < tokens.length; ++t) {
            address token = address(tokens[t]);
            for (uint256 i = 0; i < accounts.length; ++i) {
                _held[accounts[i]][token] = ledger.accountOf(accounts[i], token).balance;
            }
        }
    }

    /// @dev `mayLower` says whose accounts the act may lower, a bit each.
    function end(uint256 hold, uint256 mayLower) private {
        for (uint256 i = 0; i < _before.length; ++i) {
            HoldView memory later = escrow.holdOf(ids[i]);
            HoldView memory before = _before[i];
            if (i != hold && keccak256(abi.encode(before)) != keccak256(abi.encode(later))) {
                broken = "an act changed another hold";
            }
            if (!mayFollow(before.status, later.status)) broken = "a forbidden transition";
            if (later.captured < before.captured || later.refunded < before.refunded) broken = "a sum fell";
            if (before.status != HoldStatus.Open && later.disputedAt != before.disputedAt) {
                broken = "the dispute's time moved";
            }
            if (before.status != HoldStatus.Open && before.status != HoldStatus.Disputed) {
                if (later.captured != before.captured) broken = "captured after the end";
            }
            if (before.status != later.status) ++reached[later.status];
        }
        for (uint256 t = 0; t < tokens.length; ++t) {
            address token = address(tokens[t]);
            for (uint256 i = 0; i < accounts.length; ++i) {
                bool lowered = ledger.accountOf(accounts[i], token).balance < _held[accounts[i]][token];
                if (lowered && mayLower & (1 << i) == 0) broken = "an account that did not act was lowered";
            }
        }
    }

    /// @dev The table that stands in the comments of {HoldStatus}.
    function mayFollow(HoldStatus from, HoldStatus to) public pure returns (bool) {
        if (from == to) return true;
        if (from == HoldStatus.None) return to == HoldStatus.Open;
        if (from == HoldStatus.Disputed) {
            return to == HoldStatus.Ruled || to == HoldStatus.Resolved || to == HoldStatus.Agreed;
        }
        if (from != HoldStatus.Open) return false;
        return
            to == HoldStatus.Captured ||
            to == HoldStatus.Voided ||
            to == HoldStatus.Reclaimed ||
            to == HoldStatus.Disputed ||
            to == HoldStatus.Agreed;
    }

    function bit(uint256 who) private pure returns (uint256) {
        return 1 << who;
    }

    // What people do

    function deposit(uint256 who, uint256 which, uint256 amount) external {
        TestToken token = tokens[which % tokens.length];
        amount = bound(amount, 1, 1e9);
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        ledger.deposit(address(token), accounts[who % 2], amount);
        paidIn[address(token)] += amount;
    }

    /// @dev A hold of any terms, by a signature that is good or not.
    function open(uint256 who, uint256 which, uint256 amount, uint256 seed) external {
        if (_refs.length >= MOST_HOLDS) return;
        who %= 2;
        address token = address(tokens[which % tokens.length]);
        uint256 funds = ledger.accountOf(accounts[who], token).balance;
        HoldRef memory ref = newHold(who, token, bound(amount, 1, funds / 2 + 2), seed);
        bytes32 id = escrow.holdId(ref);
        OpenRow[] memory rows = new OpenRow[](2);
        rows[0].hold = ref.hold;
        (rows[0].r, rows[0].vs) = compact(seed % 9 == 1 ? 0xBAD : _keys[who], id);
        rows[1] = rows[0];
        OpenBatch[] memory batches = new OpenBatch[](1);
        batches[0] = OpenBatch(ref.payee, ref.token, ref.splits, rows);
        begin();
        vm.prank(accounts[seed % PEOPLE]);
        RowCode[] memory codes = escrow.open(batches)[0];
        if (codes[1] == RowCode.Settled) broken = "a hold opened twice (invariant 3)";
        bool good = seed % 9 != 1 && ref.hold.amount <= funds && !isKnown(id);
        good = good && block.timestamp >= ledger.accountOf(ref.hold.payer, ref.token).frozenUntil;
        if ((codes[0] == RowCode.Settled) != good) broken = "a row's code is not what the model says";
        end(type(uint256).max, good ? bit(who) : 0);
        if (!good) {
            ++refused;
            return;
        }
        _push(ref, id);
    }

    /// @dev A hold in a payer's name that anybody pays for, as far as she allows it and has it.
    function openFunded(uint256 who, uint256 which, uint256 amount, uint256 seed) external {
        if (_refs.length >= MOST_HOLDS) return;
        who %= PEOPLE;
        address token = address(tokens[which % tokens.length]);
        uint256 funds = ledger.accountOf(accounts[who], token).balance;
        HoldRef memory ref = newHold(seed % 2, token, bound(amount, 1, funds / 2 + 2), seed);
        bytes32 id = escrow.holdId(ref);
        OpenRow[] memory rows = new OpenRow[](1);
        rows[0].hold = ref.hold;
        RowCode[] memory codes = new RowCode[](1);
        codes[0] = RowCode.Settled;
        bool good = seed % 9 != 1 && ref.hold.amount <= funds && !isKnown(id);
        good = good && block.timestamp >= ledger.accountOf(accounts[who], token).frozenUntil;
        vm.prank(accounts[who]);
        ledger.approve(address(escrow), uint160(token), ref.hold.amount - (seed % 9 == 1 ? 1 : 0));
        begin();
        vm.prank(accounts[who]);
        try escrow.openFunded(OpenBatch(ref.payee, token, ref.splits, rows), codes) {
            if (!good) broken = "a hold was opened against the model";
        } catch {
            if (good) broken = "a hold was not opened against the model";
        }
        end(type(uint256).max, good ? bit(who) : 0);
        if (!good) {
            ++reverted;
            return;
        }
        _push(ref, id);
        ++funded;
    }

    function newHold(
        uint256 who,
        address token,
        uint256 amount,
        uint256 seed
    ) private view returns (HoldRef memory ref) {
        (ref.payee, ref.token, ref.splits) = (accounts[2], token, splitsOf(seed >> 8));
        uint48 limit = uint48(block.timestamp + 1 + (seed % 20 days));
        ref.hold = HoldRow({
            payer: accounts[who],
            amount: uint128(amount),
            nonce: ledger.accountOf(accounts[who], token).nextNonce,
            deadline: uint48(block.timestamp),
            captureDeadline: limit,
            refundDeadline: limit + 20 days,
            arbiter: seed % 6 == 0 ? address(0) : accounts[3],
            rulingPeriod: seed % 6 == 0 ? 0 : uint48(1 + (seed % 10 days)),
            defaultPayerBps: seed % 6 == 0 ? 0 : uint16(seed % 10_001),
            memo: bytes32(seed)
        });
    }

    function isKnown(bytes32 id) private view returns (bool) {
        for (uint256 i = 0; i < ids.length; ++i) if (ids[i] == id) return true;
        return false;
    }

    function _push(HoldRef memory ref, bytes32 id) private {
        ids.push(id);
        ++reached[HoldStatus.Open];
        HoldRef storage place = _refs.push();
        (place.payee, place.token, place.hold) = (ref.payee, ref.token, ref.hold);
        for (uint256 i = 0; i < ref.splits.length; ++i) place.splits.push(ref.splits[i]);
    }

    function splitsOf(uint256 seed) private view returns (Split[] memory splits) {
        splits = new Split[](seed % 3);
        uint256 left = 10_000;
        for (uint256 i = 0; i < splits.length; ++i) {
            uint256 share = seed % 4 == 0 ? 5_000 : bound(seed >> (8 * (i + 1)), 1, left - 1);
            splits[i] = Split(accounts[4 + i], uint16(share));
            left -= share;
        }
    }

    function capture(uint256 which, uint256 amount, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldView memory state = escrow.holdOf(ids[which]);
        uint256 left = _refs[which].hold.amount - state.captured;
        amount = how % 3 == 0 ? left : bound(amount, 0, left + 1);
        bytes32 typehash = keccak256("Capture(bytes32 id,uint128 amount,uint128 captured,uint48 deadline)");
        Consent memory by = consentTo(2, how, abi.encode(typehash, ids[which], amount, state.captured));
        bool good = state.status == HoldStatus.Open && amount != 0 && amount <= left;
        good = good && block.timestamp <= _refs[which].hold.captureDeadline;
        begin();
        vm.prank(callerOf(2, how));
        RowCode code = escrow.capture(amountBatch(which, amount, by))[0][0];
        if ((code == RowCode.Settled) != (good && isConsent(how))) broken = "capture against the model";
        end(which, code == RowCode.Settled ? ESCROW : 0);
        if (code != RowCode.Settled) ++refused;
    }

    function refund(uint256 which, uint256 amount, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldView memory state = escrow.holdOf(ids[which]);
        amount = bound(amount, 0, state.captured - state.refunded + 1);
        if (how % 3 == 0) amount = state.captured - state.refunded;
        bytes32 typehash = keccak256("Refund(bytes32 id,uint128 amount,uint128 refunded,uint48 deadline)");
        Consent memory by = consentTo(2, how, abi.encode(typehash, ids[which], amount, state.refunded));
        bool may = state.status != HoldStatus.None && amount != 0 && isConsent(how);
        may = may && amount <= state.captured - state.refunded;
        may = may && block.timestamp <= _refs[which].hold.refundDeadline;
        begin();
        vm.prank(callerOf(2, how));
        RowCode code = escrow.refund(amountBatch(which, amount, by))[0][0];
        if (code == RowCode.Settled && !may) broken = "refund against the model";
        if (code != RowCode.Settled && code != RowCode.InsufficientBalance && may)
            broken = "a refund was refused";
        // Payee and recipients acted when they allowed it.
        end(which, code == RowCode.Settled ? bit(2) | bit(4) | bit(5) : 0);
        if (code == RowCode.Settled) ++refunds;
        else ++refused;
    }

    function void(uint256 which, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldView memory state = escrow.holdOf(ids[which]);
        bytes32 typehash = keccak256("Void(bytes32 id,uint128 captured,uint48 deadline)");
        VoidRow[] memory rows = new VoidRow[](1);
        rows[0].hold = _refs[which].hold;
        rows[0].consent = consentTo(2, how, abi.encode(typehash, ids[which], state.captured));
        VoidBatch[] memory batches = new VoidBatch[](1);
        batches[0] = VoidBatch(_refs[which].payee, _refs[which].token, _refs[which].splits, rows);
        begin();
        vm.prank(callerOf(2, how));
        RowCode code = escrow.void(batches)[0][0];
        bool good = state.status == HoldStatus.Open && isConsent(how);
        if ((code == RowCode.Settled) != good) broken = "void against the model";
        end(which, good ? ESCROW : 0);
        if (!good) ++refused;
    }

    function reclaim(uint256 which, uint256 who) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldRow[] memory rows = new HoldRow[](1);
        rows[0] = _refs[which].hold;
        ReclaimBatch[] memory batches = new ReclaimBatch[](1);
        batches[0] = ReclaimBatch(_refs[which].payee, _refs[which].token, _refs[which].splits, rows);
        bool good = escrow.holdOf(ids[which]).status == HoldStatus.Open;
        good = good && block.timestamp > rows[0].captureDeadline;
        begin();
        vm.prank(accounts[who % PEOPLE]);
        RowCode code = escrow.reclaim(batches)[0][0];
        if ((code == RowCode.Settled) != good) broken = "reclaim against the model";
        end(which, good ? ESCROW : 0);
        if (!good) ++refused;
    }

    function dispute(uint256 which, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldRef memory ref = _refs[which];
        HoldView memory state = escrow.holdOf(ids[which]);
        uint256 actor =
            how % 2 == 0
                ? 2
                : ref.hold.payer == accounts[0]
                    ? 0
                    : 1;
        bytes32 typehash = keccak256("Dispute(bytes32 id,bytes32 evidence,uint128 captured,uint48 deadline)");
        Consent memory by = consentTo(actor, how, abi.encode(typehash, ids[which], how, state.captured));
        bool good = state.status == HoldStatus.Open && ref.hold.arbiter != address(0) && isConsent(how);
        good = good && block.timestamp <= ref.hold.captureDeadline;
        makeCall(
            which,
            callerOf(actor, how),
            abi.encodeCall(IEscrow.dispute, (ref, accounts[actor], bytes32(how), by)),
            good
        );
    }

    function rule(uint256 which, uint256 bps, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldRef memory ref = _refs[which];
        HoldView memory state = escrow.holdOf(ids[which]);
        bps = bound(bps, 0, 10_010);
        bytes32 typehash = keccak256("Ruling(bytes32 id,uint16 payerBps,uint128 captured,uint48 deadline)");
        Consent memory by = consentTo(3, how, abi.encode(typehash, ids[which], bps, state.captured));
        bool good = state.status == HoldStatus.Disputed && bps <= 10_000 && isConsent(how);
        good = good && block.timestamp <= uint256(state.disputedAt) + ref.hold.rulingPeriod;
        makeCall(which, callerOf(3, how), abi.encodeCall(IEscrow.rule, (ref, uint16(bps), by)), good);
    }

    function resolve(uint256 which, uint256 who) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldRef memory ref = _refs[which];
        HoldView memory state = escrow.holdOf(ids[which]);
        bool good = state.status == HoldStatus.Disputed;
        good = good && block.timestamp > uint256(state.disputedAt) + ref.hold.rulingPeriod;
        makeCall(which, accounts[who % PEOPLE], abi.encodeCall(IEscrow.resolve, (ref)), good);
    }

    function agree(uint256 which, uint256 toPayer, uint256 how) external {
        if (_refs.length == 0) return;
        which %= _refs.length;
        HoldRef memory ref = _refs[which];
        HoldView memory state = escrow.holdOf(ids[which]);
        uint256 left = ref.hold.amount - state.captured;
        toPayer = bound(toPayer, 0, left + left / 8);
        bytes32 typehash = keccak256(
            "Settlement(bytes32 id,uint128 toPayer,uint128 captured,uint48 deadline)"
        );
        bytes memory what = abi.encode(typehash, ids[which], toPayer, state.captured);
        Consent memory byPayer = consentTo(ref.hold.payer == accounts[0] ? 0 : 1, 3, what);
        Consent memory byPayee = consentTo(2, how, what);
        bool good = state.status == HoldStatus.Open || state.status == HoldStatus.Disputed;
        good = good && toPayer <= left && isConsent(how);
        bytes memory data = abi.encodeCall(
            IEscrow.settleByAgreement,
            (ref, uint128(toPayer), byPayer, byPayee)
        );
        makeCall(which, callerOf(2, how), data, good);
    }

    /// @dev Lets the Escrow move something, all or nothing of an account.
    function allow(uint256 who, uint256 which, uint256 amount) external {
        uint256[3] memory some = [uint256(2), 4, 5];
        vm.prank(accounts[some[who % 3]]);
        ledger.approve(address(escrow), uint160(address(tokens[which % tokens.length])), amount);
    }

    /// @dev Not the Escrow itself: its freeze would stop everything, which is tested apart.
    function freeze(uint256 who, uint256 which, uint256 period) external {
        uint48 until = uint48(block.timestamp + bound(period, 1, 2 days));
        vm.prank(officer);
        ledger.freeze(accounts[who % PEOPLE], address(tokens[which % tokens.length]), until, 0);
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, time % 3 == 0 ? 12 days : 1 days));
    }

    // How they consent

    /// @dev 0 to 2: by call; 3 to 5: by signature; 6: not at all; 7: by a stranger's signature.
    function isConsent(uint256 how) private pure returns (bool) {
        return how % 8 < 6;
    }

    function callerOf(uint256 actor, uint256 how) private view returns (address) {
        return
            how % 8 < 3
                ? accounts[actor]
                : how % 8 < 5
                    ? accounts[6]
                    : accounts[7];
    }

    function consentTo(
        uint256 actor,
        uint256 how,
        bytes memory what
    ) private view returns (Consent memory by) {
        if (how % 8 < 3 || how % 8 == 6) return by;
        by.deadline = uint48(block.timestamp);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Corridor Escrow"),
                keccak256("1"),
                block.chainid,
                address(escrow)
            )
        );
        bytes32 structHash = keccak256(bytes.concat(what, abi.encode(by.deadline)));
        (by.r, by.vs) = compact(
            how % 8 == 7 ? _keys[7] : _keys[actor],
            keccak256(abi.encodePacked(hex"1901", domain, structHash))
        );
    }

    function compact(uint256 key, bytes32 digest) private pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function makeCall(uint256 which, address caller, bytes memory data, bool good) private {
        begin();
        vm.prank(caller);
        (bool ok, ) = address(escrow).call(data);
        if (ok != good) broken = "an act against the model";
        end(which, good ? ESCROW : 0);
        if (!ok) ++reverted;
    }

    function amountBatch(
        uint256 which,
        uint256 amount,
        Consent memory by
    ) private view returns (AmountBatch[] memory batches) {
        AmountRow[] memory rows = new AmountRow[](1);
        rows[0] = AmountRow(_refs[which].hold, uint128(amount));
        Consent[] memory consents = new Consent[](1);
        consents[0] = by;
        batches = new AmountBatch[](1);
        HoldRef memory ref = _refs[which];
        batches[0] = AmountBatch(ref.payee, ref.token, ref.splits, rows, consents);
    }
}

contract EscrowInvariantsTest is EscrowTest {
    EscrowHandler private handler;
    TestToken[] private tokens;

    function setUp() public override {
        super.setUp();
        tokens.push(newToken("Coin", "CON", 6));
        tokens.push(newToken("Wide", "WID", 18));
        handler = new EscrowHandler(escrow, ledger, tokens, officer);
        for (uint256 i = 0; i < 4; ++i) handler.deposit(i, i / 2, 1e9);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev And what a hold took in goes out once: captured, returned or still held.
    function invariant_6_TheEscrowHoldsWhatIsHeld() public view {
        uint256[2] memory held;
        for (uint256 i = 0; i < handler.count(); ++i) {
            (address token, uint128 amount, HoldView memory state) = handler.holdAt(i);
            assertTrue(state.captured <= amount, "captured at most the amount");
            assertTrue(state.refunded <= state.captured, "refunded at most what was captured");
            assertTrue(state.status != HoldStatus.None, "a hold that was opened stays");
            if (state.status == HoldStatus.Captured) assertEq(state.captured, amount, "captured in full");
            if (state.status != HoldStatus.Open && state.status != HoldStatus.Disputed) continue;
            assertTrue(state.captured < amount, "a hold that goes on holds something");
            held[token == address(tokens[0]) ? 0 : 1] += amount - state.captured;
        }
        for (uint256 t = 0; t < 2; ++t) {
            assertEq(ledger.accountOf(address(escrow), address(tokens[t])).balance, held[t], "held");
        }
    }

    function invariant_2_Conservation() public view {
        for (uint256 t = 0; t < 2; ++t) {
            address token = address(tokens[t]);
            uint256 sum;
            for (uint256 i = 0; i < 9; ++i) sum += ledger.accountOf(handler.accounts(i), token).balance;
            assertEq(sum, handler.paidIn(token), "sum of accounts");
            assertEq(sum, ledger.totalSupply(uint160(token)), "supply");
        }
    }

    function invariant_3_8_NothingButWhatTheTableAllows() public view {
        assertEq(bytes(handler.broken()).length, 0, handler.broken());
    }

    /// @dev The handler reaches what it is there for: else the invariants would hold of nothing.
    function test_HandlerReachesEveryOutcome() public {
        // How: 0 by call, 3 by signature, 6 and 7 not at all. Seed 0x0806: two halves, an arbiter, 2,054 s, 2,054 bps.
        for (uint256 i = 0; i < 7; ++i) handler.open(0, 0, 1_000, 0x0806);
        assertEq(handler.count(), 7, "opened");
        handler.open(0, 0, 1_000, 1);
        assertEq(handler.refused(), 1, "forged");
        handler.capture(0, 400, 1);
        handler.capture(0, 0, 3);
        handler.void(1, 3);
        handler.agree(2, 300, 3);
        for (uint256 i = 3; i < 6; ++i) handler.dispute(i, i);
        handler.rule(3, 2_500, 3);
        handler.agree(4, 300, 3);
        handler.wait(1 days - 1);
        handler.resolve(5, 7);
        handler.reclaim(6, 7);
        for (uint256 i = 0; i < 3; ++i) handler.allow(i, 0, type(uint256).max);
        handler.refund(0, 100, 1);
        assertEq(handler.refunds(), 1, "refunded");
        handler.capture(0, 1, 6);
        handler.refund(0, 1, 7);
        assertEq(handler.refused(), 3, "refused");
        handler.rule(0, 1, 1);
        assertEq(handler.reverted(), 1, "reverted");
        // The payer's nonce is not used up, so that these would be one hold: by the second call, and by her own signature.
        handler.openFunded(1, 0, 1_000, 0x0806);
        handler.openFunded(1, 0, 1_000, 0x0806);
        handler.openFunded(1, 0, 1_000, 0x0808);
        handler.openFunded(7, 0, 1_000, 0x0806);
        handler.openFunded(1, 0, 1_000, 1);
        assertEq(handler.funded(), 2, "funded");
        assertEq(handler.reverted(), 4, "there already, without money, without allowance");
        handler.open(0, 0, 1_000, 0x0806);
        assertEq(handler.refused(), 4, "there already");
        handler.freeze(0, 0, 1);
        for (uint256 status = 1; status <= uint256(type(HoldStatus).max); ++status) {
            assertTrue(handler.reached(HoldStatus(status)) > 0, "a status was not reached");
        }
        invariant_6_TheEscrowHoldsWhatIsHeld();
        invariant_2_Conservation();
        invariant_3_8_NothingButWhatTheTableAllows();
    }
}
