import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes } from "@noble/hashes/utils.js";

import { HOLD_STATUSES } from "../sdk/hold.ts";
import type { ContractName, RecordContracts } from "../sdk/record/contracts.ts";
import { type AccountState, type Books, type DeviceState, type HoldState, type Touched } from "./books.ts";
import type { Place } from "./exceptions.ts";

/** A slot of a contract, and the word that the events come to. */
export interface ExpectedSlot {
  readonly contract: string;
  readonly slot: string;
  readonly word: bigint;
  /** Bits that the events tell; the others are not compared. */
  readonly mask: bigint;
  /** In words, for people. */
  readonly what: string;
  readonly place: Place;
}

/** Where the contracts' mappings stand; `storageLayout` of the compiler, for the code of this repository. */
const LEDGER = { accounts: 3, frozenUntil: 4, agreements: 5, supplies: 6, allowances: 7, operators: 8 };
const ESCROW = { holds: 2 };
const EXCHANGE = { fills: 3, generations: 4, guards: 5, refunded: 6 };

/** Within `AccountSlot` and `Device`. */
const DEVICES = 1n;
const DEVICE = { key: 0n, limits: 1n, state: 2n, payees: 3n };
/** A guard's exponent comes from decimals, which no event tells. */
const EXPONENT_AT = 208n;

const WORD = 2n ** 256n - 1n;

/** Every slot that the events say something about. */
export function* expectedSlots(books: Books, contracts: RecordContracts): Generator<ExpectedSlot, void, undefined> {
  yield* ledgerSlots(books, contracts.ledger);
  yield* escrowSlots(books, contracts.escrow);
  yield* exchangeSlots(books, contracts.exchange);
}

function* ledgerSlots(books: Books, contract: string): Generator<ExpectedSlot, void, undefined> {
  const slots = slotsOf("ledger", contract);
  for (const [key, account] of books.accounts) {
    const [token, owner] = parts(key);
    yield slots(
      nested(LEDGER.accounts, token, owner),
      accountWord(account),
      `account of ${owner} in ${token}`,
      account,
    );
    if (account.frozenUntil === 0n && !account.isFlagged) continue;
    const what = `freeze of ${owner} in ${token}`;
    yield slots(nested(LEDGER.frozenUntil, owner, token), account.frozenUntil, what, account);
  }
  for (const [key, device] of books.devices) {
    const [token, owner, index] = parts(key);
    const base = entry(BigInt(index), hex(nested(LEDGER.accounts, token, owner) + DEVICES));
    const what = `device ${index} of ${owner} in ${token}`;
    yield slots(base + DEVICE.key, deviceKeyWord(device), `key of ${what}`, device);
    yield slots(base + DEVICE.limits, device.perPayment | (device.perDay << 112n), `limits of ${what}`, device);
    yield slots(base + DEVICE.state, deviceStateWord(device), `state of ${what}`, device);
    for (const one of device.payees) {
      const [generation, payee] = parts(one);
      const place = entry(BigInt(payee) | (BigInt(generation) << 160n), hex(base + DEVICE.payees));
      yield slots(place, 1n, `payee ${payee} of ${what}`, device);
    }
  }
  for (const [key, { feeBps, flatFee, ...at }] of books.agreements) {
    const [payee, operator, token] = parts(key);
    const word = flatFee | (feeBps << 128n);
    yield slots(nested(LEDGER.agreements, payee, operator, token), word, `agreement of ${key}`, at);
  }
  for (const [token, { amount, ...at }] of books.supplies) {
    yield slots(nested(LEDGER.supplies, token), amount, `supply of ${token}`, at);
  }
  for (const [key, { amount, ...at }] of books.allowances) {
    const [owner, spender, token] = parts(key);
    yield slots(nested(LEDGER.allowances, owner, spender, token), amount, `allowance of ${key}`, at);
  }
  for (const [key, { isApproved, ...at }] of books.operators) {
    const [owner, spender] = parts(key);
    yield slots(nested(LEDGER.operators, owner, spender), isApproved ? 1n : 0n, `operator of ${key}`, at);
  }
}

