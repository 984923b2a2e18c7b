import { expect } from "chai";

import { openWorld, playRound, type World } from "./rounds.ts";

/** More of them: `npm run test:faults -- --seed N --rounds M`. */
const SEEDS = [2, 4, 11];

describe("relayers that are killed at every edge, behind nodes that fail", () => {
  let world: World;

  before(async () => {
    world = await openWorld();
  });

  after(() => world.stop());

  for (const seed of SEEDS) {
    it(`settle each payment once and say so: seed ${seed}`, async () => {
      const round = await playRound(world, seed);
      expect(round.findings, `killed at ${round.kills.join(", ")}`).to.deep.equal([]);
      expect(round.payments).to.equal(40);
    });
  }
});
