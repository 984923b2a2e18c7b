import { Interface, isHexString, keccak256, toUtf8Bytes } from "ethers";

import { type LogFilter, readLogSteps } from "../sdk/record/chain-logs.ts";
import { topicOf } from "../sdk/record/payment-signature.ts";
import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { type BlockHeader, blockTag } from "../sdk/record/rpc-answers.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import type { Books } from "./books.ts";
import type { ExceptionLog } from "./exceptions.ts";

/** What covers the accounts of a token, in smallest units; null: the token does not say. */
export interface TokenReserves {
  /** What the token tells the Ledger that it has. */
  readonly held: bigint | null;
  /** What the token's own events brought to the Ledger, less what they took from it. */
  readonly byEvents: bigint;
  /** What the accounts come to. */
  readonly owed: bigint;
  readonly isPaidOut: boolean | null;
}

const TOKEN = new Interface([
  "function balanceOf(address owner) view returns (uint256)",
  "event Transfer(address indexed from, address indexed to, uint256 value)",
]);
const TRANSFER = TOKEN.getEvent("Transfer")?.topicHash ?? "";
const LEDGER = Ledger__factory.createInterface();

/** Nobody's address, to which a payment is tried. */
const NOWHERE = `0x${keccak256(toUtf8Bytes("Corridor audit")).slice(-40)}`;
const NOBODY = `0x${"0".repeat(40)}`;

/**
 * Proof of reserves: what the token says that the Ledger holds, asked for by the Ledger and by a stranger; what the token's own events
 * come to; and whether all that is owed could be paid out now, tried without effect.
 * @throws RpcError if the node cannot be reached; RecordError
 */
export async function checkReserves(
  rpc: RpcCall,
  books: Books,
  ledger: string,
  token: string,
  owed: bigint,
  range: { readonly fromBlock: number; readonly end: BlockHeader },
  { note }: ExceptionLog,
): Promise<TokenReserves> {
  const place = books.supplies.get(token) ?? null;
  const { end } = range;
  const byEvents = await readFlows(rpc, books, ledger, token, range);
  const [held, toStranger] = await Promise.all([
    readHeld(rpc, token, ledger, ledger, end),
    readHeld(rpc, token, ledger, NOBODY, end),
  ]);
  if (held === null) note("reserves_unknown", token, place, "the token does not say what the Ledger holds");
  else if (held < owed) note("reserves_short", token, place, `${held} held, ${owed} owed`);
  if (held !== toStranger) {
    note("token_answers_differently", token, place, `${held} to the Ledger, ${toStranger} to a stranger`);
  }
  if (held !== null && held !== byEvents) {
    note("token_events_disagree", token, place, `it says ${held}, its own transfers come to ${byEvents}`);
  }
  const isPaidOut = owed === 0n ? null : await canPay(rpc, ledger, token, owed, end);
  if (isPaidOut === false) note("token_does_not_pay", token, place, `it refuses to pay out ${owed}`);
  return { held, byEvents, owed, isPaidOut };
}

/** One token that fails must not keep the others from being told. */
async function readHeld(
  rpc: RpcCall,
  token: string,
  owner: string,
  from: string,
  end: BlockHeader,
): Promise<bigint | null> {
  const call = { from, to: token, data: TOKEN.encodeFunctionData("balanceOf", [owner]) };
  try {
    const answer = await rpc("eth_call", [call, blockTag(end.number)]);
    return isHexString(answer, 32) ? BigInt(answer) : null;
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return null;
    throw error;
  }
}

/** As a withdrawal of everything would do it, in the Ledger's own name. */
async function canPay(rpc: RpcCall, ledger: string, token: string, amount: bigint, end: BlockHeader): Promise<boolean> {
  const data = LEDGER.encodeFunctionData("payFromSelf", [token, NOWHERE, amount]);
  try {
    await rpc("eth_call", [{ from: ledger, to: ledger, data }, blockTag(end.number)]);
    return true;
  } catch (error) {
    if (error instanceof RpcError && error.failure !== "unreachable") return false;
    throw error;
  }
}

/** The token's transfers to and from the Ledger; from where the last run left off. */
async function readFlows(
  rpc: RpcCall,
  books: Books,
  ledger: string,
  token: string,
  { fromBlock, end }: { readonly fromBlock: number; readonly end: BlockHeader },
): Promise<bigint> {
  const flow = books.tokenFlows.get(token) ?? { got: 0n, gave: 0n, upTo: fromBlock - 1 };
  const own = topicOf(ledger);
  const sum = async (topics: LogFilter["topics"]): Promise<bigint> => {
    let total = 0n;
    const filter = { address: [token], topics };
    for await (const { logs } of readLogSteps(rpc, filter, flow.upTo + 1, end, { firstStep: 64, mostLogs: 20_000 })) {
      for (const { data } of logs) total += isHexString(data, 32) ? BigInt(data) : 0n;
    }
    return total;
  };
  const got = flow.got + (await sum([TRANSFER, null, own]));
  const gave = flow.gave + (await sum([TRANSFER, own]));
  books.tokenFlows.set(token, { got, gave, upTo: end.number });
  return got - gave;
}
