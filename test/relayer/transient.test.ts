import { expect } from "chai";

import { isTransient, wasRolledBack } from "../../relayer/store/transient.ts";

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe("failures of the database", () => {
  it("that say nothing about the question are told from those that do", () => {
    for (const code of ["40P01", "40001", "08006", "53300", "57P01", "57P03", "ECONNREFUSED", "ECONNRESET"]) {
      expect(isTransient(failure("x", code)), code).to.equal(true);
    }
    expect(isTransient(failure("Connection terminated unexpectedly"))).to.equal(true);
    for (const code of ["23505", "42P01", "22003", "57014", "40"]) {
      expect(isTransient(failure("x", code)), code).to.equal(code === "40");
    }
    expect(isTransient(failure("x"))).to.equal(false);
    expect(isTransient("40P01")).to.equal(false);
  });

  it("that rolled a transaction back for another one are known", () => {
    expect(["40P01", "40001"].every((code) => wasRolledBack(failure("x", code)))).to.equal(true);
    expect(["57P01", "23505"].some((code) => wasRolledBack(failure("x", code)))).to.equal(false);
  });
});
