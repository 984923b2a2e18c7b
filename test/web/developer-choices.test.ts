import { expect } from "chai";

import { EVENT_TYPES } from "../../sdk/webhooks.ts";
import { chosenTypes, isEndpointUrl, replaySince } from "../../web/merchant/developers/endpoint-choices.ts";
import { isKeyName, keyState } from "../../web/merchant/developers/key-choices.ts";

describe("a merchant's keys and endpoints", () => {
  it("say whether a key is good", () => {
    const at = Date.parse("2026-11-28T12:00:00Z");
    expect(keyState({ revokedAt: null, expiresAt: null }, at)).to.equal("good");
    expect(keyState({ revokedAt: null, expiresAt: "2026-11-28T12:00:00.001Z" }, at)).to.equal("good");
    expect(keyState({ revokedAt: null, expiresAt: "2026-11-28T12:00:00Z" }, at)).to.equal("expired");
    expect(keyState({ revokedAt: "2026-11-28T11:00:00Z", expiresAt: null }, at)).to.equal("revoked");
  });

  it("take the names that the relayer takes", () => {
    expect(isKeyName("till 3")).to.equal(true);
    expect(isKeyName("x".repeat(100))).to.equal(true);
    for (const bad of ["", "x".repeat(101), "a\u0007"]) expect(isKeyName(bad), bad).to.equal(false);
  });

  it("ask for all types by asking for none in particular", () => {
    expect(chosenTypes([...EVENT_TYPES])).to.equal(null);
    expect(chosenTypes(["payment.final", "payment.accepted"])).to.deep.equal(["payment.accepted", "payment.final"]);
  });

  it("take URLs without a password", () => {
    expect(isEndpointUrl(" https://shop.example/hooks ")).to.equal(true);
    for (const bad of ["", "shop.example", "ftp://shop.example", "https://me:pw@shop.example", "javascript:alert(1)"]) {
      expect(isEndpointUrl(bad), bad).to.equal(false);
    }
  });

  it("replay since a time that the relayer still knows", () => {
    const now = Date.parse("2026-11-28T12:00:00Z");
    expect(replaySince("day", now)).to.equal("2026-11-27T12:00:00.000Z");
    expect(now - Date.parse(replaySince("month", now))).to.be.lessThan(30 * 86_400_000);
  });
});
