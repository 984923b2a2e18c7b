// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IEscrow} from "./interfaces/IEscrow.sol";
import {IGateway} from "./interfaces/IGateway.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IBytesAuthorization, ISignatureTransfer} from "./interfaces/ITokenAuthorizations.sol";
import {EscrowHashes} from "./libraries/EscrowHashes.sol";
import {Fees} from "./libraries/Fees.sol";
import {GatewayHashes} from "./libraries/GatewayHashes.sol";
import {LedgerHashes} from "./libraries/LedgerHashes.sol";
import {HoldRow, OpenBatch, OpenRow} from "./types/EscrowTypes.sol";
import {Authorization, DepositBatch, DepositRow} from "./types/GatewayTypes.sol";
import {Agreement, Batch, Row, RowCode} from "./types/LedgerTypes.sol";

/// @title Gateway
/// @notice Money into the Ledger by a signature over the token itself. See {IGateway}.
///
/// ROLES
/// - The payer fixes by her signature what is taken and what becomes of it. Anyone relays. Nobody owns or upgrades this
///   contract, and it is nobody's operator in the Ledger: a fault here cannot reach an account.
///
/// TOKEN REQUIREMENTS
/// - ERC-3009, Permit2's allowance, or ERC-2612. Rebasing tokens are not supported, as in the Ledger.
/// - A token that lies, reenters, burns gas or takes fees fails its own rows or its own batches.
///
/// LIVENESS
/// - It holds nothing between transactions. What is sent to it past its functions is lost to its sender.
/// - A freeze of its own account in the Ledger would stop pulled holds in that token for at most 30 days.
contract Gateway is IGateway, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice What the token of one row may spend, its wallet's check of a signature included.
    uint256 public constant ROW_GAS = 500_000;

    /// @dev A call passes on at most 63/64 of what is left; the rest is for what happens beside the call.
    uint256 private constant NEEDED_GAS = (ROW_GAS * 64) / 63 + 20_000;
    uint256 private constant VIEW_GAS = 50_000;

    ILedger private immutable _ledger;
    IEscrow private immutable _escrow;
    ISignatureTransfer private immutable _permit2;
    bytes32 private immutable _ledgerDomain;

    /// @dev Deposits by permit. The token's own nonce does not do: a permit that was used first leaves its allowance behind.
    mapping(bytes32 id => bool) private _permitted;

    /// @dev What is asked of a payer's token for one row.
    struct Pull {
        Authorization kind;
        address token;
        address from;
        uint128 amount;
        uint64 nonce;
        uint48 deadline;
        /// @dev The nonce of an ERC-3009 authorization.
        bytes32 id;
        /// @dev Permit2's.
        bytes32 witness;
        bytes32 r;
        bytes32 vs;
    }

    /// @dev What the payments of a batch have in common.
    struct Common {
        Authorization kind;
        address payee;
        address token;
        bool canReceive;
        /// @dev See `LedgerHashes.prepare`.
        uint256 buffer;
        Agreement agreement;
    }

    /// @dev What the rows of a batch add up to.
    struct Tally {
        uint256 payments;
        uint128 gross;
        uint128 fee;
    }

    constructor(IEscrow escrow_, address permit2_) EIP712("Corridor Gateway", "1") {
        _escrow = escrow_;
        _ledger = escrow_.ledger();
        _ledgerDomain = _ledger.domainSeparator();
        _permit2 = ISignatureTransfer(permit2_);
        // For holds, which the Escrow takes out of this contract's account.
        // slither-disable-next-line unused-return: the Ledger answers true or reverts
        _ledger.setOperator(address(escrow_), true);
    }

    // ------------------------------------------------------------------ payments

    /// @inheritdoc IGateway
    function pay(
        Authorization kind,
        Batch[] calldata batches,
        bytes[] calldata signatures
    ) external nonReentrant returns (RowCode[][] memory codes) {
        require(kind != Authorization.Erc2612, GatewayUnsupported(kind));
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            Batch calldata batch = batches[i];
            // slither-disable-next-line calls-loop: a batch that fails fails alone; each of its rows has its own gas
            try this.payFromSelf(kind, batch, signatures, msg.sender) returns (RowCode[] memory rowCodes) {
                codes[i] = rowCodes;
            } catch {
                _logFailure(batch.token);
                codes[i] = _failPayments(kind, batch);
            }
        }
    }

    /// @notice A batch that {pay} can fail as a whole. Only this contract may call it.
    /// @dev Reverts with {GatewayOnlySelf}, {GatewayOutOfGas}, {GatewayDepositFailed}, {GatewayCreditedOther}.
    function payFromSelf(
        Authorization kind,
        Batch calldata batch,
        bytes[] calldata signatures,
        address operator
    ) external onlySelf returns (RowCode[] memory codes) {
        (address payee, address token) = (batch.payee, batch.token);
        bytes32 domain = _domainSeparatorV4();
        Common memory common = Common({
            kind: kind,
            payee: payee,
            token: token,
            canReceive: _canReceive(payee) && payee != address(_escrow),
            buffer: LedgerHashes.prepare(domain, GatewayHashes.paymentTypehash(kind), payee, token),
            agreement: _ledger.agreementOf(payee, operator, token)
        });
        Tally memory tally;
        codes = new RowCode[](batch.rows.length);
        for (uint256 i = 0; i < codes.length; ++i) {
            codes[i] = _payRow(common, batch.rows[i], signatures, tally);
        }
        if (tally.payments == 0) return codes;
        // slither-disable-next-line reentrancy-events: only what arrived is logged; pay and open are not entered twice
        emit BatchSettled(payee, token, operator, tally.payments, tally.gross, tally.fee);
        _credit(token, payee, tally.gross - tally.fee);
        _credit(token, operator, tally.fee);
    }

    function _payRow(
        Common memory common,
        Row calldata row,
        bytes[] calldata signatures,
        Tally memory tally
    ) private returns (RowCode code) {
        bytes32 id = LedgerHashes.paymentOf(common.buffer, row);
        code = RowCode.InvalidPayee;
        if (common.canReceive) {
            bytes32 structHash = LedgerHashes.structHashIn(common.buffer);
            Pull memory pull = _pullOf(common.kind, common.token, row, id, structHash);
            code = _pull(pull, GatewayHashes.PAYMENT_WITNESS, signatures);
        }
        if (code == RowCode.Settled) {
            _count(tally, row.amount, Fees.feeOn(common.agreement, row.amount));
            // slither-disable-next-line reentrancy-events: whether it settled is known after the token was asked
            emit Settled(id, row.payer, common.payee, row.amount, row.nonce, row.memo);
        } else {
            emit Rejected(id, row.payer, code);
        }
    }

    function _count(Tally memory tally, uint128 amount, uint128 fee) private pure {
        ++tally.payments;
        tally.gross += amount;
        tally.fee += fee;
    }

    function _pullOf(
        Authorization kind,
        address token,
        Row calldata row,
        bytes32 id,
        bytes32 witness
    ) private pure returns (Pull memory) {
        return
            Pull({
                kind: kind,
                token: token,
                from: row.payer,
                amount: row.amount,
                nonce: row.nonce,
                deadline: row.deadline,
                id: id,
                witness: witness,
                r: row.r,
                vs: row.vs
            });
    }

    function _failPayments(
        Authorization kind,
        Batch calldata batch
    ) private returns (RowCode[] memory codes) {
        uint256 buffer = LedgerHashes.prepare(
            _domainSeparatorV4(),
            GatewayHashes.paymentTypehash(kind),
            batch.payee,
            batch.token
        );
        codes = new RowCode[](batch.rows.length);
        for (uint256 i = 0; i < codes.length; ++i) {
            codes[i] = RowCode.TransferFailed;
            bytes32 id = LedgerHashes.paymentOf(buffer, batch.rows[i]);
            emit Rejected(id, batch.rows[i].payer, RowCode.TransferFailed);
        }
    }

    // ------------------------------------------------------------------ holds

    /// @inheritdoc IGateway
    function open(
        Authorization kind,
        OpenBatch[] calldata batches,
        bytes[] calldata signatures
    ) external nonReentrant returns (RowCode[][] memory codes) {
        require(kind != Authorization.Erc2612, GatewayUnsupported(kind));
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            OpenBatch calldata batch = batches[i];
            // slither-disable-next-line calls-loop: a batch that fails fails alone; each of its rows has its own gas
            try this.openFromSelf(kind, batch, signatures) returns (RowCode[] memory rowCodes) {
                codes[i] = rowCodes;
            } catch {
                _logFailure(batch.token);
                codes[i] = _failHolds(batch);
            }
        }
    }

    /// @notice A batch that {open} can fail as a whole. Only this contract may call it.
    /// @dev Reverts with {GatewayOnlySelf}, {GatewayOutOfGas}, {GatewayDepositFailed}, {GatewayCreditedOther}, or as the Escrow
    /// does.
    function openFromSelf(
        Authorization kind,
        OpenBatch calldata batch,
        bytes[] calldata signatures
    ) external onlySelf returns (RowCode[] memory codes) {
        codes = _escrow.check(batch);
        address token = batch.token;
        uint256 buffer = _prepareHolds(batch);
        Tally memory tally;
        for (uint256 i = 0; i < codes.length; ++i) {
            OpenRow calldata row = batch.rows[i];
            (bytes32 id, bytes32 termsHash) = EscrowHashes.idOf(buffer, row.hold);
            if (codes[i] == RowCode.Settled) {
                Pull memory pull = _pullOf(kind, token, row, id, EscrowHashes.structHashIn(buffer));
                codes[i] = _pull(pull, GatewayHashes.HOLD_WITNESS, signatures);
            }
            // slither-disable-next-line reentrancy-events: only what arrived is logged; pay and open are not entered twice
            _logHold(tally, id, termsHash, row.hold, codes[i]);
        }
        if (tally.payments == 0) return codes;
        emit BatchSettled(address(_escrow), token, address(_escrow), tally.payments, tally.gross, 0);
        _credit(token, address(this), tally.gross);
        // slither-disable-next-line unused-return: the ids were computed and logged above
        _escrow.openFunded(batch, codes);
    }

    function _logHold(
        Tally memory tally,
        bytes32 id,
        bytes32 termsHash,
        HoldRow calldata hold,
        RowCode code
    ) private {
        if (code == RowCode.Settled) {
            _count(tally, hold.amount, 0);
            emit Settled(id, hold.payer, address(_escrow), hold.amount, hold.nonce, termsHash);
        } else {
            emit Rejected(id, hold.payer, code);
        }
    }

    function _pullOf(
        Authorization kind,
        address token,
        OpenRow calldata row,
        bytes32 id,
        bytes32 witness
    ) private pure returns (Pull memory) {
        HoldRow calldata hold = row.hold;
        return
            Pull({
                kind: kind,
                token: token,
                from: hold.payer,
                amount: hold.amount,
                nonce: hold.nonce,
                deadline: hold.deadline,
                id: id,
                witness: witness,
                r: row.r,
                vs: row.vs
            });
    }

    function _failHolds(OpenBatch calldata batch) private returns (RowCode[] memory codes) {
        uint256 buffer = _prepareHolds(batch);
        codes = new RowCode[](batch.rows.length);
        for (uint256 i = 0; i < codes.length; ++i) {
            codes[i] = RowCode.TransferFailed;
            // slither-disable-next-line unused-return: the id is enough
            (bytes32 id, ) = EscrowHashes.idOf(buffer, batch.rows[i].hold);
            emit Rejected(id, batch.rows[i].hold.payer, RowCode.TransferFailed);
        }
    }

    function _prepareHolds(OpenBatch calldata batch) private view returns (uint256 buffer) {
        return EscrowHashes.prepare(_ledgerDomain, address(_escrow), batch.payee, batch.token, batch.splits);
    }

    // ------------------------------------------------------------------ deposits

    /// @inheritdoc IGateway
    function deposit(
        Authorization kind,
        DepositBatch[] calldata batches,
        bytes[] calldata signatures
    ) external nonReentrant returns (RowCode[][] memory codes) {
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            DepositBatch calldata batch = batches[i];
            codes[i] = new RowCode[](batch.rows.length);
            for (uint256 j = 0; j < batch.rows.length; ++j) {
                codes[i][j] = _depositRow(kind, batch.token, batch.rows[j], signatures);
            }
        }
    }

    function _depositRow(
        Authorization kind,
        address token,
        DepositRow calldata row,
        bytes[] calldata signatures
    ) private returns (RowCode code) {
        bytes32 structHash = _depositHash(kind, token, row);
        Pull memory pull = Pull({
            kind: kind,
            token: token,
            from: row.from,
            amount: row.amount,
            nonce: row.nonce,
            deadline: row.deadline,
            id: _hashTypedDataV4(structHash),
            witness: structHash,
            r: row.r,
            vs: row.vs
        });
        bytes memory signature;
        (code, signature) = _admission(pull, signatures);
        bool isPermit = kind == Authorization.Erc2612;
        if (!_canReceive(row.owner) || (isPermit && row.owner != row.from)) code = RowCode.InvalidPayee;
        if (code == RowCode.Settled) {
            _requireGas();
            // slither-disable-next-line calls-loop,reentrancy-events: a row that fails fails alone, on its own gas; its outcome is known afterwards
            try this.depositFromSelf{gas: ROW_GAS}(pull, signature, row.owner) returns (uint128 credited) {
                emit Deposited(pull.id, row.from, row.owner, token, credited);
                return RowCode.Settled;
            } catch {
                code = _failureOf(pull);
            }
        }
        emit Rejected(pull.id, row.from, code);
    }

    /// @notice A deposit that {deposit} can fail one at a time. Only this contract may call it.
    /// @dev Reverts with {GatewayOnlySelf}, {GatewayBadPermit}, {GatewayPermitUsed}, or as the token or the Ledger does.
    function depositFromSelf(
        Pull calldata pull,
        bytes calldata signature,
        address owner
    ) external onlySelf returns (uint128 credited) {
        uint256 arrived = _take(pull, GatewayHashes.DEPOSIT_WITNESS, signature);
        _allow(pull.token, arrived);
        return _ledger.deposit(pull.token, owner, arrived);
    }

    function _depositHash(
        Authorization kind,
        address token,
        DepositRow calldata row
    ) private pure returns (bytes32) {
        return GatewayHashes.deposit(kind, row.from, row.owner, token, row.amount, row.nonce, row.deadline);
    }

    // ------------------------------------------------------------------ pulling

    /// @dev Pulls a payment in full, or changes nothing.
    function _pull(
        Pull memory pull,
        string memory witnessType,
        bytes[] calldata signatures
    ) private returns (RowCode) {
        (RowCode code, bytes memory signature) = _admission(pull, signatures);
        if (code != RowCode.Settled) return code;
        _requireGas();
        // slither-disable-next-line calls-loop: a row that fails fails alone, on its own gas
        try this.pullFromSelf{gas: ROW_GAS}(pull, witnessType, signature) {
            return RowCode.Settled;
        } catch {
            return _failureOf(pull);
        }
    }

    /// @notice A payment's tokens, which {pay} and {open} can fail one at a time. Only this contract may call it.
    /// @dev Reverts with {GatewayOnlySelf}, {GatewayArrivedOther}, or as the token does.
    function pullFromSelf(
        Pull calldata pull,
        string calldata witnessType,
        bytes calldata signature
    ) external onlySelf {
        uint256 arrived = _take(pull, witnessType, signature);
        require(arrived == pull.amount, GatewayArrivedOther(pull.token, arrived, pull.amount));
    }

    /// @dev What needs no token to be asked, and the signature if it is not compact.
    function _admission(
        Pull memory pull,
        bytes[] calldata signatures
    ) private view returns (RowCode, bytes memory signature) {
        if (pull.amount == 0) return (RowCode.ZeroAmount, signature);
        if (block.timestamp > pull.deadline) return (RowCode.Expired, signature);
        if (pull.r == 0) {
            if (uint256(pull.vs) >= signatures.length) return (RowCode.BadSignature, signature);
            signature = signatures[uint256(pull.vs)];
        }
        return (RowCode.Settled, signature);
    }

    /// @dev Takes the tokens, by whichever authorization. @return arrived {qTok}
    function _take(
        Pull calldata pull,
        string memory witnessType,
        bytes calldata signature
    ) private returns (uint256 arrived) {
        IERC20 token = IERC20(pull.token);
        uint256 before = token.balanceOf(address(this));
        if (pull.kind == Authorization.Erc3009) _takeByAuthorization(pull, signature);
        else if (pull.kind == Authorization.Permit2) _takeByPermit2(pull, witnessType, signature);
        else _takeByPermit(pull);
        return token.balanceOf(address(this)) - before;
    }

    function _takeByAuthorization(Pull calldata pull, bytes calldata signature) private {
        uint256 validBefore = uint256(pull.deadline) + 1;
        if (pull.r == 0) {
            IBytesAuthorization(pull.token).receiveWithAuthorization(
                pull.from,
                address(this),
                pull.amount,
                0,
                validBefore,
                pull.id,
                signature
            );
        } else {
            (uint8 v, bytes32 s) = _vs(pull.vs);
            IERC3009(pull.token).receiveWithAuthorization(
                pull.from,
                address(this),
                pull.amount,
                0,
                validBefore,
                pull.id,
                v,
                pull.r,
                s
            );
        }
    }

    function _takeByPermit2(Pull calldata pull, string memory witnessType, bytes calldata signature) private {
        _permit2.permitWitnessTransferFrom(
            ISignatureTransfer.PermitTransferFrom({
                permitted: ISignatureTransfer.TokenPermissions(pull.token, pull.amount),
                nonce: pull.nonce,
                deadline: pull.deadline
            }),
            ISignatureTransfer.SignatureTransferDetails(address(this), pull.amount),
            pull.from,
            pull.witness,
            witnessType,
            pull.r == 0 ? signature : abi.encodePacked(pull.r, pull.vs)
        );
    }

    /// @dev The permit is checked here as well: an allowance that stands already is no consent to this deposit.
    function _takeByPermit(Pull calldata pull) private {
        IERC20Permit token = IERC20Permit(pull.token);
        bytes32 structHash = GatewayHashes.permit(
            pull.from,
            address(this),
            pull.amount,
            pull.nonce,
            pull.deadline
        );
        bytes32 digest = MessageHashUtils.toTypedDataHash(token.DOMAIN_SEPARATOR(), structHash);
        // slither-disable-next-line unused-return: a signature that does not recover gives address zero, which can own no deposit
        (address signer, , ) = ECDSA.tryRecover(digest, pull.r, pull.vs);
        require(signer == pull.from, GatewayBadPermit(pull.from, digest));
        require(!_permitted[pull.id], GatewayPermitUsed(pull.id));
        _permitted[pull.id] = true;
        (uint8 v, bytes32 s) = _vs(pull.vs);
        // Whoever saw the permit may have used it first. Then the allowance is there, or the transfer reverts.
        try token.permit(pull.from, address(this), pull.amount, pull.deadline, v, pull.r, s) {} catch {}
        // slither-disable-next-line arbitrary-send-erc20-permit: the permit was checked above against this very owner, and is taken once
        IERC20(pull.token).safeTransferFrom(pull.from, address(this), pull.amount);
    }

    function _vs(bytes32 vs) private pure returns (uint8 v, bytes32 s) {
        return (uint8((uint256(vs) >> 255) + 27), bytes32(uint256(vs) & (type(uint256).max >> 1)));
    }

    /// @dev Why a row failed. A token that answers nonsense gets the general code.
    function _failureOf(Pull memory pull) private view returns (RowCode) {
        // slither-disable-next-line calls-loop: bounded in gas, and any answer but true or false gives the general code
        try this.isUsed{gas: VIEW_GAS}(pull) returns (bool used) {
            return used ? RowCode.AuthorizationUsed : RowCode.TransferFailed;
        } catch {
            return RowCode.TransferFailed;
        }
    }

    /// @notice Whether a row's authorization was used or cancelled.
    /// @dev Reverts as the token does.
    function isUsed(Pull calldata pull) external view returns (bool) {
        if (pull.kind == Authorization.Erc3009) {
            return IERC3009(pull.token).authorizationState(pull.from, pull.id);
        }
        if (pull.kind == Authorization.Permit2) {
            return (_permit2.nonceBitmap(pull.from, pull.nonce >> 8) >> (pull.nonce & 0xff)) & 1 == 1;
        }
        return _permitted[pull.id];
    }

    /// @dev Credits `owner` in the Ledger with tokens that arrived here, in full. What the token says is not passed on: it
    /// might speak as this contract does.
    function _credit(address token, address owner, uint128 amount) private {
        if (amount == 0) return;
        _requireGas();
        try this.creditFromSelf{gas: ROW_GAS}(token, owner, amount) returns (uint256 credited) {
            require(credited == amount, GatewayCreditedOther(token, credited, amount));
        } catch {
            revert GatewayDepositFailed(token, amount);
        }
    }

    /// @notice A deposit into the Ledger that a token cannot spend other batches' gas in. Only this contract may call it.
    /// @dev Reverts with {GatewayOnlySelf}, or as the token or the Ledger does.
    function creditFromSelf(
        address token,
        address owner,
        uint256 amount
    ) external onlySelf returns (uint256 credited) {
        _allow(token, amount);
        return _ledger.deposit(token, owner, amount);
    }

    /// @dev For good: the Ledger takes only what this contract deposits, and there is nothing here to take otherwise.
    function _allow(address token, uint256 amount) private {
        if (IERC20(token).allowance(address(this), address(_ledger)) >= amount) return;
        IERC20(token).forceApprove(address(_ledger), type(uint256).max);
    }

    function _canReceive(address owner) private view returns (bool) {
        return owner != address(0) && owner != address(_ledger) && owner != address(this);
    }

    /// @dev A row that gets too little gas would fail for its relayer's reason and not for its own.
    function _requireGas() private view {
        uint256 left = gasleft();
        require(left >= NEEDED_GAS, GatewayOutOfGas(left, NEEDED_GAS));
    }

    /// @dev To be called in a catch clause, before any other call. Goes on reverting if it was for want of gas.
    function _logFailure(address token) private {
        bytes4 reason;
        // slither-disable-next-line assembly: Solidity would copy all that a token made its way into the reason
        assembly ("memory-safe") {
            if gt(returndatasize(), 3) {
                mstore(0x00, 0)
                returndatacopy(0x00, 0, 4)
                reason := mload(0x00)
            }
        }
        require(reason != GatewayOutOfGas.selector, GatewayOutOfGas(gasleft(), NEEDED_GAS));
        emit BatchFailed(token, reason);
    }

    modifier onlySelf() {
        require(msg.sender == address(this), GatewayOnlySelf(msg.sender));
        _;
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IGateway
    function paymentId(
        Authorization kind,
        address payee,
        address token,
        Row calldata row
    ) external view returns (bytes32) {
        bytes32 typehash = GatewayHashes.paymentTypehash(kind);
        return
            LedgerHashes.paymentOf(LedgerHashes.prepare(_domainSeparatorV4(), typehash, payee, token), row);
    }

    /// @inheritdoc IGateway
    function depositId(
        Authorization kind,
        address token,
        DepositRow calldata row
    ) external view returns (bytes32) {
        return _hashTypedDataV4(_depositHash(kind, token, row));
    }

    /// @inheritdoc IGateway
    function ledger() external view returns (ILedger) {
        return _ledger;
    }

    /// @inheritdoc IGateway
    function escrow() external view returns (IEscrow) {
        return _escrow;
    }

    /// @inheritdoc IGateway
    function permit2() external view returns (address) {
        return address(_permit2);
    }
}
