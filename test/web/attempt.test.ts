import { expect } from "chai";

import { type CorridorClient, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { afterRefusal, type Attempt, boundBy } from "../../web/checkout/attempt.ts";
import { sendUntilAnswered, type SignedPayment } from "../../web/checkout/send-payment.ts";

const attempt: Attempt = {
  ...{ id: "0x01", payer: "0xA", funding: "account", token: "0xT", nonce: "7", deadline: "1000", end: "over" },
};

describe("another try to pay a request", () => {
  it("keeps to token and nonce of the one before, as long as that may be paid", () => {
    const bound = { kind: "same_nonce", token: "0xT", nonce: 7n };
    expect(boundBy(attempt, "0xA", 900)).to.deep.equal(bound);
    // The chain's clock may be two minutes behind.
    expect(boundBy(attempt, "0xA", 1_120)).to.deep.equal(bound);
    expect(boundBy(attempt, "0xA", 1_121)).to.deep.equal({ kind: "free" });
    expect(boundBy(undefined, "0xA", 900)).to.deep.equal({ kind: "free" });
  });

  it("waits where a nonce excludes nothing: by another payer, or out of tokens", () => {
    expect(boundBy(attempt, "0xB", 900)).to.deep.equal({ kind: "wait", until: 1_120 });
    expect(boundBy({ ...attempt, funding: "erc3009" }, "0xA", 900)).to.deep.equal({ kind: "wait", until: 1_120 });
    expect(boundBy({ ...attempt, funding: "erc3009" }, "0xA", 1_121)).to.deep.equal({ kind: "free" });
  });

  it("is free once something else has used the nonce, and only then", () => {
    expect(boundBy(afterRefusal(attempt, "nonce_used"), "0xA", 900)).to.deep.equal({ kind: "free" });
    for (const code of ["insufficient_balance", "nonce_conflict", "quote_expired"]) {
      expect(boundBy(afterRefusal(attempt, code), "0xA", 900).kind, code).to.equal("same_nonce");
    }
  });
});

describe("the delivery of a signed payment", () => {
  const signed = { payment: {}, signature: "0x02", funding: "account" } as unknown as SignedPayment;
  const problem = (status: number) =>
    new ProblemError({
      type: "about:blank",
      title: "",
      status,
      code: status === 409 ? "nonce_used" : "busy",
      detail: "",
    });

  /** Answers in turn; what is left out throws as `fetch` does. */
  function relayer(answers: (Error | PaymentView)[]) {
    const seen: unknown[][] = [];
    const client = {
      submitPayment: (...call: unknown[]) => {
        seen.push(call);
        const answer = answers.shift() ?? new TypeError("fetch failed");
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    } as unknown as Pick<CorridorClient, "submitPayment">;
    return { client, seen };
  }

  it("sends the very same again until it is answered", async () => {
    const view = { id: "0x01" } as PaymentView;
    const { client, seen } = relayer([new TypeError("fetch failed"), problem(503), view]);
    expect(await sendUntilAnswered(client, signed, "r", new AbortController().signal)).to.equal(view);
    expect(seen).to.have.length(3);
    expect(new Set(seen.map((call) => JSON.stringify(call)))).to.have.property("size", 1);
  });

  it("ends with a refusal, or when it is told to", async () => {
    const refused = relayer([problem(409)]);
    const fails = async (client: typeof refused.client, signal: AbortSignal): Promise<unknown> =>
      sendUntilAnswered(client, signed, "r", signal).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await fails(refused.client, new AbortController().signal)).to.be.instanceOf(ProblemError);
    const away = relayer([]);
    expect(await fails(away.client, AbortSignal.abort("given up"))).to.equal("given up");
    expect(away.seen).to.have.length(1);
  });
});
