import { Readable } from "node:stream";

import { keccak256, toUtf8Bytes } from "ethers";
import type { FastifyInstance } from "fastify";

import { CAMT_053, camt053End, camt053Entry, camt053Start } from "../../sdk/statement/camt-053.ts";
import { csvEnd, csvEntry, csvStart, type CurrencyOf } from "../../sdk/statement/csv.ts";
import { AmountTooLong, writableBounds } from "../../sdk/statement/iso-amount.ts";
import { type IsoSettings } from "../../sdk/statement/iso-parts.ts";
import type { Statement, StatementEntry, StatementHead } from "../../sdk/statement/statement.ts";
import { isoDay } from "../../sdk/statement/statement-time.ts";
import { uetrOf } from "../../sdk/statement/uetr.ts";
import { MAX_PDF_ENTRIES, statementPdf } from "../reports/statement-pdf.ts";
import { languageOf } from "../reports/statement-words.ts";
import type { Database } from "../store/database.ts";
import { findMerchant } from "../store/merchants.ts";
import { findUnwritable } from "../store/statements.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { isoOrProblem } from "./iso-problem.ts";
import { HttpProblem } from "./problem.ts";
import { readStatementQuery, type StatementQuery, writePlace } from "./statement-query.ts";
import { currencies, openStatement, readStatementPage, streamEntries } from "./statement-source.ts";

interface File {
  readonly mediaType: string;
  readonly extension: string;
  readonly body: Readable | Buffer;
}

/** What an account came to in a period, entry by entry. */
export function addStatementRoute(server: FastifyInstance, deps: ApiDependencies): void {
  const { database, access, network } = deps;
  const currencyOf = currencies(deps);
  /** One PDF is set at a time: it is work for the processor, which payments need as well. */
  let setting: Promise<unknown> = Promise.resolve();

  async function pdf(head: StatementHead, { language }: StatementQuery): Promise<File> {
    const entries = head.credits.entries + head.debits.entries;
    if (entries > MAX_PDF_ENTRIES) {
      const expected = `at most ${MAX_PDF_ENTRIES} entries, there are ${entries}: a shorter period, or another format`;
      throw new HttpProblem("statement_too_long", { field: "format", expected });
    }
    const words = language ?? languageOf((await findMerchant(database, head.account))?.country ?? null);
    const made = setting.then(() => statementPdf(head, streamEntries(database, head), words, currencyOf));
    setting = made.catch(() => undefined);
    return { mediaType: "application/pdf", extension: "pdf", body: await made };
  }

  server.get<{ Querystring: Record<string, unknown> }>("/v1/reports/statement", async (request, reply) => {
    const query = readStatementQuery(request.query, await access.require(request, "reports:read"));
    if (!network.tokens.includes(query.token)) {
      throw new HttpProblem("unknown_token", { field: "token", expected: "a token that is settled here" });
    }
    const head = await openStatement({ database, network, currencyOf }, query);
    if (query.format === "json") return readJson(database, head, query);
    const { mediaType, extension, body } =
      query.format === "pdf"
        ? await pdf(head, query)
        : query.format === "csv"
          ? csv(database, head, currencyOf)
          : await camt053(database, head, query, currencyOf);
    const [from, to] = [isoDay(head.from, head.offset), isoDay(head.to - 1, head.offset)];
    const name = `statement-${head.account}-${from}-${to}.${extension}`;
    return reply.type(mediaType).header("content-disposition", `attachment; filename="${name}"`).send(body);
  });
}

async function readJson(
  database: Database,
  head: StatementHead,
  { cursor, limit }: StatementQuery,
): Promise<Statement> {
  const { entries, last } = await readStatementPage(database, head, cursor, limit);
  return { ...head, entries, next: last === undefined ? null : writePlace(last) };
}

function csv(database: Database, head: StatementHead, currencyOf: CurrencyOf): File {
  const write = (entry: StatementEntry): string => csvEntry(head, entry, currencyOf);
  const body = streamed(database, head, csvStart(head), write, () => csvEnd(head));
  return { mediaType: "text/csv; charset=utf-8", extension: "csv", body };
}

/** Books keep what is booked: nothing that may still change is handed out in this format. */
async function camt053(
  database: Database,
  head: StatementHead,
  query: StatementQuery,
  currencyOf: CurrencyOf,
): Promise<File> {
  if (head.state !== "final") {
    const expected = `a period that is over and final; this one is ${head.state}. JSON, CSV and PDF show it so far`;
    throw new HttpProblem("statement_open", { field: "to", expected });
  }
  const id = keccak256(
    toUtf8Bytes([CAMT_053, head.chainId, head.account, head.currency.token, head.from, head.to].join()),
  );
  const createdAt = Math.floor(Date.now() / 1_000);
  const messageId = keccak256(toUtf8Bytes(`${id}${createdAt}${query.rounding}`)).slice(2, 34);
  const settings: IsoSettings = { messageId, createdAt, rounding: query.rounding, currencyOf, uetrOf };
  const start = isoOrProblem(() => camt053Start(head, id.slice(2, 34), settings));
  // Before the first byte is sent, as afterwards nothing can be said.
  const { decimals } = head.currency;
  const unwritable = await findUnwritable(database, query, writableBounds(decimals, query.rounding));
  isoOrProblem(() => {
    if (unwritable !== undefined) throw new AmountTooLong(unwritable, decimals);
  });
  const write = (each: StatementEntry): string => camt053Entry(head, each, settings);
  const body = streamed(database, head, start, write, () => camt053End(head, settings));
  return { mediaType: "application/xml; charset=utf-8", extension: "camt.053.xml", body };
}

/** Written as it is read, and as fast as it is taken. */
function streamed(
  database: Database,
  head: StatementHead,
  start: string,
  write: (entry: StatementEntry) => string,
  end: () => string,
): Readable {
  async function* text(): AsyncGenerator<string> {
    yield start;
    for await (const page of streamEntries(database, head)) yield page.map(write).join("");
    yield end();
  }
  return Readable.from(text(), { objectMode: false });
}
