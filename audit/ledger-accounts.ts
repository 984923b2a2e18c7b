import type { ContractName, RecordContracts } from "../sdk/record/contracts.ts";
import { nameOf } from "../sdk/record/contracts.ts";
import type { AccountState, Books, DeviceState, Touched } from "./books.ts";
import type { ExceptionLog, Place } from "./exceptions.ts";
import { emptyJournal, type Journal, type JournalLine } from "./journal.ts";
import { useNonce } from "./nonce-window.ts";

/** Where and when something happened. */
export interface Moment extends Place {
  /** Unix seconds. */
  readonly timestamp: bigint;
}

const SECONDS_A_DAY = 86_400n;
const INDEX_AT = 56n;
const SEQUENCE_MASK = 2n ** INDEX_AT - 1n;

/** Moves money between accounts, keeps the journal of it, and takes down what an owner could not have done. */
export interface LedgerAccounts {
  account(token: string, owner: string, at: Place): AccountState & Touched;
  /** What a signed payment does to the payer's account, or to her device. @returns whose signature it needs. */
  pay(payment: AccountPayment, at: Moment): string;
  credit(token: string, owner: string, amount: bigint, at: Place): void;
  /** Lowers an account by its owner's or spender's own act. */
  lower(token: string, owner: string, amount: bigint, at: Moment): void;
  /** What stands against the accounts: money that came (positive) or went. */
  reserve(token: string, amount: bigint, at: Place): void;
  useNonce(token: string, owner: string, nonce: bigint, at: Place): void;
}

export interface AccountPayment {
  readonly id: string;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: bigint;
  readonly nonce: bigint;
}

export function createLedgerAccounts(books: Books, contracts: RecordContracts, { note }: ExceptionLog): LedgerAccounts {
  const lines = new Map<string, JournalLine>();

  function lineOf(owner: string): JournalLine {
    let line = lines.get(owner);
    if (line === undefined) {
      const name: ContractName | undefined = nameOf(contracts, owner);
      line = name === "escrow" || name === "exchange" || name === "gateway" ? name : "owners";
      // As many as there are owners at most, and forgotten rather than let grow.
      if (lines.size > 100_000) lines.clear();
      lines.set(owner, line);
    }
    return line;
  }

  function journal(token: string): Journal {
    let found = books.journals.get(token);
    if (found === undefined) books.journals.set(token, (found = emptyJournal()));
    return found;
  }

  function account(token: string, owner: string, at: Place): AccountState & Touched {
    const key = `${token}:${owner}`;
    let found = books.accounts.get(key);
    if (found === undefined) {
      found = {
        ...{ balance: 0n, window: 0n, nextNonce: 0n, isFlagged: false, frozenUntil: 0n },
        ...{ transactionHash: at.transactionHash, blockNumber: at.blockNumber },
      };
      books.accounts.set(key, found);
    }
    found.transactionHash = at.transactionHash;
    found.blockNumber = at.blockNumber;
    return found;
  }

  function take(token: string, owner: string, amount: bigint, at: Moment): AccountState {
    const found = account(token, owner, at);
    if (found.frozenUntil > at.timestamp) {
      note("lowered_while_frozen", `${owner} ${token}`, at, `by ${amount}, frozen until ${found.frozenUntil}`);
    }
    if (found.balance < amount) note("overdrawn", `${owner} ${token}`, at, `${amount} of ${found.balance}`);
    found.balance -= amount;
    journal(token)[lineOf(owner)].debits += amount;
    return found;
  }

  function payByDevice(payment: AccountPayment, index: bigint, at: Moment): string {
    const { id, payer, payee, token, amount, nonce } = payment;
    const device = books.devices.get(`${token}:${payer}:${index}`);
    if (device === undefined || BigInt(device.key) === 0n) {
      note("device_exceeded", id, at, `no device ${index} is bound`);
      return payer;
    }
    Object.assign(device, { transactionHash: at.transactionHash, blockNumber: at.blockNumber });
    const wrong = whyNot(device, payee, amount, at);
    if (wrong !== null) note("device_exceeded", id, at, wrong);
    const today = at.timestamp / SECONDS_A_DAY;
    device.spent = (device.day === today ? device.spent : 0n) + amount;
    device.day = today;
    if (!useNonce(device, nonce & SEQUENCE_MASK)) note("nonce_reused", id, at, `nonce ${nonce} of device ${index}`);
    return device.key;
  }

  return {
    account,
    pay(payment, at) {
      const { id, payer, token, amount, nonce } = payment;
      const found = take(token, payer, amount, at);
      // A signed payment takes the flag of a freeze that has ended down.
      found.isFlagged = false;
      if (amount === 0n) note("batch_differs", id, at, "a payment of nothing");
      const index = nonce >> INDEX_AT;
      if (index !== 0n) return payByDevice(payment, index, at);
      if (!useNonce(found, nonce)) note("nonce_reused", id, at, `nonce ${nonce} of ${payer} in ${token}`);
      return payer;
    },
    credit(token, owner, amount, at) {
      if (amount === 0n) return;
      account(token, owner, at).balance += amount;
      journal(token)[lineOf(owner)].credits += amount;
    },
    lower(token, owner, amount, at) {
      if (amount !== 0n) take(token, owner, amount, at);
    },
    reserve(token, amount, at) {
      const { reserves } = journal(token);
      if (amount > 0n) reserves.debits += amount;
      else reserves.credits -= amount;
      const supply = books.supplies.get(token) ?? { amount: 0n, ...at };
      const { transactionHash, blockNumber } = at;
      books.supplies.set(token, { amount: supply.amount + amount, transactionHash, blockNumber });
    },
    useNonce(token, owner, nonce, at) {
      if (useNonce(account(token, owner, at), nonce)) return;
      note("nonce_reused", `${owner} ${token}`, at, `nonce ${nonce}`);
    },
  };
}

function whyNot(device: DeviceState, payee: string, amount: bigint, { timestamp }: Moment): string | null {
  const spent = device.day === timestamp / SECONDS_A_DAY ? device.spent : 0n;
  if (timestamp > device.expiry) return `it ended at ${device.expiry}`;
  if (amount > device.perPayment) return `${amount} at once, of ${device.perPayment}`;
  if (spent + amount > device.perDay) return `${spent + amount} in a day, of ${device.perDay}`;
  const mayPay = device.isForAnyPayee || device.payees.has(`${device.generation}:${payee}`);
  return mayPay ? null : `it may not pay ${payee}`;
}
