// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IGateway} from "../../contracts/interfaces/IGateway.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {Permit2Double} from "../../contracts/mocks/Permit2Double.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {HoldRef, OpenBatch, OpenRow} from "../../contracts/types/EscrowTypes.sol";
import {Authorization, DepositBatch, DepositRow} from "../../contracts/types/GatewayTypes.sol";
import {Batch, Row, RowCode} from "../../contracts/types/LedgerTypes.sol";
import {DeployedGateway} from "./Deployed.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @dev A Gateway over Ledger and Escrow, a holder with money in her wallet and none in her account, and a way to sign what
/// her token or Permit2 asks for. The types are as they are documented, apart from the contract's constants.
abstract contract GatewayTest is EscrowTest {
    uint256 internal constant HOLDER_KEY = 0x401DE2;
    /// @dev The most that a transaction may use (EIP-7825): what one batch burns is not there for the next.
    uint256 internal constant TRANSACTION_GAS = 1 << 24;
    string internal constant PAYMENT_TYPE =
        "Payment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)";
    string internal constant AUTHORIZED_PAYMENT_TYPE =
        "AuthorizedPayment(address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline,bytes32 memo)";
    string internal constant DEPOSIT_TYPE =
        "Deposit(uint8 kind,address from,address owner,address token,uint128 amount,uint64 nonce,uint48 deadline)";
    string internal constant HOLD_TERMS =
        "HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)";
    string internal constant SPLIT = "Split(address recipient,uint16 shareBps)";
    string internal constant TOKEN_PERMISSIONS = "TokenPermissions(address token,uint256 amount)";

    DeployedGateway internal gateway;
    Permit2Double internal permit2;
    address internal holder;
    /// @dev Under which kind of authorization a test runs; see {eachKind}.
    Authorization internal kind;

    /// @dev What a token or Permit2 is to be asked for.
    struct Ask {
        Authorization kind;
        address token;
        address from;
        address spender;
        uint128 amount;
        uint64 nonce;
        uint48 deadline;
        /// @dev The EIP-712 digest and the struct hash of what becomes of the money, and its type as a witness.
        bytes32 id;
        bytes32 structHash;
        string witness;
    }

    /// @dev Runs a test with ERC-3009, and again from the start with Permit2.
    modifier eachKind() {
        uint256 start = vm.snapshotState();
        kind = Authorization.Erc3009;
        _;
        vm.revertToState(start);
        kind = Authorization.Permit2;
        _;
    }

    function setUp() public virtual override {
        super.setUp();
        permit2 = Permit2Double(deploy("Permit2Double.sol:Permit2Double", ""));
        gateway = DeployedGateway(deploy("Gateway.sol:Gateway", abi.encode(escrow, permit2)));
        holder = vm.addr(HOLDER_KEY);
        endow(dollar, holder, FUNDS);
    }

    /// @dev Money in a wallet, which Permit2 may take as users let it.
    function endow(TestToken token, address owner, uint256 amount) internal {
        token.mint(owner, amount);
        vm.prank(owner);
        token.approve(address(permit2), type(uint256).max);
    }

    function newHostileToken() internal returns (HostileAuthorizationToken token) {
        token = HostileAuthorizationToken(
            deploy("HostileAuthorizationToken.sol:HostileAuthorizationToken", "")
        );
        endow(token, holder, FUNDS);
    }

    // What the holder signs

    function digestOf(Ask memory ask) internal view returns (bytes32) {
        if (ask.kind == Authorization.Erc3009) return authorizationDigest(ask);
        if (ask.kind == Authorization.Permit2) return permit2Digest(ask);
        return permitDigest(ask);
    }

    function authorizationDigest(Ask memory ask) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        uint256 validBefore = uint256(ask.deadline) + 1;
        bytes32 structHash = keccak256(
            abi.encode(typehash, ask.from, ask.spender, ask.amount, 0, validBefore, ask.id)
        );
        return typed(TestToken(ask.token).DOMAIN_SEPARATOR(), structHash);
    }

    function permit2Digest(Ask memory ask) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                ask.witness
            )
        );
        bytes32 permitted = keccak256(abi.encode(keccak256(bytes(TOKEN_PERMISSIONS)), ask.token, ask.amount));
        bytes32 structHash = keccak256(
            abi.encode(typehash, permitted, ask.spender, ask.nonce, ask.deadline, ask.structHash)
        );
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)"),
                keccak256("Permit2"),
                block.chainid,
                address(permit2)
            )
        );
        return typed(domain, structHash);
    }

    function permitDigest(Ask memory ask) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, ask.from, ask.spender, ask.amount, ask.nonce, ask.deadline)
        );
        return typed(TestToken(ask.token).DOMAIN_SEPARATOR(), structHash);
    }

    function typed(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function gatewayDomain(address verifyingContract) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                    ),
                    keccak256("Corridor Gateway"),
                    keccak256("1"),
                    block.chainid,
                    verifyingContract
                )
            );
    }

    // Payments

    function paymentHash(Row memory r, address to, address token) internal view returns (bytes32) {
        bool byToken = kind == Authorization.Erc3009;
        bytes32 typehash = keccak256(bytes(byToken ? AUTHORIZED_PAYMENT_TYPE : PAYMENT_TYPE));
        return keccak256(abi.encode(typehash, r.payer, to, token, r.amount, r.nonce, r.deadline, r.memo));
    }

    function pulledId(Row memory r, address to, address token) internal view returns (bytes32) {
        return typed(gatewayDomain(address(gateway)), paymentHash(r, to, token));
    }

    function paymentAsk(Row memory r, address to, address token) internal view returns (Ask memory) {
        return
            Ask({
                kind: kind,
                token: token,
                from: r.payer,
                spender: address(gateway),
                amount: r.amount,
                nonce: r.nonce,
                deadline: r.deadline,
                id: pulledId(r, to, token),
                structHash: paymentHash(r, to, token),
                witness: string.concat("Payment witness)", PAYMENT_TYPE, TOKEN_PERMISSIONS)
            });
    }

    /// @dev A payment out of the holder's wallet, in dollars, to the payee.
    function pulled(uint128 amount, uint64 nonce) internal view returns (Row memory r) {
        return pulledFrom(HOLDER_KEY, payee, address(dollar), amount, nonce);
    }

    function pulledFrom(
        uint256 key,
        address to,
        address token,
        uint128 amount,
        uint64 nonce
    ) internal view returns (Row memory r) {
        r.payer = vm.addr(key);
        r.amount = amount;
        r.nonce = nonce;
        r.deadline = DEADLINE;
        r.memo = keccak256("invoice");
        signPulled(r, key, to, token);
    }

    function signPulled(Row memory r, uint256 key, address to, address token) internal view {
        (r.r, r.vs) = compact(key, digestOf(paymentAsk(r, to, token)));
    }

    function pay(Row memory only) internal returns (RowCode) {
        return payIn(batchOf(only))[0][0];
    }

    function payIn(Batch[] memory batches) internal returns (RowCode[][] memory) {
        return payIn(batches, new bytes[](0));
    }

    function payIn(Batch[] memory batches, bytes[] memory signatures) internal returns (RowCode[][] memory) {
        vm.prank(operator);
        return gateway.pay{gas: TRANSACTION_GAS}(kind, batches, signatures);
    }

    // Holds

    /// @dev A hold that the holder funds out of her wallet.
    function funded(uint64 nonce) internal view returns (HoldRef memory ref) {
        ref = plain(nonce);
        ref.hold.payer = holder;
    }

    function holdAsk(HoldRef memory ref) internal view returns (Ask memory) {
        return
            Ask({
                kind: kind,
                token: ref.token,
                from: ref.hold.payer,
                spender: address(gateway),
                amount: ref.hold.amount,
                nonce: ref.hold.nonce,
                deadline: ref.hold.deadline,
                id: referenceId(ref),
                structHash: holdHash(ref),
                witness: string.concat("Payment witness)", HOLD_TERMS, PAYMENT, SPLIT, TOKEN_PERMISSIONS)
            });
    }

    function fundedRow(HoldRef memory ref) internal view returns (OpenRow memory row_) {
        row_.hold = ref.hold;
        (row_.r, row_.vs) = compact(HOLDER_KEY, digestOf(holdAsk(ref)));
    }

    function openPulled(HoldRef memory ref) internal returns (RowCode) {
        return openIn(openBatch(ref, fundedRow(ref)))[0][0];
    }

    function openIn(OpenBatch[] memory batches) internal returns (RowCode[][] memory) {
        return openIn(batches, new bytes[](0));
    }

    function openIn(
        OpenBatch[] memory batches,
        bytes[] memory signatures
    ) internal returns (RowCode[][] memory) {
        vm.prank(operator);
        return gateway.open{gas: TRANSACTION_GAS}(kind, batches, signatures);
    }

    // Deposits

    function depositHash(DepositRow memory d, address token) internal view returns (bytes32) {
        bytes32 typehash = keccak256(bytes(DEPOSIT_TYPE));
        return keccak256(abi.encode(typehash, kind, d.from, d.owner, token, d.amount, d.nonce, d.deadline));
    }

    function depositIdOf(DepositRow memory d, address token) internal view returns (bytes32) {
        return typed(gatewayDomain(address(gateway)), depositHash(d, token));
    }

    function depositAsk(DepositRow memory d, address token) internal view returns (Ask memory) {
        return
            Ask({
                kind: kind,
                token: token,
                from: d.from,
                spender: address(gateway),
                amount: d.amount,
                nonce: d.nonce,
                deadline: d.deadline,
                id: depositIdOf(d, token),
                structHash: depositHash(d, token),
                witness: string.concat("Deposit witness)", DEPOSIT_TYPE, TOKEN_PERMISSIONS)
            });
    }

    function deposited(
        TestToken token,
        address owner,
        uint128 amount,
        uint64 nonce
    ) internal view returns (DepositRow memory d) {
        d = DepositRow(holder, owner, amount, nonce, DEADLINE, 0, 0);
        signDeposit(d, HOLDER_KEY, address(token));
    }

    function signDeposit(DepositRow memory d, uint256 key, address token) internal view {
        (d.r, d.vs) = compact(key, digestOf(depositAsk(d, token)));
    }

    function depositBatch(
        address token,
        DepositRow memory only
    ) internal pure returns (DepositBatch[] memory batches) {
        batches = new DepositBatch[](1);
        batches[0] = DepositBatch(token, new DepositRow[](1));
        batches[0].rows[0] = only;
    }

    function depositIn(DepositBatch[] memory batches) internal returns (RowCode[][] memory) {
        return depositIn(batches, new bytes[](0));
    }

    function depositIn(
        DepositBatch[] memory batches,
        bytes[] memory signatures
    ) internal returns (RowCode[][] memory) {
        vm.prank(operator);
        return gateway.deposit{gas: TRANSACTION_GAS}(kind, batches, signatures);
    }

    function deposit(DepositRow memory only) internal returns (RowCode) {
        return depositIn(depositBatch(address(dollar), only))[0][0];
    }

    // Checks

    /// @dev Everything that a row which fails must leave as it was, and the mark of its authorization.
    function worldOf(address token, address from, address to) internal view returns (bytes32) {
        TestToken t = TestToken(token);
        return
            keccak256(
                abi.encode(
                    t.balanceOf(from),
                    t.balanceOf(address(gateway)),
                    t.balanceOf(address(ledger)),
                    ledger.accountOf(from, token),
                    ledger.accountOf(to, token),
                    ledger.accountOf(operator, token),
                    ledger.accountOf(address(escrow), token),
                    ledger.totalSupply(uint160(token))
                )
            );
    }

    function assertRejectedPull(Row memory bad, address to, RowCode code) internal {
        assertRejectedPull(bad, to, new bytes[](0), code);
    }

    function assertRejectedPull(
        Row memory bad,
        address to,
        bytes[] memory signatures,
        RowCode code
    ) internal {
        Row[] memory rows = new Row[](1);
        rows[0] = bad;
        bytes32 before = worldOf(address(dollar), bad.payer, to);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(pulledId(bad, to, address(dollar)), bad.payer, code);
        vm.recordLogs();
        assertCode(payIn(batchOf(to, address(dollar), rows), signatures)[0][0], code, "row code");
        assertNothingSettled();
        assertEq(worldOf(address(dollar), bad.payer, to), before, "state after a rejected row (invariant 7)");
    }

    function assertRejectedDeposit(DepositRow memory bad, bytes[] memory signatures, RowCode code) internal {
        bytes32 before = worldOf(address(dollar), bad.from, bad.owner);
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(depositIdOf(bad, address(dollar)), bad.from, code);
        assertCode(depositIn(depositBatch(address(dollar), bad), signatures)[0][0], code, "row code");
        assertEq(worldOf(address(dollar), bad.from, bad.owner), before, "state after a rejected row");
    }

    function assertRejectedDeposit(DepositRow memory bad, RowCode code) internal {
        assertRejectedDeposit(bad, new bytes[](0), code);
    }

    function assertRejectedHold(HoldRef memory ref, OpenRow memory bad, RowCode code) internal {
        bytes32 before = worldOf(ref.token, ref.hold.payer, ref.payee);
        bytes32 id = referenceId(ref);
        bytes32 hold = keccak256(abi.encode(escrow.holdOf(id)));
        vm.expectEmit(true, true, true, true, address(gateway));
        emit IGateway.Rejected(id, ref.hold.payer, code);
        vm.recordLogs();
        assertCode(openIn(openBatch(ref, bad))[0][0], code, "row code");
        assertNothingSettled();
        assertEq(worldOf(ref.token, ref.hold.payer, ref.payee), before, "state after a rejected row");
        assertEq(keccak256(abi.encode(escrow.holdOf(id))), hold, "hold");
    }

    /// @dev A batch in which nothing settled is nowhere said to be settled.
    function assertNothingSettled() private {
        assertEq(countOf(vm.getRecordedLogs(), IGateway.BatchSettled.selector), 0, "no batch settled");
    }

    /// @dev The Gateway keeps nothing, and the Ledger has at least what it owes (invariant 1).
    function assertNothingKept(TestToken token) internal view {
        assertEq(token.balanceOf(address(gateway)), 0, "the Gateway's tokens");
        assertEq(ledger.accountOf(address(gateway), address(token)).balance, 0, "the Gateway's account");
        uint256 supply = ledger.totalSupply(uint160(address(token)));
        assertTrue(token.balanceOf(address(ledger)) >= supply, "solvency");
    }

    /// @dev The ways in which a token can misbehave, each in one of its functions.
    function misbehaviours() internal pure returns (HostileAuthorizationToken.Mode[] memory modes) {
        uint256 count = uint256(type(HostileAuthorizationToken.Mode).max);
        modes = new HostileAuthorizationToken.Mode[](count);
        for (uint256 i = 0; i < count; ++i) modes[i] = HostileAuthorizationToken.Mode(i + 1);
    }

    /// @dev The functions of a token that others rely on. The first three move money.
    function reliedOn() internal pure returns (bytes4[9] memory) {
        return
            [
                bytes4(
                    keccak256(
                        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
                    )
                ),
                IERC20.transferFrom.selector,
                bytes4(
                    keccak256(
                        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
                    )
                ),
                IERC20.balanceOf.selector,
                IERC20.allowance.selector,
                IERC20.approve.selector,
                IERC20Permit.permit.selector,
                IERC3009.authorizationState.selector,
                IERC20Permit.nonces.selector
            ];
    }
}
