import { answered, described, type JsonSchema, listOf, nullable, ref } from "./json-schema.ts";
import { json, type Operation, PARAMETER } from "./operation.ts";
import { ADDRESS, AMOUNT, BLOCK_NUMBER, COUNT, NONCE, TIME } from "./values.ts";

const currency = answered({
  token: ADDRESS,
  code: {
    type: "string",
    examples: ["USDC"],
    description: "Its symbol; its shortened address if it has none that can be shown.",
  },
  name: { type: "string", examples: ["USD Coin"] },
  decimals: described(COUNT, "0 if it does not say: amounts are then to be shown in smallest units."),
  signing: described(
    nullable(
      answered({ name: { type: "string", examples: ["USD Coin"] }, version: { type: "string", examples: ["2"] } }),
    ),
    "Its EIP-712 domain by ERC-5267; null of a token that does not say it.",
  ),
});

const demo = answered({
  bank: described(ADDRESS, "An account of the node at rpcUrl that gives test money away."),
  merchants: listOf(
    answered({ name: { type: "string", examples: ["Manila Coffee"] }, merchant: ADDRESS, token: ADDRESS }),
  ),
});

export const SERVICE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Network: answered({
    chainId: { type: "string", pattern: "^[1-9][0-9]*$", examples: ["31337"] },
    ledger: ADDRESS,
    escrow: nullable(ADDRESS),
    gateway: nullable(ADDRESS),
    permit2: nullable(ADDRESS),
    exchange: nullable(ADDRESS),
    signatureVerifier: nullable(ADDRESS),
    operators: listOf(ADDRESS),
    tokens: listOf(ADDRESS),
    currencies: described(listOf(currency), "The tokens with what they say of themselves, in the same order."),
    rpcUrl: described(
      nullable({ type: "string", examples: ["https://rpc.example.org"] }),
      "A node that browsers may ask; null: none is told.",
    ),
    startBlock: described(BLOCK_NUMBER, "No event of the contracts is older."),
    demo: described(nullable(demo), "Of a local chain where everybody has test money; null elsewhere."),
    finalityDepth: COUNT,
    receiptSigner: described(nullable(ADDRESS), "Whose statements stand in receipts; null: nobody's."),
    withdrawalFees: {
      type: "object",
      additionalProperties: AMOUNT,
      examples: [{}],
      description: "What a withdrawal costs, by token.",
    },
    walletFactories: listOf(ADDRESS),
  }),
  Account: answered({
    owner: ADDRESS,
    token: ADDRESS,
    balance: AMOUNT,
    reserved: described(AMOUNT, "What accepted payments that have not settled yet will take."),
    nextNonce: NONCE,
    frozenUntil: TIME,
  }),
};

export const SERVICE_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/v1/network", id: "getNetwork", tag: "service", access: "open" },
    summary: "What a client needs to know before it signs",
    answers: { 200: json("Chain, contracts and tokens.", ref("Network")) },
    problems: [],
  },
  {
    ...{ method: "get", path: "/v1/accounts/:owner/:token", id: "getAccount", tag: "service", access: "open" },
    summary: "Read an account",
    params: { owner: ADDRESS, token: ADDRESS },
    answers: { 200: json("The account, by the followed head.", ref("Account")) },
    problems: PARAMETER,
  },
  {
    ...{ method: "get", path: "/livez", id: "isAlive", tag: "service", access: "unlimited" },
    summary: "Whether the process is alive",
    answers: { 200: json("It is.", answered({ status: { type: "string", enum: ["alive"] } })) },
    problems: [],
  },
  {
    ...{ method: "get", path: "/readyz", id: "isReady", tag: "service", access: "unlimited" },
    summary: "Whether it can do its work",
    answers: { 200: json("It can.", answered({ status: { type: "string", enum: ["ready"] } })) },
    problems: ["not_ready"],
  },
  {
    ...{ method: "get", path: "/metrics", id: "getMetrics", tag: "service", access: "unlimited" },
    summary: "Metrics for Prometheus",
    description: "With CORRIDOR_METRICS_OPEN=false for keys of the operator with the scope `reports:read` only.",
    answers: { 200: { description: "Metrics.", content: { "text/plain": { type: "string", examples: ["# HELP"] } } } },
    problems: ["unauthorized", "forbidden", "rate_limited"],
  },
];
