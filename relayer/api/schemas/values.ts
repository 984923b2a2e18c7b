import { BPS } from "../../../sdk/hold.ts";
import { MAX_SIGNATURE_BYTES } from "../../intake/authorization.ts";
import { described, type JsonSchema } from "./json-schema.ts";

function text(pattern: string, example: string, description: string): JsonSchema {
  return { type: "string", pattern, examples: [example], description };
}

export const ADDRESS = text(
  "^0x[0-9a-fA-F]{40}$",
  "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  "An address. In mixed case its EIP-55 checksum must be right.",
);

const HASH_EXAMPLE = "0x9c22ff5f21f0b81b113e63f7db6da94fedef11b2119b4088b89664fb9a3cb658";

export const HASH = text("^0x[0-9a-fA-F]{64}$", HASH_EXAMPLE, "32 bytes in hex.");
export const PAYMENT_ID = text(
  "^0x[0-9a-fA-F]{64}$",
  HASH_EXAMPLE,
  "The payment's EIP-712 digest: its id and its idempotency key.",
);

export const UUID = text(
  "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  "5f3a2c1e-9b4d-8c7f-a012-3456789abcde",
  "A UUID in small letters.",
);

/** A UUID as RFC 9562 has it, with its version and variant. */
export const STRICT_UUID = text(
  "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
  "5f3a2c1e-9b4d-8c7f-a012-3456789abcde",
  "The id of a payment request.",
);

/** At most so many digits; what is above the largest number that fits is refused with `amount_out_of_range`. */
function whole(digits: number, example: string, description: string): JsonSchema {
  return text(`^(0|[1-9][0-9]{0,${digits - 1}})$`, example, description);
}

export const AMOUNT = whole(39, "12340000", "Smallest units of the token, below 2^128; a decimal string.");
export const POSITIVE_AMOUNT = text(
  "^[1-9][0-9]{0,38}$",
  "12340000",
  "Smallest units of the token, above 0 and below 2^128; a decimal string.",
);
/** Of sums and of what may be signed for at most. */
export const WIDE_AMOUNT = whole(78, "12340000", "Smallest units of the token; a decimal string.");
export const NONCE = whole(20, "7", "A nonce of the account, below 2^64; the top byte says who signs.");
export const TIME = whole(15, "4102444800", "Unix seconds; a decimal string.");
export const BLOCK_NUMBER = whole(20, "1234", "A block of the chain; a decimal string.");
export const UNIX_SECONDS = {
  type: "integer",
  minimum: 0,
  maximum: 99_999_999_999,
  examples: [1790899200],
  description: "Unix seconds.",
};
export const COUNT = { type: "integer", minimum: 0, examples: [3] };
export const SHARE = { type: "integer", minimum: 0, maximum: BPS, examples: [250], description: "Of 10,000." };
export const FLAG = { type: "boolean", examples: [false] };
export const DEVICE_INDEX = { type: "integer", minimum: 1, maximum: 255, examples: [1] };

export const SIGNATURE = text(
  `^0x(?:[0-9a-fA-F]{2}){1,${MAX_SIGNATURE_BYTES}}$`,
  `0x${"5b".repeat(64)}1b`,
  "A signature of any kind, in hex: docs/signatures.md.",
);

export const RFC3339 = {
  type: "string",
  format: "date-time",
  examples: ["2030-01-31T00:00:00.000Z"],
  description: "A time by RFC 3339, in UTC.",
};

export const DATE = text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-11-28", "A day, UTC.");
export const CODE = { type: "string", examples: ["insufficient_balance"], description: "Stable." };
export const TRANSACTION = described(HASH, "The transaction that settled it, or the one it travels in.");
