// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IX402ExactPermit2Proxy} from "../../contracts/interfaces/IX402ExactPermit2Proxy.sol";
import {IX402Settler} from "../../contracts/interfaces/IX402Settler.sol";
import {ISignatureTransfer} from "../../contracts/interfaces/ITokenAuthorizations.sol";
import {HostileAuthorizationToken} from "../../contracts/mocks/HostileAuthorizationToken.sol";
import {Permit2Double} from "../../contracts/mocks/Permit2Double.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {Authorization} from "../../contracts/types/GatewayTypes.sol";
import {RowCode} from "../../contracts/types/LedgerTypes.sol";
import {X402Batch, X402Row} from "../../contracts/types/X402Types.sol";
import {Test} from "./Test.sol";

/// @dev The settler, and what only it may call.
interface DeployedX402Settler is IX402Settler {
    function ROW_GAS() external view returns (uint256);

    function moveFromSelf(
        Authorization kind,
        address token,
        X402Row calldata row,
        bytes calldata signature
    ) external;

    function failureOf(
        Authorization kind,
        address token,
        X402Row calldata row,
        RowCode otherwise
    ) external view returns (RowCode);
}

/// @dev A payer with dollars in her wallet, a payee, and a way to sign as x402's clients do.
abstract contract X402SettlerTest is Test {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xBAD;
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant UNTIL = NOW + 1 minutes;
    uint256 internal constant FUNDS = 1_000e6;
    /// @dev The most that a transaction may use (EIP-7825).
    uint256 internal constant TRANSACTION_GAS = 1 << 24;

    DeployedX402Settler internal settler;
    IX402ExactPermit2Proxy internal proxy;
    Permit2Double internal permit2;
    TestToken internal dollar;
    address internal payer;
    address internal payee = address(0xCAFE);
    /// @dev Under which kind of authorization a test runs; see {eachKind}.
    Authorization internal kind;

    /// @dev Runs a test with ERC-3009, and again from the start with Permit2.
    modifier eachKind() {
        uint256 start = vm.snapshotState();
        kind = Authorization.Erc3009;
        _;
        vm.revertToState(start);
        kind = Authorization.Permit2;
        _;
    }

    function setUp() public virtual {
        vm.warp(NOW);
        permit2 = Permit2Double(deploy("Permit2Double.sol:Permit2Double", ""));
        proxy = IX402ExactPermit2Proxy(
            deploy("X402ExactPermit2ProxyDouble.sol:X402ExactPermit2ProxyDouble", abi.encode(permit2))
        );
        settler = DeployedX402Settler(deploy("X402Settler.sol:X402Settler", abi.encode(proxy)));
        dollar = TestToken(deploy("TestToken.sol:TestToken", abi.encode("Test Dollar", "tUSD", 6)));
        payer = vm.addr(PAYER_KEY);
        endow(dollar, payer);
    }

    /// @dev Money in a wallet, which Permit2 may take as users let it.
    function endow(TestToken token, address owner) internal {
        token.mint(owner, FUNDS);
        vm.prank(owner);
        token.approve(address(permit2), type(uint256).max);
    }

    // What the payer signs

    /// @dev A payment of the payer to the payee, in dollars.
    function paid(uint256 amount, uint256 nonce) internal view returns (X402Row memory) {
        return paidIn(address(dollar), amount, nonce);
    }

    function paidIn(address token, uint256 amount, uint256 nonce) internal view returns (X402Row memory row) {
        row = X402Row(payer, payee, amount, 0, UNTIL, bytes32(nonce), 0, 0);
        sign(row, PAYER_KEY, token);
    }

    function sign(X402Row memory row, uint256 key, address token) internal view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(row, token));
        (row.r, row.vs) = (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function inFull(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function digestOf(X402Row memory row, address token) internal view returns (bytes32) {
        return kind == Authorization.Erc3009 ? authorizationDigest(row, token) : permit2Digest(row, token);
    }

    function authorizationDigest(X402Row memory row, address token) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, row.payer, row.payee, row.amount, row.validAfter, row.validBefore, row.nonce)
        );
        return keccak256(abi.encodePacked(hex"1901", TestToken(token).DOMAIN_SEPARATOR(), structHash));
    }

    function permit2Digest(X402Row memory row, address token) internal view returns (bytes32) {
        bytes32 permitted = keccak256(
            abi.encode(keccak256("TokenPermissions(address token,uint256 amount)"), token, row.amount)
        );
        bytes32 witness = keccak256(
            abi.encode(keccak256("Witness(address to,uint256 validAfter)"), row.payee, row.validAfter)
        );
        bytes32 typehash = keccak256(
            "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Witness witness)TokenPermissions(address token,uint256 amount)Witness(address to,uint256 validAfter)"
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, permitted, proxy, uint256(row.nonce), row.validBefore, witness)
        );
        return keccak256(abi.encodePacked(hex"1901", permit2.DOMAIN_SEPARATOR(), structHash));
    }

    /// @dev As the interface documents it.
    function idOf(X402Row memory row, address token) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    uint256(uint8(kind)),
                    token,
                    row.payer,
                    row.payee,
                    row.amount,
                    row.validAfter,
                    row.validBefore,
                    row.nonce
                )
            );
    }

    // Calls

    function settle(X402Row memory only) internal returns (RowCode) {
        return settleIn(address(dollar), only, new bytes[](0));
    }

    function settleIn(
        address token,
        X402Row memory only,
        bytes[] memory signatures
    ) internal returns (RowCode) {
        return settler.settle{gas: TRANSACTION_GAS}(batchOf(token, only), signatures)[0][0];
    }

    function batchOf(address token, X402Row memory only) internal view returns (X402Batch[] memory batches) {
        X402Row[] memory rows = new X402Row[](1);
        rows[0] = only;
        return batchOf(token, rows);
    }

    function batchOf(
        address token,
        X402Row[] memory rows
    ) internal view returns (X402Batch[] memory batches) {
        batches = new X402Batch[](1);
        batches[0] = X402Batch(kind, token, rows);
    }

    /// @dev What anyone can do with a signed payment, past the settler.
    function useDirectly(X402Row memory row, address token) internal {
        if (kind == Authorization.Erc3009) {
            TestToken(token).transferWithAuthorization(
                row.payer,
                row.payee,
                row.amount,
                row.validAfter,
                row.validBefore,
                row.nonce,
                uint8(uint256(row.vs) >> 255) + 27,
                row.r,
                bytes32((uint256(row.vs) << 1) >> 1)
            );
        } else {
            proxy.settle(
                ISignatureTransfer.PermitTransferFrom(
                    ISignatureTransfer.TokenPermissions(token, row.amount),
                    uint256(row.nonce),
                    row.validBefore
                ),
                row.payer,
                IX402ExactPermit2Proxy.Witness(row.payee, row.validAfter),
                abi.encodePacked(row.r, row.vs)
            );
        }
    }

    // Checks

    /// @dev Everything that a row which fails must leave as it was.
    function worldOf(X402Row memory row, address token) internal view returns (bytes32) {
        TestToken t = TestToken(token);
        return
            keccak256(
                abi.encode(
                    t.balanceOf(row.payer),
                    t.balanceOf(row.payee),
                    t.balanceOf(address(settler)),
                    t.authorizationState(row.payer, row.nonce),
                    permit2.nonceBitmap(row.payer, uint256(row.nonce) >> 8)
                )
            );
    }

    function assertRejected(X402Row memory bad, RowCode code) internal {
        assertRejected(address(dollar), bad, new bytes[](0), code);
    }

    function assertRejected(
        address token,
        X402Row memory bad,
        bytes[] memory signatures,
        RowCode code
    ) internal {
        bytes32 before = worldOf(bad, token);
        vm.expectEmit(true, true, true, true, address(settler));
        emit IX402Settler.Rejected(idOf(bad, token), bad.payer, code);
        assertCode(settleIn(token, bad, signatures), code, "row code");
        assertEq(worldOf(bad, token), before, "state after a rejected row (invariant 7)");
    }

    function assertCode(RowCode actual, RowCode expected, string memory what) internal pure {
        assertEq(uint256(actual), uint256(expected), what);
    }

    function newHostileToken() internal returns (HostileAuthorizationToken token) {
        token = HostileAuthorizationToken(
            deploy("HostileAuthorizationToken.sol:HostileAuthorizationToken", "")
        );
        endow(token, payer);
    }
}
