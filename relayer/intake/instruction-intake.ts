import type { RowCode } from "../../sdk/row-codes.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import {
  type DepositContent,
  idOf,
  type InstructionContent,
  type InstructionDomain,
  ownerOf,
} from "../instruction-content.ts";
import { readAccounts } from "../store/chain.ts";
import { type Database, inTransaction } from "../store/database.ts";
import {
  findInstruction,
  findInstructionNonces,
  insertInstruction,
  type InstructionRecord,
  type NewInstruction,
} from "../store/instructions.ts";
import { findNonceHolders, nonceKey } from "../store/payments.ts";
import {
  badSignature,
  checkInstruction,
  checkInstructionAccount,
  checkNonceHolders,
  depositRefusal,
  type InstructionContext,
  type InstructionRefusal,
  withdrawalFee,
} from "./check-instruction.ts";
import type { InstructionRequest } from "./instruction-request.ts";
import { currentTime } from "./intake.ts";
import { notDeployed } from "./proof.ts";
import { unwrapDeployed } from "./signature-checks.ts";

/** Accepted now, known from before, or refused with nothing stored. */
export type InstructionResult =
  | { readonly kind: "accepted" | "known"; readonly instruction: InstructionRecord }
  | { readonly kind: "refused"; readonly refusal: InstructionRefusal };

export interface InstructionIntake {
  /**
   * Checks a signed instruction, reserves what a withdrawal takes and stores it. The instruction's id, its digest, is the
   * idempotency key: whoever hands it in again gets the first one's record. When this resolves with `accepted`, it
   * survives a crash. A rejected promise means that it is not known whether it was stored: try again.
   */
  accept(request: InstructionRequest): Promise<InstructionResult>;
}

export interface InstructionIntakeDependencies {
  readonly database: Database;
  readonly domain: InstructionDomain;
  readonly tokens: readonly string[];
  readonly withdrawalFees: ReadonlyMap<string, bigint>;
  /** Whose signature it is, as far as that can be told without the chain. */
  readonly checkSignature: (signer: string, digest: string, signature: string) => "valid" | "invalid" | "ask_contract";
  /** Asks the chain. Throws if it does not answer. */
  readonly askContract: (signer: string, digest: string, signature: string) => Promise<boolean>;
  /** Whether the signer is a contract. Throws if the chain does not answer. */
  readonly hasCode: (account: string) => Promise<boolean>;
  /** What the Gateway would do to a deposit now. Throws if the chain does not answer. */
  readonly tryDeposit: (deposit: {
    readonly content: DepositContent;
    readonly signature: string;
  }) => Promise<RowCode | "simulation_reverted">;
  /** Brings the record of the chain up to date; called when an account seems not to allow the instruction. */
  readonly catchUp: () => Promise<void>;
  readonly onAccepted: () => void;
}

export function createInstructionIntake(deps: InstructionIntakeDependencies): InstructionIntake {
  const { database, domain } = deps;
  const tokens = new Set(deps.tokens);

  /** What may be stored, as far as that can be told without the account. */
  async function admit(
    id: string,
    { content, signature: given }: InstructionRequest,
    context: InstructionContext,
  ): Promise<NewInstruction | InstructionRefusal> {
    const refusal = checkInstruction(content, context);
    if (refusal !== undefined) return refusal;
    const signer = content.kind === "deposit" ? content.from : ownerOf(content);
    const signature = await unwrapDeployed(deps, signer, given);
    if (signature === undefined) return notDeployed(`a ${content.kind}`);
    switch (content.kind) {
      case "deposit":
        return admitDeposit(id, content, signature);
      case "withdrawal": {
        const fee = withdrawalFee(content, context).toString();
        return (await isSigned(content.owner, id, signature))
          ? { id, content: { ...content, fee }, signature }
          : badSignature(content, id);
      }
      case "cancellation":
      case "agreement":
      case "approval":
      case "device-binding":
      case "device-revocation":
        return (await isSigned(ownerOf(content), id, signature))
          ? { id, content, signature }
          : badSignature(content, id);
    }
  }

  /** Token or Permit2 know the signer: a wallet's signature can look like a key's, so both forms are tried. */
  async function admitDeposit(
    id: string,
    content: DepositContent,
    signature: string,
  ): Promise<NewInstruction | InstructionRefusal> {
    const forms = toCompactSignature(signature) === undefined ? [true] : [false, true];
    let refusal: InstructionRefusal | undefined;
    for (const inFull of forms) {
      const deposit = { content: { ...content, inFull }, signature };
      const why = depositRefusal(content, await deps.tryDeposit(deposit));
      if (why === undefined) return { id, ...deposit };
      refusal ??= why;
    }
    return refusal ?? badSignature(content, id);
  }

  async function isSigned(signer: string, id: string, signature: string): Promise<boolean> {
    const answer = deps.checkSignature(signer, id, signature);
    return answer === "ask_contract" ? deps.askContract(signer, id, signature) : answer === "valid";
  }

  /** Decides and stores in one SQL transaction, with the owner's account locked against payments and other instances. */
  function store(instruction: NewInstruction, now: bigint): Promise<InstructionResult> {
    const { id, content } = instruction;
    return inTransaction(database, async (db) => {
      if (content.kind !== "deposit") {
        const key = { owner: ownerOf(content), token: content.token };
        const [account] = await readAccounts(db, [key], "lock");
        if (account === undefined) throw new Error(`Account ${key.owner}:${key.token} is missing`);
        const known = await findInstruction(db, id);
        if (known !== undefined) return { kind: "known", instruction: known };
        const nonce = { payer: key.owner, token: key.token, nonce: BigInt(content.nonce) };
        const place = nonceKey(nonce);
        const holders = {
          paymentId: (await findNonceHolders(db, [nonce])).get(place),
          instructionId: (await findInstructionNonces(db, [nonce])).get(place),
        };
        const refusal = checkNonceHolders(content, holders) ?? checkInstructionAccount(content, account, now);
        if (refusal !== undefined) return { kind: "refused", refusal };
      }
      const stored = await insertInstruction(db, instruction);
      return { kind: stored.isNew ? "accepted" : "known", instruction: stored.instruction };
    });
  }

  return {
    async accept({ content: asked, signature }) {
      if (asked.kind === "deposit" && domain.gateway === undefined) return notServed(asked);
      const id = idOf(domain, asked);
      // What is known is answered before it is checked: what took effect no longer passes the checks.
      const known = await findInstruction(database, id);
      if (known !== undefined) return { kind: "known", instruction: known };
      const now = await currentTime(database);
      const { withdrawalFees } = deps;
      const context = { ledger: domain.ledger, tokens, withdrawalFees, now };
      const instruction = await admit(id, { content: asked, signature }, context);
      if ("code" in instruction) return { kind: "refused", refusal: instruction };
      let result = await store(instruction, now);
      if (isOutdated(result)) {
        await deps.catchUp();
        result = await store(instruction, now);
      }
      if (result.kind === "accepted") deps.onAccepted();
      return result;
    },
  };
}

function notServed(content: InstructionContent): InstructionResult {
  const refusal = { code: "not_served", field: "", expected: `a relayer that serves a ${content.kind}` } as const;
  return { kind: "refused", refusal };
}

/** Whether a newer record of the chain may say otherwise. */
function isOutdated(result: InstructionResult): boolean {
  return (
    result.kind === "refused" &&
    (result.refusal.code === "insufficient_balance" || result.refusal.code === "account_frozen")
  );
}
