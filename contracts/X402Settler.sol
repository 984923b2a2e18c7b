// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IBytesTransferAuthorization} from "./interfaces/IBytesTransferAuthorization.sol";
import {ISignatureTransfer} from "./interfaces/ITokenAuthorizations.sol";
import {IX402ExactPermit2Proxy} from "./interfaces/IX402ExactPermit2Proxy.sol";
import {IX402Settler} from "./interfaces/IX402Settler.sol";
import {Authorization} from "./types/GatewayTypes.sol";
import {RowCode} from "./types/LedgerTypes.sol";
import {X402Batch, X402Row} from "./types/X402Types.sol";

/// @title X402Settler
/// @notice x402's scheme `exact`, many payments in one transaction. See {IX402Settler}.
///
/// ROLES
/// - The payer fixes by her signature who gets how much. Anyone relays. Nobody owns or upgrades this contract, nothing is
///   allowed to it, and it holds nothing, so it can take from nobody.
///
/// TOKEN REQUIREMENTS
/// - ERC-3009, or Permit2's allowance. The amount must arrive: a token that takes a fee, moves nothing or moves more fails its
///   own rows, and so does one that reenters or burns gas.
/// - The caller chooses the tokens. It should not relay for one that it does not know.
///
/// LIVENESS
/// - Permit2 rows live by x402's proxy, at the address that its clients sign for. ERC-3009 rows need the token alone.
/// - What is sent here is lost to its sender.
contract X402Settler is IX402Settler, ReentrancyGuardTransient {
    /// @notice What one row may spend, its wallet's check of a signature included.
    uint256 public constant ROW_GAS = 500_000;

    uint256 private constant VIEW_GAS = 100_000;
    /// @dev A call passes on at most 63/64 of what is left; the rest is for what happens beside the calls.
    uint256 private constant NEEDED_GAS = ((ROW_GAS + VIEW_GAS) * 64) / 63 + 30_000;

    IX402ExactPermit2Proxy private immutable _proxy;
    ISignatureTransfer private immutable _permit2;

    /// @param proxy_ x402's, where its clients take it to be.
    constructor(IX402ExactPermit2Proxy proxy_) {
        _proxy = proxy_;
        _permit2 = ISignatureTransfer(proxy_.PERMIT2());
    }

    /// @inheritdoc IX402Settler
    function settle(
        X402Batch[] calldata batches,
        bytes[] calldata signatures
    ) external nonReentrant returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            X402Batch calldata batch = batches[i];
            (Authorization kind, address token) = (batch.kind, batch.token);
            require(kind != Authorization.Erc2612, X402SettlerUnsupported(kind));
            codes[i] = new RowCode[](batch.rows.length);
            for (uint256 j = 0; j < batch.rows.length; ++j) {
                codes[i][j] = _settleRow(kind, token, batch.rows[j], signatures);
            }
        }
    }

    function _settleRow(
        Authorization kind,
        address token,
        X402Row calldata row,
        bytes[] calldata signatures
    ) private returns (RowCode code) {
        // A row that gets too little gas would fail for its relayer's reason and not for its own.
        uint256 left = gasleft();
        require(left >= NEEDED_GAS, X402SettlerOutOfGas(left, NEEDED_GAS));
        bytes32 id = rowId(kind, token, row);
        bytes memory signature;
        (code, signature) = _admission(kind, row, signatures);
        if (code == RowCode.Settled) {
            // slither-disable-next-line calls-loop: a row that fails fails alone, on its own gas
            try this.moveFromSelf{gas: ROW_GAS}(kind, token, row, signature) {
                emit Settled(id, row.payer, row.payee, token, row.amount);
                return code;
            } catch {
                code = RowCode.TransferFailed;
            }
        }
        if (code != RowCode.InvalidPayee && code != RowCode.ZeroAmount) {
            // A token that answers nonsense leaves the code as it is.
            // slither-disable-next-line calls-loop: bounded in gas
            try this.failureOf{gas: VIEW_GAS}(kind, token, row, code) returns (RowCode why) {
                code = why;
            } catch {}
        }
        emit Rejected(id, row.payer, code);
    }

    /// @dev What needs no token to be asked, and the signature if it is not compact.
    function _admission(
        Authorization kind,
        X402Row calldata row,
        bytes[] calldata signatures
    ) private view returns (RowCode, bytes memory signature) {
        if (row.payee == address(0)) return (RowCode.InvalidPayee, signature);
        if (row.amount == 0) return (RowCode.ZeroAmount, signature);
        bool isExclusive = kind == Authorization.Erc3009;
        // slither-disable-next-line incorrect-equality: ERC-3009 and Permit2 differ in this very second
        if (block.timestamp < row.validAfter || (isExclusive && block.timestamp == row.validAfter)) {
            return (RowCode.TooEarly, signature);
        }
        // slither-disable-next-line incorrect-equality: ERC-3009 and Permit2 differ in this very second
        if (block.timestamp > row.validBefore || (isExclusive && block.timestamp == row.validBefore)) {
            return (RowCode.Expired, signature);
        }
        if (row.r == 0) {
            if (uint256(row.vs) >= signatures.length) return (RowCode.BadSignature, signature);
            signature = signatures[uint256(row.vs)];
        }
        return (RowCode.Settled, signature);
    }

    /// @notice A payment that {settle} can fail alone. Only this contract may call it.
    /// @dev Reverts with {X402SettlerOnlySelf}, {X402SettlerArrivedOther}, or as token, proxy or Permit2 do.
    function moveFromSelf(
        Authorization kind,
        address token,
        X402Row calldata row,
        bytes calldata signature
    ) external {
        require(msg.sender == address(this), X402SettlerOnlySelf(msg.sender));
        // slither-disable-next-line reentrancy-balance: what moves meanwhile makes the two balances differ, and the row fails
        uint256 before = IERC20(token).balanceOf(row.payee);
        if (kind == Authorization.Permit2) _moveByPermit2(token, row, signature);
        else if (row.r == 0) _moveByBytes(token, row, signature);
        else _moveByCompact(token, row);
        uint256 arrived = IERC20(token).balanceOf(row.payee) - before;
        uint256 expected = row.payer == row.payee ? 0 : row.amount;
        // slither-disable-next-line incorrect-equality: to the unit, by design; any other difference fails the row
        require(arrived == expected, X402SettlerArrivedOther(token, arrived, expected));
    }

    function _moveByCompact(address token, X402Row calldata row) private {
        IERC3009(token).transferWithAuthorization(
            row.payer,
            row.payee,
            row.amount,
            row.validAfter,
            row.validBefore,
            row.nonce,
            uint8((uint256(row.vs) >> 255) + 27),
            row.r,
            bytes32(uint256(row.vs) & (type(uint256).max >> 1))
        );
    }

    function _moveByBytes(address token, X402Row calldata row, bytes calldata signature) private {
        IBytesTransferAuthorization(token).transferWithAuthorization(
            row.payer,
            row.payee,
            row.amount,
            row.validAfter,
            row.validBefore,
            row.nonce,
            signature
        );
    }

    function _moveByPermit2(address token, X402Row calldata row, bytes calldata signature) private {
        _proxy.settle(
            ISignatureTransfer.PermitTransferFrom({
                permitted: ISignatureTransfer.TokenPermissions(token, row.amount),
                nonce: uint256(row.nonce),
                deadline: row.validBefore
            }),
            row.payer,
            IX402ExactPermit2Proxy.Witness(row.payee, row.validAfter),
            row.r == 0 ? signature : abi.encodePacked(row.r, row.vs)
        );
    }

    /// @notice Why a row did not settle: `otherwise`, unless token or Permit2 know better.
    /// @dev Used comes before all else: the payer of such a row may have paid. Reverts as the token does.
    function failureOf(
        Authorization kind,
        address token,
        X402Row calldata row,
        RowCode otherwise
    ) external view returns (RowCode) {
        if (isUsed(kind, token, row.payer, row.nonce)) return RowCode.AuthorizationUsed;
        if (otherwise != RowCode.TransferFailed) return otherwise;
        bool isShort = IERC20(token).balanceOf(row.payer) < row.amount;
        return isShort ? RowCode.InsufficientBalance : otherwise;
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IX402Settler
    function rowId(Authorization kind, address token, X402Row calldata row) public pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    kind,
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

    /// @inheritdoc IX402Settler
    function isUsed(
        Authorization kind,
        address token,
        address payer,
        bytes32 nonce
    ) public view returns (bool) {
        if (kind == Authorization.Erc3009) return IERC3009(token).authorizationState(payer, nonce);
        require(kind == Authorization.Permit2, X402SettlerUnsupported(kind));
        uint256 number = uint256(nonce);
        return (_permit2.nonceBitmap(payer, number >> 8) >> (number & 0xff)) & 1 == 1;
    }

    /// @inheritdoc IX402Settler
    function proxy() external view returns (IX402ExactPermit2Proxy) {
        return _proxy;
    }

    /// @inheritdoc IX402Settler
    function permit2() external view returns (address) {
        return address(_permit2);
    }
}
