import { PassThrough } from "node:stream";

import type { FastifyInstance } from "fastify";

import { hasEnded } from "../../sdk/payment.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { createPaymentWatch, type PaymentVersion } from "./payment-watch.ts";
import { HttpProblem } from "./problem.ts";
import { readHash } from "./read.ts";

export type StreamApi = Pick<ApiDependencies, "database" | "log" | "maxStreams"> & {
  readonly metrics: Pick<ApiDependencies["metrics"], "openStreams">;
};

const HEARTBEAT_MS = 15_000;
/** Whoever reads so slowly that this much waits for her is cut off, and may come again. */
const MAX_WAITING = 64 * 1024;
const RECONNECT_MS = 1_000;
const RETRY_AFTER_S = 5;
const DRAIN_MS = 2_000;

/** A payment's states as server-sent events, by the HTML standard: the present one, then each change, until the last. */
export function addPaymentStreamRoute(server: FastifyInstance, deps: StreamApi, heartbeatMs = HEARTBEAT_MS): void {
  const watch = createPaymentWatch(deps.database, deps.log);
  const open = new Set<PassThrough>();
  let beat: NodeJS.Timeout | undefined;

  function close(stream: PassThrough): void {
    if (!open.delete(stream)) return;
    deps.metrics.openStreams.set(open.size);
    if (open.size === 0) clearInterval(beat);
  }

  function admit(): PassThrough {
    const stream = new PassThrough();
    if (open.size === 0) {
      beat = setInterval(() => {
        for (const one of open) one.write(":\n\n");
      }, heartbeatMs);
    }
    open.add(stream);
    deps.metrics.openStreams.set(open.size);
    return stream;
  }

  server.addHook("preClose", (done) => {
    watch.close();
    for (const stream of open) stream.end();
    // Whoever does not read is not waited for.
    setTimeout(() => {
      for (const stream of open) stream.destroy();
    }, DRAIN_MS).unref();
    done();
  });

  server.get<{ Params: { id: string } }>("/v1/payments/:id/events", async (request, reply) => {
    const id = readHash("id", request.params.id);
    if (open.size >= deps.maxStreams) {
      void reply.header("retry-after", RETRY_AFTER_S);
      throw new HttpProblem("too_many_streams", { expected: `at most ${deps.maxStreams} at a time` });
    }
    // Its place is taken before anything is waited for.
    const stream = admit();
    let leave = (): void => undefined;
    stream.on("close", () => {
      leave();
      close(stream);
    });
    reply.raw.once("close", () => stream.destroy());
    try {
      const present = (await watch.read([id])).get(id);
      if (present === undefined) throw new HttpProblem("not_found", { detail: `There is no payment ${id}` });
      const isKnown = request.headers["last-event-id"] === present.version.toString();
      if (isKnown && hasEnded(present.view.state)) {
        stream.destroy();
        // Tells an EventSource not to come again.
        return await reply.code(204).send();
      }
      const tell = (state: PaymentVersion): void => {
        if (stream.writableEnded) return;
        stream.write(`id: ${state.version}\nevent: payment\ndata: ${state.json}\n\n`);
        if (hasEnded(state.view.state)) stream.end();
        else if (stream.writableLength > MAX_WAITING) stream.destroy();
      };
      stream.write(`retry: ${RECONNECT_MS}\n\n`);
      if (!isKnown) tell(present);
      if (!hasEnded(present.view.state)) leave = watch.add(id, present, tell);
      return await reply
        .type("text/event-stream")
        .header("cache-control", "no-store")
        // Proxies that gather an answer before they pass it on would hold the events back.
        .header("x-accel-buffering", "no")
        .send(stream);
    } catch (error) {
      stream.destroy();
      throw error;
    }
  });
}