function* escrowSlots(books: Books, contract: string | null): Generator<ExpectedSlot, void, undefined> {
  const slots = slotsOf("escrow", contract ?? "");
  for (const [id, hold] of books.holds)
    yield slots(entry(BigInt(id), hex(BigInt(ESCROW.holds))), holdWord(hold), `hold ${id}`, hold);
}

function* exchangeSlots(books: Books, contract: string | null): Generator<ExpectedSlot, void, undefined> {
  const slots = slotsOf("exchange", contract ?? "");
  for (const [id, { filled, isCancelled, ...at }] of books.fills) {
    yield slots(nested(EXCHANGE.fills, id), filled | (isCancelled ? 1n << 128n : 0n), `fill of quote ${id}`, at);
  }
  for (const [maker, { generation, ...at }] of books.generations) {
    yield slots(nested(EXCHANGE.generations, maker), generation, `generation of ${maker}`, at);
  }
  for (const [hold, { amount, ...at }] of books.fxRefunds) {
    yield slots(nested(EXCHANGE.refunded, hold), amount, `refunds of hold ${hold}`, at);
  }
  for (const [key, { guard, ...at }] of books.guards) {
    const [payToken, settleToken] = parts(key);
    const base = nested(EXCHANGE.guards, payToken, settleToken);
    const word =
      guard === null
        ? 0n
        : BigInt(guard.payFeed) | (guard.maxAge << 160n) | (guard.maxDeviationBps << 192n) | (1n << (EXPONENT_AT + 8n));
    const mask = guard === null ? WORD : WORD ^ (0xffn << EXPONENT_AT);
    yield { ...slots(base, word, `guard of ${key}`, at), mask };
    yield slots(base + 1n, guard === null ? 0n : BigInt(guard.settleFeed), `feed of ${key}`, at);
  }
}

function slotsOf(name: ContractName, contract: string) {
  return (slot: bigint, word: bigint, what: string, { transactionHash, blockNumber }: Touched): ExpectedSlot => ({
    ...{ contract, slot: `0x${hex(slot)}`, word: word & WORD, mask: WORD, what: `${name}: ${what}` },
    place: { transactionHash, blockNumber },
  });
}

/** Where the value of a mapping of mappings stands. */
function nested(slot: number, ...keys: readonly string[]): bigint {
  return keys.reduce((at, key) => entry(BigInt(key), hex(at)), BigInt(slot));
}

function entry(key: bigint, slot: string): bigint {
  return BigInt(`0x${Buffer.from(keccak_256(hexToBytes(hex(key) + slot))).toString("hex")}`);
}

function hex(word: bigint): string {
  return (word & WORD).toString(16).padStart(64, "0");
}

function parts(key: string): [string, string, string] {
  const [first = "", second = "", third = ""] = key.split(":");
  return [first, second, third];
}

export function accountWord({ balance, window, nextNonce, isFlagged }: AccountState): bigint {
  return (balance & (2n ** 128n - 1n)) | (window << 128n) | (nextNonce << 192n) | (isFlagged ? 1n << 248n : 0n);
}

function deviceKeyWord({ key, expiry, generation, isForAnyPayee }: DeviceState): bigint {
  return BigInt(key) | (expiry << 160n) | (generation << 208n) | (isForAnyPayee ? 1n << 248n : 0n);
}

function deviceStateWord({ window, nextNonce, day, spent }: DeviceState): bigint {
  return window | (nextNonce << 64n) | (day << 120n) | (spent << 144n);
}

function holdWord({ status, disputedAt, captured, refunded }: HoldState): bigint {
  return captured | (refunded << 104n) | (disputedAt << 208n) | (BigInt(HOLD_STATUSES.indexOf(status)) << 248n);
}
