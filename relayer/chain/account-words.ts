import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";

const WORD = 64;
const SELECTOR = Ledger__factory.createInterface().getFunction("accountsOf").selector;
/** Members of `AccountView`, a word each. */
const MEMBERS = 4;

export interface AccountWords {
  readonly balance: bigint;
  readonly window: bigint;
  readonly nextNonce: bigint;
  readonly frozenUntil: bigint;
}

/** The calldata of `accountsOf`: what ethers encodes, without its hash of every address. */
export function encodeAccountsOf(keys: readonly { readonly owner: string; readonly token: string }[]): string {
  const count = word(keys.length);
  const addresses = (of: "owner" | "token"): string =>
    keys.map((key) => key[of].slice(2).toLowerCase().padStart(WORD, "0")).join("");
  const second = word((2 + 1 + keys.length) * 32);
  return SELECTOR + word(2 * 32) + second + count + addresses("owner") + count + addresses("token");
}

/** What `accountsOf` answered. @throws Error if it is not as many accounts as were asked for. */
export function decodeAccountsOf(answer: string, count: number): AccountWords[] {
  const start = 2 + 2 * WORD;
  if (answer.length !== start + count * MEMBERS * WORD || read(answer, 2 + WORD) !== BigInt(count)) {
    throw new Error(`accountsOf answered other than ${count} accounts`);
  }
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * MEMBERS * WORD;
    return {
      balance: read(answer, at),
      window: read(answer, at + WORD),
      nextNonce: read(answer, at + 2 * WORD),
      frozenUntil: read(answer, at + 3 * WORD),
    };
  });
}

function read(text: string, at: number): bigint {
  return BigInt(`0x${text.slice(at, at + WORD)}`);
}

function word(value: number): string {
  return value.toString(16).padStart(WORD, "0");
}
