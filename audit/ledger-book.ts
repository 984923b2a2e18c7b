import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { Books, DeviceState } from "./books.ts";
import { type ChainEvent, text, tokenOf, whole } from "./chain-events.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { feeOn, shareFee } from "./fees.ts";
import type { LedgerAccounts, Moment } from "./ledger-accounts.ts";
import { createTransferPairs } from "./transfer-pairs.ts";

/** A payment that the events say settled. */
export interface SettledPayment {
  readonly id: string;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly memo: string;
  readonly operator: string;
  /** What it bears of the batch's fee, by its amount. */
  readonly feeShare: bigint;
  /** Whose signature it needs: the payer's, or her device's. */
  readonly signer: string;
  readonly isPulled: boolean;
}

/** What the Ledger's events do to the books, one after another. */
export interface LedgerBook {
  apply(event: ChainEvent, at: Moment): readonly SettledPayment[];
  /** After the last event of a transaction. */
  close(at: Moment): void;
}

export const NOBODY = `0x${"0".repeat(40)}`;
const MAX_FREEZE = 30n * 86_400n;

type OpenRow = Pick<SettledPayment, "id" | "payer" | "payee" | "amount" | "nonce" | "memo">;

export function createLedgerBook(
  books: Books,
  contracts: RecordContracts,
  accounts: LedgerAccounts,
  exceptions: ExceptionLog,
): LedgerBook {
  const { note } = exceptions;
  const schemes = new Set(
    [contracts.gateway, contracts.exchange, contracts.escrow].flatMap((address) => address?.toLowerCase() ?? []),
  );
  const pairs = createTransferPairs(books, exceptions);
  let rows: OpenRow[] = [];

  function settle(event: ChainEvent, at: Moment): SettledPayment[] {
    const [payee, token, operator] = [text(event, "payee"), text(event, "token"), text(event, "operator")];
    const [gross, fee] = [whole(event, "gross"), whole(event, "fee")];
    const agreement = books.agreements.get(`${payee}:${operator}:${token}`);
    const amounts = rows.map(({ amount }) => amount);
    const shares = shareFee(fee, amounts);
    const settled = rows.map((row, index): SettledPayment => {
      const signer = accounts.pay({ ...row, token }, at);
      return { ...row, token, operator, feeShare: shares[index] ?? 0n, signer, isPulled: false };
    });
    rows = [];
    checkBatch(event, settled, at, note);
    // Of what a scheme collects there is no fee, whatever it agreed with itself.
    const due = amounts.reduce((sum, amount) => sum + feeOn(agreement, amount), 0n);
    const isCollected = operator === payee && fee === 0n;
    if (fee !== due && !isCollected) note("fee_differs", `${payee} ${operator}`, at, `${fee} taken, ${due} agreed`);
    accounts.credit(token, payee, gross - fee, at);
    if (operator !== payee) addStray(token, payee, gross - fee);
    accounts.credit(token, operator, fee, at);
    addFee(books, token, operator, fee);
    return settled;
  }

  function transfer(event: ChainEvent, at: Moment): void {
    const [sender, receiver, amount] = [text(event, "sender"), text(event, "receiver"), whole(event, "amount")];
    const [caller, token] = [text(event, "caller"), tokenOf(whole(event, "id"))];
    pairs.check({ caller, sender, receiver, token, amount }, at);
    if (sender === NOBODY) accounts.reserve(token, amount, at);
    else accounts.lower(token, sender, amount, at);
    if (receiver === NOBODY) accounts.reserve(token, -amount, at);
    else accounts.credit(token, receiver, amount, at);
    if (caller !== receiver) addStray(token, receiver, amount);
  }

  /** What comes into a scheme's account by others than itself: nobody can take it out again, and the scheme owes it to nobody. */
  function addStray(token: string, owner: string, amount: bigint): void {
    if (!schemes.has(owner)) return;
    const key = `${token}:${owner}`;
    books.strays.set(key, (books.strays.get(key) ?? 0n) + amount);
  }

  function freeze(event: ChainEvent, at: Moment): void {
    const account = accounts.account(text(event, "token"), text(event, "owner"), at);
    account.isFlagged = event.name === "Frozen";
    account.frozenUntil = account.isFlagged ? whole(event, "until") : 0n;
    if (account.isFlagged && account.frozenUntil > at.timestamp + MAX_FREEZE) {
      note("freeze_too_long", text(event, "owner"), at, `until ${account.frozenUntil} from ${at.timestamp}`);
    }
  }

  function device(event: ChainEvent, at: Moment): void {
    const key = `${text(event, "token")}:${text(event, "owner")}:${whole(event, "index")}`;
    const { transactionHash, blockNumber } = at;
    const before = books.devices.get(key) ?? emptyDevice();
    if (event.name === "DeviceRevoked") {
      const none = { key: NOBODY, expiry: 0n, isForAnyPayee: false };
      books.devices.set(key, { ...before, ...none, transactionHash, blockNumber });
      return;
    }
    const generation = before.generation + 1n;
    const payees = event.fields.payees as readonly string[];
    for (const payee of payees) before.payees.add(`${generation}:${payee}`);
    const [perPayment, perDay] = [whole(event, "perPayment"), whole(event, "perDay")];
    books.devices.set(key, {
      ...{ ...before, generation, perPayment, perDay, isForAnyPayee: payees.length === 0 },
      ...{ key: text(event, "key"), expiry: whole(event, "expiry"), transactionHash, blockNumber },
    });
  }

  return {
    apply(event, at) {
      const { transactionHash, blockNumber } = at;
      switch (event.name) {
        case "Settled":
          rows.push({
            ...{ id: text(event, "id"), payer: text(event, "payer"), payee: text(event, "payee") },
            ...{ amount: whole(event, "amount"), nonce: whole(event, "nonce"), memo: text(event, "memo") },
          });
          break;
        case "BatchSettled":
          return settle(event, at);
        case "Transfer":
          transfer(event, at);
          break;
        case "Deposited":
          books.counters.deposits += 1;
          pairs.deposited(event);
          break;
        case "Withdrawn": {
          books.counters.withdrawals += 1;
          pairs.withdrawn(event);
          const account = accounts.account(text(event, "token"), text(event, "owner"), at);
          if (BigInt(text(event, "id")) !== 0n) account.isFlagged = false;
          break;
        }
        case "NonceUsed":
          accounts.useNonce(text(event, "token"), text(event, "owner"), whole(event, "nonce"), at);
          break;
        case "AgreementSet": {
          const key = ["payee", "operator", "token"].map((name) => text(event, name)).join(":");
          const [feeBps, flatFee] = [whole(event, "feeBps"), whole(event, "flatFee")];
          books.agreements.set(key, { feeBps, flatFee, transactionHash, blockNumber });
          break;
        }
        case "Approval": {
          const key = [text(event, "owner"), text(event, "spender"), tokenOf(whole(event, "id"))].join(":");
          books.allowances.set(key, { amount: whole(event, "amount"), transactionHash, blockNumber });
          break;
        }
        case "OperatorSet": {
          const isApproved = event.fields.approved === true;
          const key = `${text(event, "owner")}:${text(event, "spender")}`;
          books.operators.set(key, { isApproved, transactionHash, blockNumber });
          break;
        }
        case "Frozen":
        case "Unfrozen":
          freeze(event, at);
          break;
        case "DeviceBound":
        case "DeviceRevoked":
          device(event, at);
          break;
        case "Rejected":
          books.counters.rejections += 1;
          break;
        default:
      }
      return [];
    },
    close(at) {
      for (const { id } of rows) note("batch_differs", id, at, "no event credits its batch");
      rows = [];
      pairs.close(at);
    },
  };
}

