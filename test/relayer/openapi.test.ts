import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { HttpProblem } from "../../relayer/api/problem.ts";
import { OPERATIONS } from "../../relayer/api/schemas/document.ts";
import { createDescribedServer } from "../../relayer/api/server.ts";
import { readEndpointChange, readNewEndpoint, readReplay } from "../../relayer/api/webhook-bodies.ts";
import { parseAct, REQUESTED_VERBS } from "../../relayer/intake/act-request.ts";
import { parseAuthorization } from "../../relayer/intake/authorization.ts";
import { parseDocumentAccess } from "../../relayer/intake/document-access.ts";
import { parseInstruction } from "../../relayer/intake/instruction-request.ts";
import { parseRequestBody } from "../../relayer/intake/request-body.ts";
import { readX402Request } from "../../relayer/x402/request.ts";
import { INSTRUCTION_KINDS } from "../../sdk/instructions.ts";
import { brokenFrom, valuesOf } from "../openapi/arbitraries.ts";
import { type Operation, type Schema, Specification } from "../openapi/specification.ts";

interface Parsed {
  readonly ok: boolean;
  readonly problem?: { readonly code: string; readonly field: string; readonly expected: string };
}

describe("the description of the HTTP interface", () => {
  const specification = new Specification();

  it("is committed as it is served; `npm run openapi` writes it", () => {
    expect(readFileSync("docs/openapi.json", "utf8")).to.equal(`${JSON.stringify(specification.document, null, 2)}\n`);
  });

  it("describes every route, and nothing that is not served", async () => {
    // What a route needs to be added; none of it is asked for anything here.
    const parts: Partial<ApiDependencies> = {
      ...{ log: pino({ level: "silent" }), rateLimits: undefined, trustProxy: false, metricsOpen: true },
      // Pages are no operations.
      console: undefined,
    };
    const dependencies = new Proxy(parts, {
      get: (target, name) => (Reflect.has(target, name) ? (Reflect.get(target, name) as unknown) : {}),
    }) as ApiDependencies;
    const { server, table } = createDescribedServer(dependencies);
    await server.ready();
    await server.close();
    const served = table.routes
      .filter(({ method, path }) => method !== "HEAD" && !path.startsWith("/docs"))
      .map(({ method, path }) => `${method} ${path}`);
    const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(
      served.filter((route) => !described.includes(route)),
      "routes that relayer/api/schemas does not describe",
    ).to.deep.equal([]);
    expect(described.filter((route) => !served.includes(route))).to.deep.equal([]);
    expect(new Set(described).size).to.equal(described.length);
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).to.equal(OPERATIONS.length);
  });

  it("names every parameter of a path, and refers to nothing that is not there", () => {
    for (const { path, parameters, operationId } of specification.operations) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(declared, operationId).to.deep.equal(names);
    }
    const text = JSON.stringify(specification.document);
    const { components } = specification.document as { components: Record<string, Record<string, unknown>> };
    const referred = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind, name]) => `${kind}/${name}`),
    );
    for (const each of referred) {
      const [kind = "", name = ""] = each.split("/");
      expect(components[kind]?.[name], each).to.be.an("object");
    }
    expect((text.match(/"\$ref"/g) ?? []).length).to.equal(
      (text.match(/"\$ref":"#\/components\/\w+\/\w+"/g) ?? []).length,
    );
    const unused = ["schemas", "responses"].flatMap((kind) =>
      Object.keys(components[kind] ?? {})
        .map((name) => `${kind}/${name}`)
        .filter((name) => !referred.has(name)),
    );
    expect(unused).to.deep.equal([]);
  });

  it("has examples that are as it says", () => {
    const check = (schema: Schema | undefined, example: unknown, where: string) => {
      expect(specification.complaints(schema ?? {}, example), where).to.deep.equal([]);
    };
    let count = 0;
    for (const operation of specification.operations) {
      const { operationId, requestBody, parameters } = operation;
      for (const { name, schema } of parameters) {
        for (const example of (schema.examples ?? []) as unknown[]) check(schema, example, `${operationId} ${name}`);
      }
      const answers = Object.keys(operation.responses).map((status) =>
        specification.response(operation, Number(status)),
      );
      for (const content of [requestBody?.content, ...answers.map((answer) => answer?.content)]) {
        for (const { schema, example } of Object.values(content ?? {})) {
          if (schema === undefined) continue;
          check(schema, example, operationId);
          count += 1;
        }
      }
    }
    for (const [name, schema] of Object.entries(specification.components)) checkParts(schema, name);
    expect(count).to.be.greaterThan(200);

    function checkParts(schema: unknown, where: string): void {
      if (typeof schema !== "object" || schema === null) return;
      const { examples } = schema as Schema;
      if (Array.isArray(examples)) for (const example of examples as unknown[]) check(schema as Schema, example, where);
      for (const [key, member] of Object.entries(schema)) checkParts(member, `${where}.${key}`);
    }
  });

  describe("and the relayer's own reading of bodies agree", () => {
    const parsers: Record<string, (body: unknown) => Parsed> = {
      submitPayment: parseAuthorization,
      createPaymentRequest: parseRequestBody,
      readDocument: parseDocumentAccess,
      createWebhookEndpoint: (body) => read(() => readNewEndpoint(body, false)),
      changeWebhookEndpoint: (body) => read(() => readEndpointChange(body, false)),
      replayEvents: (body) => read(() => readReplay(body)),
      verifyX402: parseX402,
      settleX402: parseX402,
    };
    for (const verb of REQUESTED_VERBS) parsers[idAt(`/v1/payments/{id}/${verb}`)] = (body) => parseAct(verb, body);
    for (const kind of INSTRUCTION_KINDS) parsers[idOf(kind)] = (body) => parseInstruction(kind, body);

    function read(reader: () => unknown): Parsed {
      try {
        reader();
        return { ok: true };
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        return { ok: false, problem: error.body as unknown as NonNullable<Parsed["problem"]> };
      }
    }

    function parseX402(body: unknown): Parsed {
      const result = readX402Request(body);
      return result.kind === "problem" ? { ok: false, problem: result.problem } : { ok: true };
    }

    function idAt(path: string): string {
      return specification.find("POST", path)?.operationId ?? "";
    }

    function idOf(kind: (typeof INSTRUCTION_KINDS)[number]): string {
      const paths = {
        approval: "approvals",
        "device-binding": "devices",
        deposit: "deposits",
        agreement: "agreements",
      } as const;
      const others = {
        withdrawal: "withdrawals",
        cancellation: "cancellations",
        "device-revocation": "device-revocations",
      } as const;
      return idAt(`/v1/${{ ...paths, ...others }[kind]}`);
    }

    for (const [id, parse] of Object.entries(parsers)) {
      const operation = specification.operations.find(({ operationId }) => operationId === id);
      const schema = bodySchema(operation);

      it(`${id}: what is described is read, but for a checksum or a number out of range`, () => {
        fc.assert(
          fc.property(valuesOf(schema, specification.components), (value) => {
            expect(specification.complaints(schema, value)).to.deep.equal([]);
            const { ok, problem } = parse(withParts(id, value));
            if (!ok && problem?.code === "invalid_field")
              expect(problem.expected).to.match(/from \d+ to \d+|other than zero|top byte|days ago/);
          }),
          { numRuns: 200 },
        );
      });

      it(`${id}: what is not described is refused`, () => {
        let refused = 0;
        fc.assert(
          fc.property(brokenFrom(valuesOf(schema, specification.components)), (value) => {
            const body: unknown = JSON.parse(JSON.stringify(value));
            if (specification.complaints(schema, body).length === 0) return;
            expect(parse(withParts(id, body)).ok).to.equal(false);
            refused += 1;
          }),
          { numRuns: 200 },
        );
        expect(refused).to.be.greaterThan(100);
      });
    }

    function bodySchema(operation: Operation | undefined): Schema {
      const schema = operation?.requestBody?.content["application/json"]?.schema;
      if (schema === undefined) throw new Error("no body is described");
      return schema;
    }

    /** The merchant of a payment request comes with the key. */
    function withParts(id: string, value: unknown): unknown {
      const isOpen =
        id === "createPaymentRequest" && typeof value === "object" && value !== null && !Array.isArray(value);
      return isOpen ? { merchant: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ...value } : value;
    }
  });
});
