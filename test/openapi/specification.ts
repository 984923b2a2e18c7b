import { createRequire } from "node:module";

import { openApiDocument } from "../../relayer/api/schemas/document.ts";

export type Schema = Readonly<Record<string, unknown>>;

interface MediaType {
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>;
  /** Absent: no body. */
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Validate {
  (value: unknown): boolean;
  readonly errors?:
    readonly { readonly instancePath: string; readonly message?: string; readonly params: unknown }[] | null;
}

interface Ajv {
  addSchema(schema: Schema, key: string): void;
  compile(schema: Schema): Validate;
}

type AjvClass = new (options: Schema) => Ajv;

/** What the relayer says of itself, and whether something is as it says. */
export class Specification {
  // A copy: what is compared must not be what the server holds.
  readonly document = structuredClone(openApiDocument());
  readonly operations: readonly Operation[];
  readonly components: Readonly<Record<string, Schema>>;
  readonly #responses: Readonly<Record<string, Response>>;
  readonly #ajv: Ajv;
  readonly #compiled = new Map<Schema, Validate>();

  constructor() {
    const { schemas, responses } = this.document.components as {
      schemas: Record<string, Schema>;
      responses: Record<string, Response>;
    };
    this.components = schemas;
    this.#responses = responses;
    this.operations = Object.entries(
      this.document.paths as Record<string, Record<string, Omit<Operation, "path">>>,
    ).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        ...operation,
        ...{ method: method.toUpperCase(), path, parameters: (operation as Partial<Operation>).parameters ?? [] },
      })),
    );
    this.#ajv = newAjv();
    for (const [name, schema] of Object.entries(schemas)) this.#ajv.addSchema(prepared(schema), `component:${name}`);
  }

  /** The operation that a request is for. */
  find(method: string, path: string): Operation | undefined {
    const parts = path.split("/");
    const fits = (pattern: string) => {
      const wanted = pattern.split("/");
      return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("{") || part === parts[at]);
    };
    return this.operations.find((operation) => operation.method === method && fits(operation.path));
  }

  response(operation: Operation, status: number): Response | undefined {
    const found = operation.responses[String(status)] as (Response & { readonly $ref?: string }) | undefined;
    return found?.$ref === undefined ? found : this.#responses[found.$ref.split("/").at(-1) ?? ""];
  }

  /** What of a value is not as the schema says; members that are not described count. */
  complaints(schema: Schema, value: unknown): readonly string[] {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(prepared(schema));
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`,
    );
  }

  /** What of an answer is not as it is described. */
  async complaintsAbout(method: string, url: string, answer: globalThis.Response): Promise<readonly string[]> {
    const operation = this.find(method, new URL(url).pathname);
    if (operation === undefined) return [`${method} ${url} is not described`];
    const where = `${operation.operationId} ${answer.status}`;
    const response = this.response(operation, answer.status);
    if (response === undefined) return [`${where} is not described: ${await answer.text()}`];
    if (response.content === undefined) {
      const body = await answer.text();
      return body === "" ? [] : [`${where} has a body: ${body}`];
    }
    const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const media = response.content[type] ?? response.content["*/*"];
    if (media === undefined) return [`${where} is of another type: ${type}`];
    const missing = Object.keys(response.headers ?? {}).filter((name) => !answer.headers.has(name));
    const complaints = missing.map((name) => `${where} lacks the header ${name}`);
    if (media.schema === undefined) return complaints;
    const text = await answer.text();
    const value: unknown = type.endsWith("json") ? JSON.parse(text) : text;
    return [
      ...complaints,
      ...this.complaints(media.schema, value).map((each) => `${where} ${each} in ${text.slice(0, 300)}`),
    ];
  }
}

/** The validator that Fastify brings, of JSON Schema 2020-12. */
function newAjv(): Ajv {
  const fromHere = createRequire(import.meta.url);
  const fromFastify = createRequire(fromHere.resolve("fastify"));
  const fromCompiler = createRequire(fromFastify.resolve("@fastify/ajv-compiler"));
  const { Ajv2020 } = fromCompiler("ajv/dist/2020") as { Ajv2020: AjvClass };
  const formats = fromCompiler("ajv-formats") as { default: (ajv: Ajv) => void };
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    validateFormats: true,
  });
  formats.default(ajv);
  return ajv;
}

/** A copy in which no object has members that its schema does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, member]) => [key, closed(member)]));
  const isObject = copy.type === "object" && typeof copy.properties === "object";
  return isObject && !("additionalProperties" in copy) ? { ...copy, additionalProperties: false } : copy;
}

/** A copy whose references point to the components that the validator has. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]: [string, unknown]) => [
      key,
      key === "$ref" && typeof member === "string"
        ? member.replace("#/components/schemas/", "component:")
        : absolute(member),
    ]),
  );
}

function prepared(schema: Schema): Schema {
  return absolute(closed(schema)) as Schema;
}
