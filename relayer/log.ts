import { pino, type DestinationStream, type Logger } from "pino";

import type { Config } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What of the environment is read by the relayer and the packages that it uses. */
const OURS = /^(CORRIDOR_|MAKER_|DATABASE_URL$|AWS_|OTEL_|PG)/;
const SECRET = /(KEYS?|SECRET|PASSWORD|TOKEN|HEADERS)(_[A-Z]+)?$/;
/** A shorter one would take ordinary words out of the log. */
const LEAST = 6;
/** Providers of nodes put their keys into the path. */
const LEAST_PATH = 16;

/**
 * What must not be logged: keys, secrets and tokens by the names of their settings, and what URLs carry of such.
 * Longest first, so that none is cut by another.
 */
export function secretsOf(environment: Environment): string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !OURS.test(name)) continue;
    for (const part of value.split(",").map((text) => text.trim())) {
      const secrets = SECRET.test(name) && !part.startsWith("kms:") ? secretsInSetting(part) : [];
      for (const secret of [...secrets, ...secretsInUrl(part)]) found.add(secret);
    }
  }
  const forms = [...found].flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return [...new Set(forms)].filter(({ length }) => length >= LEAST).sort((a, b) => b.length - a.length);
}

/** The value, and what of it may be told without the rest: a key's digits, a header's last word. */
function secretsInSetting(text: string): string[] {
  const words = text.split(/[\s=]+/).filter((word) => word !== "");
  return [text, text.replace(/^(0x|whsec_)/, ""), words.at(-1) ?? ""];
}

function secretsInUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password, pathname, search } = new URL(text);
  const values = [...new URLSearchParams(search).values()];
  const segments = pathname.split("/").filter(({ length }) => length >= LEAST_PATH);
  return [password, decodeURIComponent(password), ...segments, ...values];
}

/** @returns the text with every secret, in whichever case, replaced. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => replaceAll(clean, secret), text);
}

function replaceAll(text: string, secret: string): string {
  if (!text.toLowerCase().includes(secret.toLowerCase())) return text;
  return text.replace(new RegExp(secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), "[secret]");
}

/** The log: JSON lines on standard error, none of which has a secret of the environment in it, wherever it came from. */
export function createLog(
  { logLevel }: Pick<Config, "logLevel">,
  environment: Environment,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  const secrets = secretsOf(environment);
  return pino(
    { name: "corridor", level: logLevel },
    {
      write(line) {
        destination.write(withoutSecrets(line, secrets));
      },
    },
  );
}
