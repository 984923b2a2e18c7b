import { AbiCoder, decodeBytes32String, Interface, type JsonRpcProvider, ZeroHash } from "ethers";

import type { CurrencyView } from "../../sdk/client.ts";
import { inTime } from "./timeout.ts";

const TOKEN = new Interface([
  "function symbol() view returns (string)",
  "function name() view returns (string)",
  "function decimals() view returns (uint8)",
  "function eip712Domain() view returns (bytes1, string, string, uint256, address, bytes32, uint256[])",
]);

/** More digits than the largest balance has. */
const MAX_DECIMALS = 38;
const MAX_CODE = 16;
const MAX_NAME = 64;
/** Chain, contract, name and version, and no salt: what ERC-3009 and ERC-2612 are signed under. */
const DOMAIN_FIELDS = "0x0f";

/**
 * What tokens say of themselves, in their order. A token cannot stop it, whatever it answers: of one that does not say its
 * decimals, the smallest units are shown, under its shortened address, so that nobody takes an amount for less than it is.
 */
export function readCurrencies(
  provider: JsonRpcProvider,
  chainId: bigint,
  tokens: readonly string[],
  onFallback: (token: string) => void,
): Promise<CurrencyView[]> {
  return Promise.all(tokens.map((token) => readCurrency(provider, chainId, token, onFallback)));
}

async function readCurrency(
  provider: JsonRpcProvider,
  chainId: bigint,
  token: string,
  onFallback: (token: string) => void,
): Promise<CurrencyView> {
  const ask = async (question: string): Promise<string | undefined> => {
    const answer = await inTime(provider.call({ to: token, data: TOKEN.encodeFunctionData(question) })).catch(
      () => undefined,
    );
    return answer === "0x" ? undefined : answer;
  };
  const [symbol, name, decimals, domain] = await Promise.all(
    ["symbol", "name", "decimals", "eip712Domain"].map((question) => ask(question)),
  );
  const short = `${token.slice(0, 6)}…${token.slice(-4)}`;
  const places = readDecimals(decimals);
  if (places === undefined) {
    onFallback(token);
    return { token, code: short, name: short, decimals: 0, signing: null };
  }
  const code = readText(symbol, MAX_CODE);
  if (code === undefined) onFallback(token);
  return {
    token,
    code: code ?? short,
    name: readText(name, MAX_NAME) ?? code ?? short,
    decimals: places,
    signing: readDomain(domain, chainId, token),
  };
}

function readDecimals(answer: string | undefined): number | undefined {
  if (answer?.length !== 66) return undefined;
  const value = BigInt(answer);
  return value <= MAX_DECIMALS ? Number(value) : undefined;
}

/** @returns undefined for what is no text, too long, or has characters that hide or turn others around. */
function readText(answer: string | undefined, limit: number): string | undefined {
  if (answer === undefined) return undefined;
  const text = decode(() =>
    // Some old tokens have 32 bytes for a text.
    answer.length === 66
      ? decodeBytes32String(answer)
      : String(AbiCoder.defaultAbiCoder().decode(["string"], answer)[0]),
  )?.trim();
  if (text === undefined || text === "" || text.length > limit) return undefined;
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? undefined : text;
}

/** A domain of another chain or contract is none: what is signed under it would be good there, not here. */
function readDomain(answer: string | undefined, chainId: bigint, token: string): CurrencyView["signing"] {
  if (answer === undefined) return null;
  const domain = decode(() => TOKEN.decodeFunctionResult("eip712Domain", answer).toArray() as unknown[]);
  if (domain === undefined) return null;
  const [fields, name, version, chain, contract, salt] = domain;
  const isOwn = fields === DOMAIN_FIELDS && chain === chainId && contract === token && salt === ZeroHash;
  return isOwn && typeof name === "string" && typeof version === "string" ? { name, version } : null;
}

function decode<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
