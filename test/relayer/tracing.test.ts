import { expect } from "chai";
import { pino } from "pino";

import {
  annotate,
  beginRequest,
  isTracing,
  linkHere,
  startTracing,
  traced,
  tracedIfBusy,
  tracedTogether,
} from "../../relayer/tracing.ts";
import { startTraceReceiver } from "../journeys/trace-receiver.ts";

const SILENT = pino({ level: "silent" });
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("traces", () => {
  it("are nothing at all where they are sent nowhere", async () => {
    const stop = await startTracing(undefined, SILENT);
    expect(isTracing()).to.equal(false);
    const work = Promise.resolve(7);
    const give = (): Promise<number> => work;
    // The very promise of the work: nothing stands between.
    expect(traced("a", {}, give)).to.equal(work);
    expect(tracedIfBusy("a", {}, give)).to.equal(work);
    expect(tracedTogether("a", [{ link: linkHere() }], {}, give)).to.equal(work);
    expect(linkHere()).to.equal(undefined);
    annotate({ a: 1 });
    await stop();
  });

  describe("that are sent", () => {
    let receiver: Awaited<ReturnType<typeof startTraceReceiver>>;

    beforeEach(async () => {
      receiver = await startTraceReceiver();
    });

    afterEach(() => receiver.stop());

    const start = (ratio: number): Promise<() => Promise<void>> =>
      startTracing({ endpoint: `${receiver.url}/`, serviceName: "a service", ratio }, SILENT);

    it("keep what failed, and what had something to do, and no other poll; whatever is under way ends with the process", async () => {
      const stop = await start(1);
      const nothing = (): Promise<void> => Promise.resolve();
      await tracedIfBusy("idle", {}, nothing);
      await tracedIfBusy("busy", {}, async () => {
        await nothing();
        annotate({ found: 3 });
      });
      let failure = "";
      await tracedIfBusy("failing", {}, () => Promise.reject(new Error("as meant"))).catch((error: unknown) => {
        failure = String(error);
      });
      expect(failure).to.contain("as meant");
      await traced(
        "outer",
        { a: "b" },
        async (word: string) => {
          await nothing();
          await traced(word, {}, nothing);
        },
        "inner",
      );
      await stop();
      expect(isTracing()).to.equal(false);
      const names = receiver.spans.map(({ name }) => name);
      expect(names.sort()).to.deep.equal(["busy", "failing", "inner", "outer"]);
      const [outer, inner] = ["outer", "inner"].map((name) => receiver.spans.find((span) => span.name === name));
      expect(outer?.attributes).to.deep.equal({ a: "b" });
      expect(inner?.parentSpanId).to.equal(outer?.spanId);
      expect(outer?.service).to.equal("a service");
    });

    it("are begun here as often as is set, and follow a caller who keeps hers", async () => {
      const stop = await start(0);
      const request = (flags: string): void => {
        const traceparent = `00-${TRACE}-00f067aa0ba902b7-${flags}`;
        beginRequest(traceparent, `request ${flags}`, {}, () => undefined).end();
      };
      request("01");
      request("00");
      await traced("of our own", {}, () => Promise.resolve());
      await stop();
      expect(receiver.spans.map(({ name, traceId }) => [name, traceId])).to.deep.equal([["request 01", TRACE]]);
    });
  });
});
