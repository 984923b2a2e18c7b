import { parseArgs } from "node:util";

/** What `npm run bench:throughput` is asked to measure. */
export interface BenchOptions {
  readonly payments: number;
  /** Payments that are in the tables already. */
  readonly history: number;
  /** Relayers on one PostgreSQL. */
  readonly relayers: number;
  /** Lanes of each relayer, which are no other's. */
  readonly lanes: number;
  /** The most rows of a transaction; the relayer's own default if it is absent. */
  readonly rows: number | undefined;
  readonly peer: boolean;
  readonly json: boolean;
}

/** @throws Error that names the option and what was expected of it. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      payments: { type: "string", default: "20000" },
      history: { type: "string", default: "0" },
      relayers: { type: "string", default: "1" },
      lanes: { type: "string", default: "2" },
      rows: { type: "string" },
      peer: { type: "boolean", default: true },
    },
    allowNegative: true,
  });
  return {
    payments: wholeNumber("payments", values.payments, 1, 10_000_000),
    history: wholeNumber("history", values.history, 0, 100_000_000),
    relayers: wholeNumber("relayers", values.relayers, 1, 8),
    lanes: wholeNumber("lanes", values.lanes, 1, 8),
    // The relayer's own bounds.
    rows: values.rows === undefined ? undefined : wholeNumber("rows", values.rows, 1, 900),
    peer: values.peer,
    json: values.json,
  };
}

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
  throw new Error(`--${name}: expected a whole number from ${minimum} to ${maximum}`);
}
