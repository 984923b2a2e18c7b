// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {Collections} from "../../contracts/libraries/Collections.sol";
import {OpenRow} from "../../contracts/types/EscrowTypes.sol";
import {FxRow} from "../../contracts/types/ExchangeTypes.sol";
import {Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {Test} from "./Test.sol";

/// @dev Calls that are written by hand, held against those that Solidity writes. This contract is the Ledger that they go to.
contract CollectionsTest is Test {
    using Collections for Collections.Collection;

    error Refused(uint256 rows);

    address private constant TOKEN = address(0x70CE);

    bool private _refuses;
    bytes private _heard;

    // The Ledger's part

    function collectUpTo(
        address token,
        Row[] calldata rows,
        uint128[] calldata takes,
        string calldata termsType
    ) external returns (RowCode[] memory codes, bytes32[] memory ids) {
        require(!_refuses, Refused(rows.length));
        _heard = abi.encodeCall(ILedger.collectUpTo, (token, rows, takes, termsType));
        codes = new RowCode[](rows.length);
        ids = new bytes32[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) (codes[i], ids[i]) = (RowCode(i + 1), termsOf(i));
    }

    // The schemes' part

    /// @dev From the last row to the first, so that a row which writes beyond its end is seen.
    function send(
        string calldata termsType,
        uint128[] calldata takes,
        FxRow[] calldata rows
    ) external returns (bytes memory) {
        Collections.Collection memory what = Collections.allocate(TOKEN, rows.length, termsType);
        bytes memory behind = ones();
        for (uint256 i = rows.length; i > 0; --i) {
            what.set(i - 1, rows[i - 1], termsOf(i - 1));
            what.takes[i - 1] = takes[i - 1];
        }
        return sent(what, behind);
    }

    function sendHolds(
        string calldata termsType,
        uint128[] calldata takes,
        OpenRow[] calldata rows
    ) external returns (bytes memory) {
        Collections.Collection memory what = Collections.allocate(TOKEN, rows.length, termsType);
        bytes memory behind = ones();
        for (uint256 i = rows.length; i > 0; --i) {
            what.set(i - 1, rows[i - 1], takes[i - 1] + 1, termsOf(i - 1));
            what.takes[i - 1] = takes[i - 1];
        }
        return sent(what, behind);
    }

    function sent(
        Collections.Collection memory what,
        bytes memory behind
    ) private returns (bytes memory data) {
        (RowCode[] memory codes, bytes32[] memory ids) = what.collect(ILedger(address(this)));
        bytes memory behindTheAnswer = ones();
        assertEq(codes.length, what.takes.length, "codes");
        assertEq(ids.length, what.takes.length, "ids");
        for (uint256 i = 0; i < ids.length; ++i) {
            assertEq(uint256(codes[i]), i + 1, "code");
            assertEq(ids[i], termsOf(i), "id");
        }
        assertEq(keccak256(behind), keccak256(ones()), "what lies behind the call");
        assertEq(keccak256(behindTheAnswer), keccak256(ones()), "what lies behind the answer");
        return what.data;
    }

    /// @dev The third and the first of three, in this order, out of another call.
    function pick(uint128[] calldata takes, FxRow[] calldata rows) external returns (bytes memory) {
        Collections.Collection memory all = Collections.allocate(TOKEN, 3, "T");
        for (uint256 i = 0; i < 3; ++i) {
            all.set(i, rows[i], termsOf(i));
            all.takes[i] = takes[i];
            (uint256 payer, uint256 amount, uint256 nonce, uint256 deadline, bytes32 memo) = all.payment(i);
            assertEq(payer, uint160(rows[i].payer), "payer");
            assertEq(amount, rows[i].amount, "amount");
            assertEq(nonce, rows[i].nonce, "nonce");
            assertEq(deadline, rows[i].deadline, "deadline");
            assertEq(memo, termsOf(i), "memo");
        }
        Collections.Collection memory two = Collections.allocate(TOKEN, 2, "T");
        two.copy(1, all, 0);
        two.copy(0, all, 2);
        return sent(two, ones());
    }

    // Tests

    function test_WritesPaymentsAsSolidityWould() public {
        for (uint256 count = 0; count < 4; ++count) {
            for (uint256 length = 0; length < 67; ++length) {
                FxRow[] memory rows = fxRows(count);
                string memory text = textOf(length);
                bytes memory call = abi.encodeCall(this.send, (text, takesOf(count), rows));
                Row[] memory plain = new Row[](count);
                for (uint256 i = 0; i < count; ++i) plain[i] = plainOf(rows[i], i);
                assertSends(call, plain, takesOf(count), text);
            }
        }
    }

    function test_WritesPaymentsIntoHoldsAsSolidityWould() public {
        for (uint256 count = 0; count < 4; ++count) {
            OpenRow[] memory rows = new OpenRow[](count);
            Row[] memory plain = new Row[](count);
            for (uint256 i = 0; i < count; ++i) {
                plain[i] = plainOf(fxRow(i), i);
                plain[i].amount = takesOf(count)[i] + 1;
                rows[i].hold.payer = plain[i].payer;
                rows[i].hold.amount = type(uint128).max;
                (rows[i].hold.nonce, rows[i].hold.deadline) = (plain[i].nonce, plain[i].deadline);
                (rows[i].hold.captureDeadline, rows[i].hold.memo) = (1, bytes32(type(uint256).max));
                (rows[i].r, rows[i].vs) = (plain[i].r, plain[i].vs);
            }
            bytes memory call = abi.encodeCall(this.sendHolds, ("Terms", takesOf(count), rows));
            assertSends(call, plain, takesOf(count), "Terms");
        }
    }

    function test_TakesRowsOutOfAnotherCall() public {
        FxRow[] memory rows = fxRows(3);
        uint128[] memory takes = new uint128[](2);
        (takes[0], takes[1]) = (takesOf(3)[2], takesOf(3)[0]);
        Row[] memory plain = new Row[](2);
        (plain[0], plain[1]) = (plainOf(rows[2], 2), plainOf(rows[0], 0));
        assertSends(abi.encodeCall(this.pick, (takesOf(3), rows)), plain, takes, "T");
    }

    function test_RevertsAsTheLedgerDoes() public {
        _refuses = true;
        vm.expectRevert(abi.encodeWithSelector(Refused.selector, 2));
        this.send("Terms", takesOf(2), fxRows(2));
    }

    /// @dev What a caller puts behind her rows is no part of them.
    function assertSends(
        bytes memory call,
        Row[] memory rows,
        uint128[] memory takes,
        string memory text
    ) private {
        (bool done, bytes memory answer) = address(this).call(bytes.concat(call, ones()));
        assertTrue(done, "sent");
        bytes memory expected = abi.encodeCall(ILedger.collectUpTo, (TOKEN, rows, takes, text));
        assertEq(keccak256(_heard), keccak256(expected), "as the Ledger reads it");
        assertEq(abi.decode(answer, (bytes)).length, expected.length, "length of the call");
    }

    function fxRows(uint256 count) private pure returns (FxRow[] memory rows) {
        rows = new FxRow[](count);
        for (uint256 i = 0; i < count; ++i) rows[i] = fxRow(i);
    }

    /// @dev No byte of it that is zero, where its type allows that.
    function fxRow(uint256 i) private pure returns (FxRow memory) {
        uint256 word = type(uint256).max / 255 + i; // 0x0101…
        return
            FxRow({
                payer: address(uint160(2 * word)),
                amount: uint128(3 * word),
                nonce: uint64(4 * word),
                deadline: uint48(5 * word),
                payee: address(uint160(6 * word)),
                settleAmount: uint128(7 * word),
                memo: bytes32(8 * word),
                r: bytes32(9 * word),
                vs: bytes32(10 * word)
            });
    }

    function plainOf(FxRow memory row, uint256 i) private pure returns (Row memory) {
        return Row(row.payer, row.amount, row.nonce, row.deadline, termsOf(i), row.r, row.vs);
    }

    function takesOf(uint256 count) private pure returns (uint128[] memory takes) {
        takes = new uint128[](count);
        for (uint256 i = 0; i < count; ++i) takes[i] = type(uint128).max - uint128(i) - 1;
    }

    function termsOf(uint256 i) private pure returns (bytes32) {
        return keccak256(abi.encode("terms", i));
    }

    function textOf(uint256 length) private pure returns (string memory) {
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = bytes1(uint8(65 + (i % 26)));
        return string(text);
    }

    function ones() private pure returns (bytes memory) {
        return abi.encodePacked(type(uint256).max, type(uint256).max);
    }
}
