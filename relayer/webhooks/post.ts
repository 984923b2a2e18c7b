import { lookup, type LookupAddress } from "node:dns";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";

import { AppError } from "../app-error.ts";
import { isPublicAddress, literalAddress } from "./address-policy.ts";

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The operator named this URL in the configuration, so it may be anywhere. */
  readonly trusted: boolean;
  readonly signal: AbortSignal;
}

export interface Poster {
  /**
   * Posts a message, follows no redirect and reads a bounded part of the answer. @returns the HTTP status.
   * @throws AppError `address_refused` if the connection would have gone to an address that is not public.
   */
  post(message: Message): Promise<number>;
  close(): void;
}

export type Resolve = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | "IPv4" | "IPv6" },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What of an answer is read, so that the connection can be used again; above it, it is cut. */
const MAX_ANSWER = 64 * 1024;
const IDLE_MS = 30_000;

/**
 * @param allowPrivate Whether all may be anywhere.
 * @param resolve How names are looked up; the connection is made to what it answers.
 */
export function createPoster(allowPrivate: boolean, resolve: Resolve = lookup): Poster {
  // Connections are kept apart: one that the operator may have must not serve anybody else.
  const agents = [true, false].map((trusted) => {
    const options = { keepAlive: true, maxFreeSockets: 64, timeout: IDLE_MS };
    return { trusted, http: new http.Agent(options), https: new https.Agent(options) };
  });

  function send(message: Message, url: URL, guarded: boolean): Promise<number> {
    return new Promise((done, fail) => {
      const secure = url.protocol === "https:";
      const agent = agents.find(({ trusted }) => trusted === message.trusted);
      const request = (secure ? https : http).request(url, {
        method: "POST",
        agent: secure ? agent?.https : agent?.http,
        headers: { ...message.headers, "content-length": Buffer.byteLength(message.body) },
        signal: message.signal,
        ...(guarded ? { lookup: publicLookup(resolve) } : { lookup: plainLookup(resolve) }),
      });
      let answered = false;
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The status decides, however the rest of the answer ends.
        if (answered) return;
        // The other side closed a connection that it had kept open, just as it was to be used again.
        if (request.reusedSocket && error.code === "ECONNRESET") send(message, url, guarded).then(done, fail);
        else fail(error);
      });
      request.on("response", (response) => {
        answered = true;
        const status = response.statusCode ?? 0;
        let read = 0;
        response.on("data", (chunk: Buffer) => {
          read += chunk.length;
          if (read > MAX_ANSWER) response.destroy();
        });
        response.on("error", () => undefined);
        response.on("close", () => {
          done(status);
        });
      });
      request.end(message.body);
    });
  }

  return {
    async post(message) {
      const url = new URL(message.url);
      const guarded = !allowPrivate && !message.trusted;
      const literal = literalAddress(url);
      if (guarded && literal !== undefined && !isPublicAddress(literal)) throw refusal();
      if (guarded && url.protocol !== "https:") throw new AppError("address_refused", "the URL is not https");
      return send(message, url, guarded);
    },
    close() {
      for (const agent of agents) {
        agent.http.destroy();
        agent.https.destroy();
      }
    },
  };
}

/** Does not say which address: the name may be one of the operator's own network. */
function refusal(): AppError {
  return new AppError("address_refused", "the URL does not lead to a public address");
}

/** The socket connects to the very addresses that are judged here, so an answer that changes gains nothing. */
function publicLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, familyOf(options), (error, addresses) => {
      if (error !== null) callback(error, []);
      else if (!addresses.every(({ address }) => isPublicAddress(address))) callback(refusal(), []);
      else answer(options.all === true, addresses, callback);
    });
  };
}

function plainLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, familyOf(options), (error, addresses) => {
      if (error !== null) callback(error, []);
      else answer(options.all === true, addresses, callback);
    });
  };
}

function familyOf({ family }: Parameters<LookupFunction>[1]): Parameters<Resolve>[1] {
  return family === undefined ? { all: true } : { all: true, family };
}

function answer(all: boolean, addresses: LookupAddress[], callback: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  if (all) callback(null, addresses);
  else if (first === undefined) callback(new AppError("name_unknown", "the name is not known"), []);
  else callback(null, first.address, first.family);
}
