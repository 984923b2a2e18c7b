import { expect } from "chai";

import { readEventStream, type StreamEvent } from "../../sdk/event-stream.ts";
import { foldPayments } from "../../sdk/webhooks.ts";

async function parse(chunks: readonly string[]): Promise<StreamEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(body)) events.push(event);
  return events;
}

describe("server-sent events", () => {
  const TEXT =
    ':\n\nid: 7\nevent: payment\ndata: {"a":1}\n\nretry: 5\n\ndata:x\ndata:  y\n\n: z\ndata\n\ndata: cut off';
  const EVENTS = [
    { id: "7", event: "payment", data: '{"a":1}' },
    { id: undefined, event: "message", data: "x\n y" },
    { id: undefined, event: "message", data: "" },
  ];

  it("are read however they are cut, with any ends of lines", async () => {
    for (const text of [TEXT, TEXT.replaceAll("\n", "\r\n"), TEXT.replaceAll("\n", "\r")]) {
      expect(await parse([text])).to.deep.equal(EVENTS);
      expect(await parse(text.split(""))).to.deep.equal(EVENTS);
    }
  });

  it("are read where a chunk ends within a character", async () => {
    const bytes = new TextEncoder().encode("data: é€\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect((await readEventStream(body).next()).value).to.include({ data: "é€" });
  });
});

describe("folding messages", () => {
  it("takes the one with the highest sequence, as numbers, and leaves other kinds out", () => {
    const message = (sequence: string, state: string, type = `payment.${state}`) => ({
      type,
      sequence,
      data: { id: "p", state },
    });
    const folded = foldPayments([
      message("10", "final"),
      message("9", "settled"),
      message("11", "open", "hold.capture_due"),
    ]);
    expect([...folded].map(([id, { state }]) => [id, state])).to.deep.equal([["p", "final"]]);
  });
});
