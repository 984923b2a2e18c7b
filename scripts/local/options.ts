import { createServer } from "node:net";
import { parseArgs } from "node:util";

/** What the user of `npm start` can choose. */
export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly payments: number;
  readonly chainPort: number;
  readonly port: number;
}

/** A mistake of the caller: printed without a stack. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): StartOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        payments: { type: "string", default: "300" },
        "chain-port": { type: "string", default: environment.CORRIDOR_CHAIN_PORT ?? "8545" },
        port: { type: "string", default: environment.CORRIDOR_PORT ?? "8080" },
      },
    }));
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}\n` +
        "Usage: npm start -- [--once] [--json] [--payments N] [--port P] [--chain-port P]",
    );
  }
  return {
    once: values.once,
    json: values.json,
    payments: wholeNumber("--payments", values.payments, 1, 1_000_000),
    chainPort: wholeNumber("--chain-port", values["chain-port"], 1, 65_535),
    port: wholeNumber("--port", values.port, 1, 65_535),
  };
}

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UsageError(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

/** @throws UsageError if something listens there already. */
export async function requireFreePort(port: number, option: string, variable: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", () => {
      reject(
        new UsageError(
          `Port ${port} is taken. Stop what uses it, or choose another: npm start -- ${option} ${port + 1} (or ${variable}).`,
        ),
      );
    });
    probe.listen(port, "127.0.0.1", () => {
      probe.close(() => {
        resolve();
      });
    });
  });
}
