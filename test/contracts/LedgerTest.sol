// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {ILedger} from "../../contracts/interfaces/ILedger.sol";
import {ISignatureVerifier} from "../../contracts/interfaces/ISignatureVerifier.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {AccountView, Batch, Row, RowCode, WithdrawalRow} from "../../contracts/types/LedgerTypes.sol";
import {DeployedLedger} from "./Deployed.sol";
import {Test} from "./Test.sol";

/// @dev A Ledger with a dollar and a euro, a payer with money, and a way to sign.
abstract contract LedgerTest is Test {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xBAD;
    uint256 internal constant PAYEE_KEY = 0xCAFE;
    uint48 internal constant NOW = 1_800_000_000;
    uint48 internal constant DEADLINE = NOW + 1 hours;
    uint128 internal constant FUNDS = 1_000e6;
    uint64 internal constant COMPLIANCE = 1;

    IAccessManager internal manager;
    ISignatureVerifier internal verifier;
    DeployedLedger internal ledger;
    TestToken internal dollar;
    TestToken internal euro;
    address internal payer;
    address internal payee;
    address internal operator = address(0x0913A);
    address internal officer = address(0x0FF1CE);

    function setUp() public virtual {
        vm.warp(NOW);
        manager = IAccessManager(deploy("AccessManager.sol:AccessManager", abi.encode(this)));
        verifier = ISignatureVerifier(deploy("SignatureVerifier.sol:SignatureVerifier", ""));
        ledger = DeployedLedger(deploy("Ledger.sol:Ledger", abi.encode(manager, verifier)));
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = ILedger.freeze.selector;
        selectors[1] = ILedger.unfreeze.selector;
        manager.setTargetFunctionRole(address(ledger), selectors, COMPLIANCE);
        manager.grantRole(COMPLIANCE, officer, 0);
        dollar = newToken("Test Dollar", "tUSD", 6);
        euro = newToken("Test Euro", "tEUR", 6);
        payer = vm.addr(PAYER_KEY);
        payee = vm.addr(PAYEE_KEY);
        fund(dollar, payer, FUNDS);
    }

    function newToken(string memory name, string memory symbol, uint8 decimals) internal returns (TestToken) {
        return TestToken(deploy("TestToken.sol:TestToken", abi.encode(name, symbol, decimals)));
    }

    function fund(TestToken token, address owner, uint256 amount) internal {
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        ledger.deposit(address(token), owner, amount);
    }

    // What the payer signs

    function row(uint128 amount, uint64 nonce) internal view returns (Row memory) {
        return signed(PAYER_KEY, payee, address(dollar), amount, nonce, DEADLINE, keccak256("invoice"));
    }

    function signed(
        uint256 key,
        address to,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline,
        bytes32 memo
    ) internal view returns (Row memory result) {
        result.payer = vm.addr(key);
        result.amount = amount;
        result.nonce = nonce;
        result.deadline = deadline;
        result.memo = memo;
        resign(result, key, to, token);
    }

    function resign(Row memory result, uint256 key, address to, address token) internal view {
        (result.r, result.vs) = compact(key, idOf(result, to, token));
    }

    function idOf(Row memory r, address to, address token) internal view returns (bytes32) {
        return ledger.paymentId(r.payer, to, token, r.amount, r.nonce, r.deadline, r.memo);
    }

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes32, bytes32) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function long(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// @dev Built from ERC-5267's answer, apart from the contract's own cache.
    function domainSeparator() internal view returns (bytes32) {
        (, string memory name, string memory version, uint256 id, address signedFor, , ) = ledger
            .eip712Domain();
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                    ),
                    keccak256(bytes(name)),
                    keccak256(bytes(version)),
                    id,
                    signedFor
                )
            );
    }

    // Settling

    function batchOf(Row memory only) internal view returns (Batch[] memory) {
        Row[] memory rows = new Row[](1);
        rows[0] = only;
        return batchOf(payee, address(dollar), rows);
    }

    function batchOf(
        address to,
        address token,
        Row[] memory rows
    ) internal pure returns (Batch[] memory batches) {
        batches = new Batch[](1);
        batches[0] = Batch({payee: to, token: token, rows: rows});
    }

    function settle(Row memory only) internal returns (RowCode) {
        vm.prank(operator);
        return ledger.settle(batchOf(only))[0][0];
    }

    /// @dev Settles a row that must fail, and checks that nothing changed (invariant 7).
    function assertRejected(Row memory bad, RowCode code) internal {
        assertRejectedAt(bad, payee, address(dollar), code);
    }

    function assertRejectedAt(Row memory bad, address to, address token, RowCode code) internal {
        Row[] memory rows = new Row[](1);
        rows[0] = bad;
        bytes32 before = stateOf(bad.payer, to, token);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit ILedger.Rejected(idOf(bad, to, token), bad.payer, code);
        vm.prank(operator);
        RowCode actual = ledger.settle(batchOf(to, token, rows))[0][0];
        assertEq(uint256(actual), uint256(code), "row code");
        assertEq(stateOf(bad.payer, to, token), before, "state after a rejected row");
    }

    function stateOf(address owner, address to, address token) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ledger.accountOf(owner, token),
                    ledger.accountOf(to, token),
                    ledger.accountOf(operator, token),
                    ledger.totalSupply(uint160(token))
                )
            );
    }

    function balance(address owner) internal view returns (uint256) {
        return ledger.accountOf(owner, address(dollar)).balance;
    }

    function freeze(address owner, address token, uint48 until) internal {
        vm.prank(officer);
        ledger.freeze(owner, token, until, keccak256("order"));
    }
}
