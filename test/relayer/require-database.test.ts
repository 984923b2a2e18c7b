import { expect } from "chai";

import { AppError } from "../../relayer/app-error.ts";
import { openDatabase } from "../../relayer/store/database.ts";
import { requireDatabase } from "../../relayer/store/require-database.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

describe("a start without its database", () => {
  let server: TestDatabase;

  before(async () => {
    server = await openTestDatabase();
  });

  after(async () => {
    await server.stop();
  });

  async function codeAt(change: (url: URL) => void): Promise<string> {
    const url = new URL(server.url);
    change(url);
    const database = openDatabase(url.href);
    try {
      await requireDatabase(database);
      return "";
    } catch (error) {
      expect(error).to.be.instanceOf(AppError);
      const { code, message } = error as AppError;
      expect(message).to.contain("DATABASE_URL").and.not.to.contain("hunter2");
      return `${code}: ${message}`;
    } finally {
      await database.end();
    }
  }

  it("says why, and which setting to look at", async () => {
    expect(await codeAt(() => undefined)).to.equal("");
    expect(await codeAt((url) => (url.port = "1"))).to.match(/^database_unreachable: .*ECONNREFUSED/);
    expect(await codeAt((url) => (url.hostname = "nowhere.invalid"))).to.contain("nowhere.invalid");
    expect(await codeAt((url) => (url.pathname = "/none"))).to.contain('"none" does not exist');
    expect(await codeAt((url) => Object.assign(url, { username: "nobody", password: "hunter2" }))).to.contain("nobody");
  });
});