/** A batch must say of its payments what they say themselves. */
export function checkBatch(
  event: ChainEvent,
  settled: readonly Pick<SettledPayment, "id" | "payee" | "amount">[],
  at: Moment,
  note: ExceptionLog["note"],
): void {
  const payee = text(event, "payee");
  const sum = settled.reduce((total, { amount }) => total + amount, 0n);
  const subject = `${payee} ${text(event, "token")}`;
  const [payments, gross] = [whole(event, "payments"), whole(event, "gross")];
  if (payments !== BigInt(settled.length))
    note("batch_differs", subject, at, `${payments} of ${settled.length} payments`);
  if (gross !== sum) note("batch_differs", subject, at, `${gross} credited, ${sum} paid`);
  const other = settled.find((row) => row.payee !== payee);
  if (other !== undefined) note("batch_differs", other.id, at, `paid to ${other.payee}, credited to ${payee}`);
}

export function addFee(books: Books, token: string, operator: string, fee: bigint): void {
  if (fee === 0n) return;
  const key = `${token}:${operator}`;
  books.fees.set(key, (books.fees.get(key) ?? 0n) + fee);
}

function emptyDevice(): DeviceState {
  return {
    ...{
      key: NOBODY,
      expiry: 0n,
      generation: 0n,
      isForAnyPayee: false,
      perPayment: 0n,
      perDay: 0n,
      day: 0n,
      spent: 0n,
    },
    ...{ window: 0n, nextNonce: 0n, payees: new Set<string>() },
  };
}
