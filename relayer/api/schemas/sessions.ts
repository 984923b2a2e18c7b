import { MAX_MESSAGE } from "../session-message.ts";
import { answered, type JsonSchema, ref, taken } from "./json-schema.ts";
import { json, jsonBody, type Operation } from "./operation.ts";
import { ADDRESS, RFC3339, SIGNATURE } from "./values.ts";

const MESSAGE = {
  type: "string",
  minLength: 1,
  maxLength: MAX_MESSAGE,
  examples: ["pay.example.com wants you to sign in with your Ethereum account:\n…"],
  description: "By EIP-4361, as the relayer wrote it.",
};

export const SESSION_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  SessionChallenge: answered({ message: MESSAGE, expiresAt: RFC3339 }),
  Session: answered({ address: ADDRESS, expiresAt: RFC3339 }),
};

const noStore = { "Cache-Control": { type: "string", enum: ["no-store"] } };
const cookie = { type: "string", examples: ["corridor_session=; Path=/; HttpOnly; SameSite=Strict"] };

export const SESSION_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/sessions/challenge", id: "challengeSession", tag: "sessions", access: "open" },
    summary: "Ask for what is to be signed to sign in",
    description: "Good for five minutes and one try, on the host that it was asked for on.",
    body: jsonBody(taken({ address: ADDRESS })),
    answers: { 200: json("The message.", ref("SessionChallenge"), noStore) },
    problems: ["invalid_field", "bad_checksum", "malformed_request", "forbidden"],
  },
  {
    ...{ method: "post", path: "/v1/sessions", id: "signIn", tag: "sessions", access: "open" },
    summary: "Sign in by a signed challenge",
    description: "The signature is over the message's EIP-191 digest, of any kind that payments may have.",
    body: jsonBody(taken({ message: MESSAGE, signature: SIGNATURE })),
    answers: { 201: json("Who is signed in.", ref("Session"), { ...noStore, "Set-Cookie": cookie }) },
    problems: ["invalid_field", "malformed_request", "forbidden", "bad_signature"],
  },
  {
    ...{ method: "get", path: "/v1/sessions/current", id: "getSession", tag: "sessions", access: "open" },
    summary: "Read who is signed in",
    answers: { 200: json("By the cookie.", ref("Session"), noStore) },
    problems: [],
  },
  {
    ...{ method: "delete", path: "/v1/sessions/current", id: "signOut", tag: "sessions", access: "open" },
    summary: "Sign out, at once and in every instance",
    answers: { 204: { description: "Nobody is signed in.", headers: { "Set-Cookie": cookie } } },
    problems: ["malformed_request", "forbidden"],
  },
];
