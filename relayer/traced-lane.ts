import type { Simulator } from "./lanes/simulation.ts";
import type { Work } from "./lanes/work.ts";
import type { LaneSigner } from "./signers/lane-signer.ts";
import { annotate, ATTRIBUTES, isTracing, traced, tracedIfBusy } from "./tracing.ts";

/** The same work, with a span for each preparation that found something due; what it prepared is told of the send around it. */
export function tracedWork(work: Work): Work {
  if (!isTracing()) return work;
  return {
    queue: work.queue,
    isDue: (queue) => work.isDue(queue),
    async prepare(lease, readHead) {
      const call = await tracedIfBusy("lane.prepare", { [ATTRIBUTES.work]: work.queue.name }, async () => {
        const prepared = await work.prepare(lease, readHead);
        if (prepared !== "idle") annotate({ [ATTRIBUTES.payments]: prepared === "refused" ? 0 : prepared.rows });
        return prepared;
      });
      if (call === "idle") return call;
      annotate({ [ATTRIBUTES.payments]: call === "refused" ? 0 : call.rows });
      if (call === "refused") return call;
      return {
        ...call,
        attach(db, hash) {
          annotate({ [ATTRIBUTES.transaction]: hash });
          return call.attach(db, hash);
        },
      };
    },
  };
}

export function tracedSimulator({ provider, from }: Simulator): Simulator {
  if (!isTracing()) return { provider, from };
  return { from, provider: { call: (request) => traced("lane.simulate", {}, () => provider.call(request)) } };
}

export function tracedSigner(signer: LaneSigner): LaneSigner {
  if (!isTracing()) return signer;
  const { address } = signer;
  return {
    address,
    sign: (digest) => traced("lane.sign", { [ATTRIBUTES.lane]: address }, () => signer.sign(digest)),
  };
}
