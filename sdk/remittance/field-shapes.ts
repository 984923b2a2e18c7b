import { getAddress } from "ethers";
import { z } from "zod";

import { COUNTRY, isCountry } from "../countries.ts";
import { isPlainText, PLAIN_TEXT } from "../plain-text.ts";

/** Text as people read it. In one Unicode form, so that what looks equal has equal bytes. @param maximum Characters. */
export function text(maximum: number) {
  const expected = `1 to ${maximum} characters in Unicode's form NFC, none of them a control character or one that changes the direction of text`;
  return z
    .string(expected)
    .refine((value) => isPlainText(value, maximum) && value.normalize("NFC") === value, expected)
    .meta({ pattern: PLAIN_TEXT, minLength: 1, maxLength: maximum });
}

export function matching(pattern: RegExp, expected: string) {
  return z.string(expected).regex(pattern, expected);
}

export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, `one of ${words.join(", ")}`);
}

export function listOf<T extends z.ZodType>(item: T, maximum: number) {
  const expected = `an array of 1 to ${maximum}`;
  return z.array(item, expected).min(1, expected).max(maximum, expected);
}

export const country = z.string(COUNTRY).refine(isCountry, COUNTRY).meta({ pattern: "^[A-Z]{2}$" });

const AMOUNT = "a decimal number of up to 18 digits before the point and 18 behind it, as a string";
export const amount = matching(/^(0|[1-9]\d{0,17})(\.\d{1,18})?$/, AMOUNT);

const RATE = "a percentage of up to 4 places, as a string";
export const rate = matching(/^(0|[1-9]\d{0,2})(\.\d{1,4})?$/, RATE);

const DATE = "a day, YYYY-MM-DD";
export const date = matching(/^\d{4}-\d{2}-\d{2}$/, DATE).refine((value) => isDay(value), DATE);

function isDay(value: string): boolean {
  const time = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value);
}

const ACCOUNT = "an address with its EIP-55 checksum";
export const account = z
  .string(ACCOUNT)
  .refine((value) => {
    try {
      return getAddress(value) === value;
    } catch {
      return false;
    }
  }, ACCOUNT)
  .meta({ pattern: "^0x[0-9a-fA-F]{40}$" });

/** 32 bytes in hex, in the one form that documents have. */
export const hash = matching(/^0x[0-9a-f]{64}$/, "0x and 64 hex digits in small letters");

/** By ISO 17442: 18 letters and digits, and two digits by which the whole is 1 modulo 97 (ISO 7064). */
export function isLei(value: string): boolean {
  if (!/^[A-Z0-9]{18}\d{2}$/.test(value)) return false;
  const digits = Array.from(value, (sign) => parseInt(sign, 36).toString()).join("");
  return BigInt(digits) % 97n === 1n;
}
