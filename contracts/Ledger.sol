// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC6909, IERC6909TokenSupply} from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC165, IERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {Calls} from "./Calls.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISignatureVerifier} from "./interfaces/ISignatureVerifier.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Devices} from "./libraries/Devices.sol";
import {Fees} from "./libraries/Fees.sol";
import {LedgerHashes} from "./libraries/LedgerHashes.sol";
import {NonceWindow} from "./libraries/NonceWindow.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {
    Account,
    AccountSlot,
    AccountView,
    Agreement,
    Batch,
    Credit,
    Device,
    DeviceState,
    DeviceTerms,
    DeviceView,
    Row,
    RowCode,
    WithdrawalRow
} from "./types/LedgerTypes.sol";

/// @title Ledger
/// @notice Accounts, and payments between them that payers authorize off chain. See {ILedger}.
///
/// ROLES
/// - An owner moves what is hers, by call or by signature, or by devices that she bound, within limits that she set. Nobody
///   else lowers an account.
/// - Anyone may relay signed messages. An operator earns what the payee agreed to, and nothing else.
/// - The compliance role (AccessManager, for {freeze} and {unfreeze}) can stop an account from being lowered for at
///   most 30 days at a time. It cannot move money, and nobody can upgrade this contract.
///
/// TOKEN REQUIREMENTS
/// - ERC-20, with or without return values. A fee on transfer is credited as it arrives. Tokens whose balances move by
///   themselves (rebasing) are not supported: a fall below the sum of accounts would hit whoever withdraws last.
/// - Accounts of a token sum to at most `type(uint128).max`. A token that lies can only harm its own accounts.
///
/// LIVENESS
/// - {withdraw} depends on the token and on the absence of a live freeze, on nothing and nobody else.
/// - {settle} calls no other contract but the verifier of signatures, and never a payer's. A row that fails does not hinder
///   the others.
contract Ledger is ILedger, Calls, AccessManaged, EIP712, ERC165, ReentrancyGuardTransient {
    using Accounts for Account;
    using Devices for Device;
    using SafeERC20 for IERC20;

    uint256 private constant MAX_FREEZE = 30 days;

    mapping(address token => mapping(address owner => AccountSlot)) private _accounts;
    mapping(address owner => mapping(address token => uint48)) private _frozenUntil;
    mapping(address payee => mapping(address operator => mapping(address token => Agreement)))
        private _agreements;
    mapping(address token => uint128) private _supplies;
    mapping(address owner => mapping(address spender => mapping(uint256 id => uint256))) private _allowances;
    mapping(address owner => mapping(address spender => bool)) private _operators;

    constructor(
        address authority_,
        ISignatureVerifier verifier_
    ) AccessManaged(authority_) EIP712("Corridor Ledger", "1") Calls(verifier_) {}

    // ------------------------------------------------------------------ payments

    /// @inheritdoc ILedger
    function settle(Batch[] calldata batches) external returns (RowCode[][] memory codes) {
        bytes32 domain = _domainSeparatorV4();
        codes = new RowCode[][](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            codes[i] = _settleBatch(domain, batches[i]);
        }
    }

    /// @inheritdoc ILedger
    function paymentId(
        address payer,
        address payee,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline,
        bytes32 memo
    ) external view returns (bytes32) {
        return _hashTypedDataV4(LedgerHashes.payment(payer, payee, token, amount, nonce, deadline, memo));
    }

    /// @inheritdoc ILedger
    function collect(
        address token,
        Row[] calldata rows,
        string calldata termsType
    ) external returns (RowCode[] memory codes, bytes32[] memory ids) {
        return _collect(token, rows, _wholeAmounts(), termsType);
    }

    /// @inheritdoc ILedger
    function collectUpTo(
        address token,
        Row[] calldata rows,
        uint128[] calldata takes,
        string calldata termsType
    ) external returns (RowCode[] memory codes, bytes32[] memory ids) {
        require(takes.length == rows.length, LedgerLengthMismatch(takes.length, rows.length));
        return _collect(token, rows, takes, termsType);
    }

    function _collect(
        address token,
        Row[] calldata rows,
        uint128[] calldata takes,
        string calldata termsType
    ) private returns (RowCode[] memory codes, bytes32[] memory ids) {
        Agreement memory none;
        return
            _settleRows(
                _domainSeparatorV4(),
                LedgerHashes.paymentTypehash(termsType),
                msg.sender,
                token,
                rows,
                takes,
                none
            );
    }

    /// @dev Of each row, all of its amount.
    function _wholeAmounts() private pure returns (uint128[] calldata takes) {
        // slither-disable-next-line assembly: there is no literal for an empty array in calldata
        assembly ("memory-safe") {
            takes.offset := 0
            takes.length := 0
        }
    }

    /// @inheritdoc ILedger
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _settleBatch(bytes32 domain, Batch calldata batch) private returns (RowCode[] memory codes) {
        (address payee, address token) = (batch.payee, batch.token);
        (codes, ) = _settleRows(
            domain,
            LedgerHashes.PAYMENT_TYPEHASH,
            payee,
            token,
            batch.rows,
            _wholeAmounts(),
            _agreements[payee][msg.sender][token]
        );
    }

    /// @dev Settles each row that is good, then credits payee and caller once.
    function _settleRows(
        bytes32 domain,
        bytes32 typehash,
        address payee,
        address token,
        Row[] calldata rows,
        uint128[] calldata takes,
        Agreement memory agreement
    ) private returns (RowCode[] memory codes, bytes32[] memory ids) {
        mapping(address owner => AccountSlot) storage accounts = _accounts[token];
        address receiver = _canReceive(payee) ? payee : address(0);
        uint256 buffer = LedgerHashes.prepare(domain, typehash, payee, token);
        codes = new RowCode[](rows.length);
        ids = new bytes32[](rows.length);
        uint256 payments;
        uint128 gross;
        uint128 fee;
        for (uint256 i = 0; i < rows.length; ++i) {
            Row calldata row = rows[i];
            bytes32 id = LedgerHashes.paymentOf(buffer, row);
            uint128 amount = row.amount;
            RowCode code = RowCode.Settled;
            if (takes.length != 0) (code, amount) = _takenOf(id, row.payer, amount, takes[i]);
            if (code == RowCode.Settled) code = _settleRow(accounts, receiver, token, id, row, amount);
            codes[i] = code;
            ids[i] = id;
            if (code != RowCode.Settled) continue;
            // The accounts of a token sum to at most 128 bits, and so does all that rows take from them.
            unchecked {
                ++payments;
                gross += amount;
                fee += Fees.feeOn(agreement, amount);
            }
        }
        if (payments == 0) return (codes, ids);
        emit BatchSettled(payee, token, msg.sender, payments, gross, fee);
        _credit(payee, token, gross - fee);
        _credit(msg.sender, token, fee);
    }

    /// @dev A payer's ceiling holds, whatever a scheme says.
    function _takenOf(
        bytes32 id,
        address payer,
        uint128 ceiling,
        uint128 take
    ) private returns (RowCode, uint128) {
        if (take <= ceiling) return (RowCode.Settled, take);
        emit Rejected(id, payer, RowCode.AmountTooHigh);
        return (RowCode.AmountTooHigh, take);
    }

    /// @dev Each member of the row is read once: it is validated anew each time.
    /// @param payee Zero: nobody who can be paid.
    function _settleRow(
        mapping(address owner => AccountSlot) storage accounts,
        address payee,
        address token,
        bytes32 id,
        Row calldata row,
        uint128 amount
    ) private returns (RowCode code) {
        (address payer, uint64 nonce) = (row.payer, row.nonce);
        code = RowCode.InvalidPayee;
        if (payee != address(0)) {
            AccountSlot storage slot = accounts[payer];
            Account account = slot.account;
            Account lowered;
            if (Devices.indexOf(nonce) != 0) {
                code = _admission(account, payer, token, amount, row.deadline);
                if (code == RowCode.Settled) {
                    code = _spendDevice(
                        slot.devices[Devices.indexOf(nonce)],
                        payee,
                        account,
                        amount,
                        nonce,
                        id,
                        row
                    );
                }
                unchecked {
                    // Used only if the account has the amount. It takes the flag of an ended freeze down.
                    uint128 balance = account.balance() - amount;
                    lowered = Accounts.pack(balance, account.window(), account.nextNonce(), false);
                }
            } else {
                (code, lowered) = _lowered(account, payer, token, amount, nonce, row.deadline);
                if (code == RowCode.Settled && !Signatures.isValid(_verifier, payer, id, row.r, row.vs)) {
                    code = RowCode.BadSignature;
                }
            }
            if (code == RowCode.Settled) {
                slot.account = lowered;
                emit Settled(id, payer, payee, amount, nonce, row.memo);
                return code;
            }
        }
        emit Rejected(id, payer, code);
    }

    /// @dev A device's payment uses up a nonce, and limits, of its own.
    function _spendDevice(
        Device storage device,
        address payee,
        Account account,
        uint128 amount,
        uint64 nonce,
        bytes32 id,
        Row calldata row
    ) private returns (RowCode) {
        (RowCode code, address key, DeviceState state) = device.spend(payee, amount, nonce);
        if (code != RowCode.Settled) return code;
        if (account.balance() < amount) return RowCode.InsufficientBalance;
        if (!Signatures.isValid(_verifier, key, id, row.r, row.vs)) return RowCode.BadSignature;
        device.state = state;
        return RowCode.Settled;
    }

    /// @dev The account as it is after a signed message takes `amount` and uses `nonce`, if its owner did sign; or why
    /// the message cannot take effect.
    function _lowered(
        Account account,
        address owner,
        address token,
        uint128 amount,
        uint64 nonce,
        uint48 deadline
    ) private view returns (RowCode code, Account) {
        code = _admission(account, owner, token, amount, deadline);
        if (code != RowCode.Settled) return (code, account);
        uint56 nextNonce;
        uint64 window;
        (code, nextNonce, window) = NonceWindow.use(account.nextNonce(), account.window(), nonce);
        if (code != RowCode.Settled) return (code, account);
        uint128 balance = account.balance();
        if (balance < amount) return (RowCode.InsufficientBalance, account);
        // A flag that is still up here is that of a freeze which has ended; this takes it down.
        unchecked {
            return (RowCode.Settled, Accounts.pack(balance - amount, window, nextNonce, false));
        }
    }

    /// @dev What is asked of every signed message that takes money, whoever signs it.
    function _admission(
        Account account,
        address owner,
        address token,
        uint128 amount,
        uint48 deadline
    ) private view returns (RowCode) {
        if (amount == 0) return RowCode.ZeroAmount;
        if (block.timestamp > deadline) return RowCode.Expired;
        if (account.isFlagged() && _isFrozen(owner, token)) return RowCode.Frozen;
        return RowCode.Settled;
    }

    // ------------------------------------------------------------------ nonces

    /// @inheritdoc ILedger
    function cancel(address token, uint64 nonce) external {
        _useNonce(msg.sender, token, nonce, bytes32(0));
    }

    /// @inheritdoc ILedger
    function cancelWithSignature(
        address owner,
        address token,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external {
        bytes32 structHash = LedgerHashes.cancellation(owner, token, nonce, deadline);
        _authorize(owner, token, nonce, deadline, structHash, signature);
    }

    /// @inheritdoc ILedger
    function isNonceUsed(address owner, address token, uint64 nonce) external view returns (bool) {
        uint256 index = Devices.indexOf(nonce);
        if (index != 0) return _accounts[token][owner].devices[index].isNonceUsed(nonce);
        Account account = _accounts[token][owner].account;
        return NonceWindow.isUsed(account.nextNonce(), account.window(), nonce);
    }

    /// @dev Checks what `owner` signed and uses up its nonce, or reverts.
    function _authorize(
        address owner,
        address token,
        uint64 nonce,
        uint48 deadline,
        bytes32 structHash,
        bytes calldata signature
    ) private {
        require(block.timestamp <= deadline, LedgerSignatureExpired(block.timestamp, deadline));
        bytes32 digest = _hashTypedDataV4(structHash);
        _useNonce(owner, token, nonce, digest);
        require(Signatures.isValid(_verifier, owner, digest, signature), LedgerBadSignature(owner, digest));
    }

    /// @param id The digest of the message that uses the nonce, or zero.
    function _useNonce(address owner, address token, uint64 nonce, bytes32 id) private {
        Account account = _accounts[token][owner].account;
        (RowCode code, uint56 nextNonce, uint64 window) = NonceWindow.use(
            account.nextNonce(),
            account.window(),
            nonce
        );
        require(code == RowCode.Settled, LedgerNonceUnusable(owner, token, nonce, code));
        _accounts[token][owner].account = Accounts.pack(
            account.balance(),
            window,
            nextNonce,
            account.isFlagged()
        );
        emit NonceUsed(owner, token, nonce, id);
    }

    // ------------------------------------------------------------------ agreements

    /// @inheritdoc ILedger
    function agree(address operator, address token, uint16 feeBps, uint128 flatFee) external {
        _agree(msg.sender, operator, token, feeBps, flatFee);
    }

    /// @inheritdoc ILedger
    function agreeWithSignature(
        address payee,
        address operator,
        address token,
        uint16 feeBps,
        uint128 flatFee,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external {
        bytes32 structHash = LedgerHashes.agreement(payee, operator, token, feeBps, flatFee, nonce, deadline);
        _authorize(payee, token, nonce, deadline, structHash, signature);
        _agree(payee, operator, token, feeBps, flatFee);
    }

    /// @inheritdoc ILedger
    function agreementOf(
        address payee,
        address operator,
        address token
    ) external view returns (Agreement memory) {
        return _agreements[payee][operator][token];
    }

    function _agree(address payee, address operator, address token, uint16 feeBps, uint128 flatFee) private {
        require(feeBps <= Fees.BPS, LedgerFeeTooHigh(feeBps, uint16(Fees.BPS)));
        _agreements[payee][operator][token] = Agreement({flatFee: flatFee, feeBps: feeBps});
        emit AgreementSet(payee, operator, token, feeBps, flatFee);
    }

    // ------------------------------------------------------------------ devices

    /// @inheritdoc ILedger
    function bindDevice(address token, uint8 index, DeviceTerms calldata terms) external {
        _bindDevice(msg.sender, token, index, terms);
    }

    /// @inheritdoc ILedger
    function bindDeviceWithSignature(
        address owner,
        address token,
        uint8 index,
        DeviceTerms calldata terms,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external {
        bytes32 structHash = LedgerHashes.deviceBinding(owner, token, index, terms, nonce, deadline);
        _authorize(owner, token, nonce, deadline, structHash, signature);
        _bindDevice(owner, token, index, terms);
    }

    /// @inheritdoc ILedger
    function revokeDevice(address token, uint8 index) external {
        _revokeDevice(msg.sender, token, index);
    }

    /// @inheritdoc ILedger
    function revokeDeviceWithSignature(
        address owner,
        address token,
        uint8 index,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external {
        bytes32 structHash = LedgerHashes.deviceRevocation(owner, token, index, nonce, deadline);
        _authorize(owner, token, nonce, deadline, structHash, signature);
        _revokeDevice(owner, token, index);
    }

    /// @inheritdoc ILedger
    function deviceOf(address owner, address token, uint8 index) external view returns (DeviceView memory) {
        return _device(owner, token, index).viewOf();
    }

    /// @inheritdoc ILedger
    function isDevicePayee(
        address owner,
        address token,
        uint8 index,
        address payee
    ) external view returns (bool) {
        Device storage device = _device(owner, token, index);
        return device.isBound() && device.mayPay(payee);
    }

    function _device(address owner, address token, uint8 index) private view returns (Device storage) {
        return _accounts[token][owner].devices[index];
    }

    function _bindDevice(address owner, address token, uint8 index, DeviceTerms calldata terms) private {
        address key = terms.key;
        require(index != 0 && key != address(0) && key != owner, LedgerInvalidDevice(index, key));
        _device(owner, token, index).bind(terms);
        emit DeviceBound(
            owner,
            token,
            index,
            key,
            terms.expiry,
            terms.perPayment,
            terms.perDay,
            terms.payees
        );
    }

    function _revokeDevice(address owner, address token, uint8 index) private {
        _device(owner, token, index).revoke();
        emit DeviceRevoked(owner, token, index);
    }

    // ------------------------------------------------------------------ money in

    /// @inheritdoc ILedger
    function deposit(
        address token,
        address owner,
        uint256 amount
    ) external nonReentrant returns (uint128 credited) {
        require(_canReceive(owner), LedgerInvalidRecipient(owner));
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 later = IERC20(token).balanceOf(address(this));
        require(later > before, LedgerNothingReceived(token, amount));

        uint256 received = later - before;
        uint256 room = type(uint128).max - _supplies[token];
        require(
            received <= room,
            LedgerSupplyTooHigh(token, type(uint128).max - room + received, type(uint128).max)
        );
        credited = uint128(received);
        _supplies[token] += credited;
        _credit(owner, token, credited);
        emit Deposited(owner, token, msg.sender, credited);
        emit Transfer(msg.sender, address(0), owner, _idOf(token), credited);
    }

    /// @dev Cannot overflow: the accounts of a token sum to at most 128 bits.
    function _credit(address owner, address token, uint128 amount) private {
        if (amount == 0) return;
        Account account = _accounts[token][owner].account;
        _accounts[token][owner].account = account.withBalance(account.balance() + amount);
    }

    /// @dev Money sent to the zero address or to the Ledger's own account could never leave again.
    function _canReceive(address owner) private view returns (bool) {
        return owner != address(0) && owner != address(this);
    }

    // ------------------------------------------------------------------ money out

    /// @inheritdoc ILedger
    function withdraw(address token, address to, uint128 amount) external nonReentrant {
        require(_canReceive(to), LedgerInvalidRecipient(to));
        _lower(msg.sender, token, amount);
        _supplies[token] -= amount;
        emit Withdrawn(bytes32(0), msg.sender, token, to, amount, 0);
        emit Transfer(msg.sender, msg.sender, address(0), _idOf(token), amount);
        _pay(token, to, amount);
    }

    /// @inheritdoc ILedger
    function withdrawBatch(
        address token,
        WithdrawalRow[] calldata rows
    ) external nonReentrant returns (RowCode[] memory codes) {
        codes = new RowCode[](rows.length);
        for (uint256 i = 0; i < rows.length; ++i) {
            WithdrawalRow calldata row = rows[i];
            bytes32 id = _hashTypedDataV4(LedgerHashes.withdrawal(token, row));
            RowCode code = _withdrawRow(token, row, id);
            codes[i] = code;
            if (code != RowCode.Settled) emit Rejected(id, row.owner, code);
        }
    }

    function _withdrawRow(address token, WithdrawalRow calldata row, bytes32 id) private returns (RowCode) {
        if (!_canReceive(row.to)) return RowCode.InvalidPayee;
        if (row.fee > row.maxFee || row.fee > row.amount) return RowCode.FeeTooHigh;
        AccountSlot storage slot = _accounts[token][row.owner];
        Account before = slot.account;
        (RowCode code, Account lowered) = _lowered(
            before,
            row.owner,
            token,
            row.amount,
            row.nonce,
            row.deadline
        );
        if (code != RowCode.Settled) return code;
        if (!Signatures.isValid(_verifier, row.owner, id, row.signature)) return RowCode.BadSignature;
        slot.account = lowered;

        uint128 paid = row.amount - row.fee;
        // A token may come back meanwhile, by what is not guarded: the account is lowered by then, and what is written after the
        // call is read after it. If the call fails, so does all that was done in it.
        // slither-disable-next-line calls-loop,reentrancy-no-eth,reentrancy-benign,reentrancy-events: a row that fails fails alone
        try this.payFromSelf(token, row.to, paid) {
            _supplies[token] -= paid;
            _credit(msg.sender, token, row.fee);
            emit NonceUsed(row.owner, token, row.nonce, id);
            emit Withdrawn(id, row.owner, token, row.to, row.amount, row.fee);
            emit Transfer(msg.sender, row.owner, address(0), _idOf(token), paid);
            if (row.fee != 0) emit Transfer(msg.sender, row.owner, msg.sender, _idOf(token), row.fee);
            return RowCode.Settled;
        } catch {
            // The failed call left no trace, so nothing but this is there to put back.
            slot.account = before;
            return RowCode.TransferFailed;
        }
    }

    /// @notice A transfer out that {withdrawBatch} can fail one at a time. Only the Ledger itself may call it.
    /// @dev Reverts with {LedgerOnlySelf}.
    function payFromSelf(address token, address to, uint256 amount) external {
        require(msg.sender == address(this), LedgerOnlySelf(msg.sender));
        _pay(token, to, amount);
    }

    function _pay(address token, address to, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransfer(to, amount);
        uint256 later = IERC20(token).balanceOf(address(this));
        require(later + amount >= before, LedgerTookTooMuch(token, before - later, amount));
    }

    /// @dev Lowers an account on its owner's own authority, or reverts.
    function _lower(address owner, address token, uint256 amount) private {
        Account account = _accounts[token][owner].account;
        uint128 balance = account.balance();
        if (account.isFlagged()) {
            require(!_isFrozen(owner, token), LedgerAccountFrozen(owner, token, _frozenUntil[owner][token]));
        }
        require(amount <= balance, LedgerInsufficientBalance(owner, token, balance, amount));
        _accounts[token][owner].account = account.withBalance(uint128(balance - amount));
    }

    // ------------------------------------------------------------------ claims (ERC-6909)

    /// @inheritdoc IERC6909
    function transfer(address receiver, uint256 id, uint256 amount) external returns (bool) {
        _transfer(msg.sender, receiver, id, amount);
        return true;
    }

    /// @inheritdoc IERC6909
    function transferFrom(
        address sender,
        address receiver,
        uint256 id,
        uint256 amount
    ) external returns (bool) {
        if (msg.sender != sender && !_operators[sender][msg.sender]) {
            uint256 allowed = _allowances[sender][msg.sender][id];
            if (allowed != type(uint256).max) {
                require(
                    amount <= allowed,
                    LedgerInsufficientAllowance(sender, msg.sender, _tokenOf(id), allowed, amount)
                );
                _allowances[sender][msg.sender][id] = allowed - amount;
            }
        }
        _transfer(sender, receiver, id, amount);
        return true;
    }

    /// @inheritdoc ILedger
    function transferMany(address token, Credit[] calldata credits) external {
        uint256 sum;
        for (uint256 i = 0; i < credits.length; ++i) {
            sum += credits[i].amount;
        }
        if (sum == 0) return;
        _lower(msg.sender, token, sum);
        for (uint256 i = 0; i < credits.length; ++i) {
            (address receiver, uint128 amount) = (credits[i].receiver, credits[i].amount);
            if (amount == 0) continue;
            require(_canReceive(receiver), LedgerInvalidRecipient(receiver));
            _credit(receiver, token, amount);
            emit Transfer(msg.sender, msg.sender, receiver, _idOf(token), amount);
        }
    }

    /// @inheritdoc ILedger
    function spendable(address owner, address spender, address token) external view returns (uint128) {
        if (_isFrozen(owner, token)) return 0;
        uint128 held = _accounts[token][owner].account.balance();
        if (owner == spender || _operators[owner][spender]) return held;
        uint256 allowed = _allowances[owner][spender][_idOf(token)];
        return allowed < held ? uint128(allowed) : held;
    }

    /// @inheritdoc IERC6909
    function approve(address spender, uint256 id, uint256 amount) external returns (bool) {
        _approve(msg.sender, spender, id, amount);
        return true;
    }

    /// @inheritdoc ILedger
    function approveWithSignature(
        address owner,
        address spender,
        address token,
        uint256 amount,
        uint64 nonce,
        uint48 deadline,
        bytes calldata signature
    ) external {
        bytes32 structHash = LedgerHashes.approval(owner, spender, token, amount, nonce, deadline);
        _authorize(owner, token, nonce, deadline, structHash, signature);
        _approve(owner, spender, _idOf(token), amount);
    }

    /// @inheritdoc IERC6909
    function setOperator(address spender, bool approved) external returns (bool) {
        _operators[msg.sender][spender] = approved;
        emit OperatorSet(msg.sender, spender, approved);
        return true;
    }

    /// @inheritdoc IERC6909
    function balanceOf(address owner, uint256 id) external view returns (uint256) {
        return _accounts[_tokenOf(id)][owner].account.balance();
    }

    /// @inheritdoc IERC6909
    function allowance(address owner, address spender, uint256 id) external view returns (uint256) {
        return _allowances[owner][spender][id];
    }

    /// @inheritdoc IERC6909
    function isOperator(address owner, address spender) external view returns (bool) {
        return _operators[owner][spender];
    }

    /// @inheritdoc IERC6909TokenSupply
    function totalSupply(uint256 id) external view returns (uint256) {
        return _supplies[_tokenOf(id)];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return
            interfaceId == type(IERC6909).interfaceId ||
            interfaceId == type(IERC6909TokenSupply).interfaceId ||
            super.supportsInterface(interfaceId);
    }

    function _transfer(address sender, address receiver, uint256 id, uint256 amount) private {
        require(_canReceive(receiver), LedgerInvalidRecipient(receiver));
        address token = _tokenOf(id);
        _lower(sender, token, amount);
        _credit(receiver, token, uint128(amount));
        emit Transfer(msg.sender, sender, receiver, id, amount);
    }

    function _approve(address owner, address spender, uint256 id, uint256 amount) private {
        _allowances[owner][spender][id] = amount;
        emit Approval(owner, spender, id, amount);
    }

    function _idOf(address token) private pure returns (uint256) {
        return uint256(uint160(token));
    }

    function _tokenOf(uint256 id) private pure returns (address) {
        require(id <= type(uint160).max, LedgerNotAToken(id));
        return address(uint160(id));
    }

    // ------------------------------------------------------------------ freeze

    /// @inheritdoc ILedger
    function freeze(address owner, address token, uint48 until, bytes32 evidence) external restricted {
        uint256 maximum = block.timestamp + MAX_FREEZE;
        require(
            block.timestamp < until && until <= maximum,
            LedgerInvalidFreeze(block.timestamp, until, maximum)
        );
        _frozenUntil[owner][token] = until;
        _accounts[token][owner].account = _accounts[token][owner].account.withFlag(true);
        emit Frozen(owner, token, until, evidence);
    }

    /// @inheritdoc ILedger
    function unfreeze(address owner, address token, bytes32 evidence) external restricted {
        delete _frozenUntil[owner][token];
        _accounts[token][owner].account = _accounts[token][owner].account.withFlag(false);
        emit Unfrozen(owner, token, evidence);
    }

    function _isFrozen(address owner, address token) private view returns (bool) {
        return block.timestamp < _frozenUntil[owner][token];
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc ILedger
    function accountOf(address owner, address token) external view returns (AccountView memory) {
        return _view(owner, token);
    }

    /// @inheritdoc ILedger
    function accountsOf(
        address[] calldata owners,
        address[] calldata tokens
    ) external view returns (AccountView[] memory views) {
        require(owners.length == tokens.length, LedgerLengthMismatch(owners.length, tokens.length));
        views = new AccountView[](owners.length);
        for (uint256 i = 0; i < owners.length; ++i) {
            views[i] = _view(owners[i], tokens[i]);
        }
    }

    function _view(address owner, address token) private view returns (AccountView memory) {
        Account account = _accounts[token][owner].account;
        return
            AccountView({
                balance: account.balance(),
                window: account.window(),
                nextNonce: account.nextNonce(),
                frozenUntil: _frozenUntil[owner][token]
            });
    }
}
