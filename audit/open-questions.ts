import { Interface } from "ethers";

import { checkSignature } from "../native/check-signature.ts";
import type { RecordContracts } from "../sdk/record/contracts.ts";
import { digestOf } from "../sdk/record/payment-signature.ts";
import { type RpcCall, RpcError } from "../sdk/record/rpc.ts";
import { callContract, type BlockHeader } from "../sdk/record/rpc-answers.ts";
import { ISignatureVerifier__factory } from "../typechain-types/factories/contracts/interfaces/ISignatureVerifier__factory.ts";
import type { Counters } from "./books.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { readCode } from "./find-contracts.ts";
import type { OpenQuestion } from "./payment-checks.ts";

const VERIFIER = new Interface(ISignatureVerifier__factory.abi);

/** Asks the chain what mathematics cannot say of a signature. */
export interface QuestionDesk {
  /** @throws RpcError if the node cannot be reached */
  ask(questions: readonly OpenQuestion[]): Promise<void>;
}

type Answer = "valid" | "invalid" | "unknown";

/**
 * Contract accounts are asked by ERC-1271 at the end block; one that has changed its mind since, as of the payment's own block, if the
 * node still has that.
 */
export function createQuestionDesk(
  rpc: RpcCall,
  contracts: RecordContracts,
  end: BlockHeader,
  counters: Counters,
  { note }: ExceptionLog,
): QuestionDesk {
  const domains = new Map<string, Promise<unknown>>();
  /** A token's domain does not change, and is asked for once. */
  const remembering: RpcCall = (method, params) => {
    const key = JSON.stringify([method, params]);
    let answer = domains.get(key);
    if (answer === undefined) {
      answer = rpc(method, params);
      answer.catch(() => domains.delete(key));
      if (domains.size > 10_000) domains.clear();
      domains.set(key, answer);
    }
    return answer;
  };

  async function answerTo({ signer, sent, signature, isPulled, at }: OpenQuestion): Promise<Answer> {
    let digest: string | undefined = sent.id;
    if (isPulled) {
      if (sent.signed === null) return "unknown";
      digest = await digestOf(remembering, contracts, sent.id, sent.signed, end);
      if (digest === undefined) return "unknown";
      const answer = checkSignature(signer, digest, signature);
      if (answer !== "ask_contract") return answer;
    }
    if ((await readCode(rpc, signer, end)) === "0x") return "invalid";
    counters.walletAnswers += 1;
    const now = await askWallet(signer, digest, signature, end.number);
    if (now === "valid") return now;
    const then = await askWallet(signer, digest, signature, at.blockNumber);
    return then === "unknown" ? "unknown" : then;
  }

  async function askWallet(signer: string, digest: string, signature: string, block: number): Promise<Answer> {
    const question = VERIFIER.encodeFunctionData("isValid", [signer, digest, signature]);
    try {
      const answer = await callContract(rpc, contracts.signatureVerifier ?? "", question, block);
      return VERIFIER.decodeFunctionResult("isValid", answer)[0] === true ? "valid" : "invalid";
    } catch (error) {
      if (error instanceof RpcError && error.failure === "unreachable") throw error;
      return "unknown";
    }
  }

  return {
    async ask(questions) {
      const byPayment = new Map<string, OpenQuestion[]>();
      for (const question of questions) {
        const { id } = question.sent;
        byPayment.set(id, [...(byPayment.get(id) ?? []), question]);
      }
      await Promise.all(
        [...byPayment].map(async ([id, asked]) => {
          const answers = await Promise.all(asked.map(answerTo));
          const [first] = asked;
          if (first === undefined || answers.includes("valid")) counters.signatures += 1;
          else if (answers.includes("unknown"))
            note("signature_unproven", id, first.at, `${first.signer} cannot be asked any more`);
          else note("signature_invalid", id, first.at, `it is not ${first.signer}'s`);
        }),
      );
    },
  };
}
