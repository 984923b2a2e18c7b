import { hashMessage } from "ethers";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { SessionChallenge, SessionView } from "../../sdk/client.ts";
import { address, readProblem, signature } from "../intake/authorization.ts";
import { readSignature } from "../intake/signature-checks.ts";
import { deleteSession, insertChallenge, insertSession, type SessionRecord, takeChallenge } from "../store/sessions.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import type { Limiter } from "./rate-limits.ts";
import { siteOf } from "./request-site.ts";
import { clearSessionCookie, newSessionSecret, SESSION_SECONDS, setSessionCookie } from "./session-cookie.ts";
import { CHALLENGE_SECONDS, MAX_MESSAGE, readMessage, writeChallenge } from "./session-message.ts";

const MESSAGE = `a message of at most ${MAX_MESSAGE} characters`;

const asked = z.strictObject({ address }, "a JSON object");
const signed = z.strictObject(
  { message: z.string(MESSAGE).min(1, MESSAGE).max(MAX_MESSAGE, MESSAGE), signature },
  "a JSON object",
);

type SessionDependencies = Pick<ApiDependencies, "database" | "signatures" | "network">;

/** Signing in by a signature (EIP-4361): a browser then has a cookie instead of a key. */
export function addSessionRoutes(
  server: FastifyInstance,
  { database, signatures, network }: SessionDependencies,
  limiter: Limiter,
): void {
  server.post("/v1/sessions/challenge", async (request, reply) => {
    const { address: signer } = read(asked, request.body);
    const { nonce, message, expiresAt } = writeChallenge(signer, siteOf(request), chain(), Date.now());
    if (!(await insertChallenge(database, { nonce, message }, CHALLENGE_SECONDS))) throw new HttpProblem("overloaded");
    const body: SessionChallenge = { message, expiresAt };
    return uncached(reply).send(body);
  });

  server.post("/v1/sessions", async (request, reply) => {
    const body = read(signed, request.body);
    const site = siteOf(request);
    // Who has failed so often learns nothing more, and costs the chain no question.
    if (await limiter.hasFailedTooOften(request)) await limiter.count("failures", request, reply);
    const message = readMessage(body.message, site, chain(), Date.now());
    if (!message.ok) return fail(request, reply, badMessage(message.expected));
    // Before the signature is looked at: a challenge is good for one try.
    if ((await takeChallenge(database, message.nonce)) !== body.message) {
      return fail(request, reply, badMessage("a challenge of this relayer that was not used, as it was written"));
    }
    const digest = hashMessage(body.message);
    if ((await readSignature(signatures, message.address, digest, body.signature)) === undefined) {
      const expected = `a signature by ${message.address} (digest ${digest})`;
      return fail(request, reply, new HttpProblem("bad_signature", { field: "signature", expected }));
    }
    const secret = newSessionSecret();
    const session = await insertSession(
      database,
      { secretHash: secret.hash, address: message.address },
      SESSION_SECONDS,
    );
    if (request.session !== null) await deleteSession(database, request.session.id);
    setSessionCookie(reply, secret, site.isSecure);
    return uncached(reply.code(201)).send(viewSession(session));
  });

  server.get("/v1/sessions/current", (request, reply) => {
    if (request.session === null) throw NO_SESSION;
    return uncached(reply).send(viewSession(request.session));
  });

  server.delete("/v1/sessions/current", async (request, reply) => {
    const { isSecure } = siteOf(request);
    if (request.session !== null) await deleteSession(database, request.session.id);
    // Also what was no session any more: the browser is to forget it.
    clearSessionCookie(reply, isSecure);
    return uncached(reply.code(204)).send();
  });

  function chain(): bigint {
    return BigInt(network.chainId);
  }

  async function fail(request: FastifyRequest, reply: FastifyReply, problem: HttpProblem): Promise<never> {
    await limiter.count("failures", request, reply);
    throw problem;
  }
}

const CHALLENGE_HEADER = { "www-authenticate": 'Bearer realm="corridor"' };

const NO_SESSION = new HttpProblem("unauthorized", { field: "cookie", expected: "a session" }, CHALLENGE_HEADER);

function badMessage(expected: string): HttpProblem {
  return new HttpProblem("unauthorized", { field: "message", expected }, CHALLENGE_HEADER);
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problem = readProblem(result.error, "who signs in");
  throw new HttpProblem(problem.code, problem);
}

function uncached(reply: FastifyReply): FastifyReply {
  return reply.header("cache-control", "no-store");
}

function viewSession({ address: merchant, expiresAt }: SessionRecord): SessionView {
  return { address: merchant, expiresAt: expiresAt.toISOString() };
}
