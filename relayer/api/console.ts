import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fastifyStatic from "@fastify/static";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";

import { contentSecurityPolicy, DOCUMENT_HEADERS, type Face } from "./content-security.ts";

export interface ConsoleSettings {
  /** Where it was built. */
  readonly folder: string;
  /** The node that its documents may ask. */
  readonly rpcUrl: string | null;
}

/** Stands in the document for the nonce of each answer. */
const NONCE = "%CSP_NONCE%";

const FACES: Readonly<Record<string, Face>> = {
  "/": "start",
  "/pay/*": "checkout",
  "/merchant": "merchant",
  "/merchant/*": "merchant",
  "/audit": "audit",
  "/audit/*": "audit",
  "/receipt/*": "receipt",
};

/** Serves the console, one document for all its faces and what that loads; or says in the log that it is not built. */
export function addConsole(server: FastifyInstance, { folder, rpcUrl }: ConsoleSettings, log: FastifyBaseLogger): void {
  const document = readDocument(folder);
  if (document === undefined) {
    log.info({ folder }, "the console is not built and not served");
    return;
  }
  for (const [path, face] of Object.entries(FACES)) {
    server.get(path, (_request, reply) => {
      const nonce = randomBytes(16).toString("base64url");
      return reply
        .headers(DOCUMENT_HEADERS)
        .header("content-security-policy", contentSecurityPolicy(face, nonce, rpcUrl))
        .type("text/html; charset=utf-8")
        .send(document.replaceAll(NONCE, nonce));
    });
  }
  void server.register(fastifyStatic, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    decorateReply: false,
    index: false,
    dotfiles: "ignore",
    preCompressed: true,
    // A file's name says what is in it.
    immutable: true,
    maxAge: "365d",
    setHeaders: (reply) => {
      void reply.header("x-content-type-options", "nosniff").header("cross-origin-resource-policy", "same-origin");
    },
  });
}

/** Read once: whoever builds it anew starts the relayer anew, so that the document and what it loads belong together. */
function readDocument(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, "index.html"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
