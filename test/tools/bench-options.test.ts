import { expect } from "chai";

import { laneAddresses, laneKeys } from "../../scripts/bench/throughput/fleet.ts";
import { parseBenchOptions } from "../../scripts/bench/throughput/options.ts";

describe("the options of the throughput benchmark", () => {
  it("are what the documents say where none is given", () => {
    expect(parseBenchOptions([])).to.deep.equal({
      payments: 20_000,
      history: 0,
      relayers: 1,
      lanes: 2,
      rows: undefined,
      peer: true,
      json: false,
    });
  });

  it("are read", () => {
    const args = "--payments 500 --history 7 --relayers 2 --lanes 4 --rows 900 --no-peer --json".split(" ");
    expect(parseBenchOptions(args)).to.deep.equal({
      payments: 500,
      history: 7,
      relayers: 2,
      lanes: 4,
      rows: 900,
      peer: false,
      json: true,
    });
  });

  for (const [name, value] of [
    ["payments", "0"],
    ["history", "-1"],
    ["relayers", "9"],
    ["lanes", "0"],
    ["rows", "901"],
    ["rows", "many"],
    ["lanes", ""],
  ]) {
    it(`refuse --${name}=${value}, by name`, () => {
      expect(() => parseBenchOptions([`--${name}=${value}`])).to.throw(`--${name}: expected a whole number from`);
    });
  }

  it("refuse what there is not", () => {
    expect(() => parseBenchOptions(["--relayer", "2"])).to.throw("--relayer");
  });

  it("give each relayer lanes that are no other's", () => {
    const keys = laneKeys(3, 2);
    expect(keys.map((own) => own.length)).to.deep.equal([2, 2, 2]);
    expect(new Set(keys.flat()).size).to.equal(6);
    expect(new Set(laneAddresses(3, 2)).size).to.equal(6);
  });
});
