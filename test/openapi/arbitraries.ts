import fc from "fast-check";

import type { Operation, Parameter, Schema } from "./specification.ts";

type Components = Readonly<Record<string, Schema>>;

/** Values that a schema describes. */
export function valuesOf(schema: Schema, components: Components): fc.Arbitrary<unknown> {
  const { $ref, type, enum: words } = schema;
  if (typeof $ref === "string") return valuesOf(components[$ref.split("/").at(-1) ?? ""] ?? {}, components);
  if (Array.isArray(words)) return fc.constantFrom(...(words as unknown[]));
  const alternatives = (schema.oneOf ?? schema.anyOf) as readonly Schema[] | undefined;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map((each) => valuesOf(each, components)));
  if (Array.isArray(type)) {
    return fc.oneof(...(type as string[]).map((each) => valuesOf({ ...schema, type: each }, components)));
  }
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.constantFrom(...((schema.examples ?? [0.5]) as unknown[]));
    case "integer":
      return fc.integer({ min: (schema.minimum ?? 0) as number, max: (schema.maximum ?? 2 ** 31) as number });
    case "string":
      return textsOf(schema);
    case "array": {
      const { items, minItems = 0, maxItems = 5, uniqueItems } = schema as Record<string, unknown> & { items: Schema };
      const limits = { minLength: minItems as number, maxLength: Math.min(maxItems as number, 70) };
      const item = valuesOf(items, components);
      return uniqueItems === true ? fc.uniqueArray(item, limits) : fc.array(item, limits);
    }
    case "object": {
      const properties = Object.entries((schema.properties ?? {}) as Components);
      if (properties.length === 0 && schema.additionalProperties === true) {
        return fc.oneof(
          fc.constantFrom(...((schema.examples ?? [{}]) as unknown[])),
          fc.dictionary(fc.string(), fc.jsonValue()),
        );
      }
      const members = Object.fromEntries(properties.map(([name, member]) => [name, valuesOf(member, components)]));
      return fc.record(members, { requiredKeys: (schema.required ?? []) as string[] });
    }
    default:
      return fc.jsonValue();
  }
}

function textsOf({ pattern, format, examples, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  const example = fc.constantFrom(...((examples ?? ["x"]) as string[]));
  if (format === "date-time") {
    const times = fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
    return fc.oneof(
      example,
      times.map((time) => time.toISOString()),
    );
  }
  // Nothing is to be sent to whoever may be at a place that was made up.
  if (format === "uri") return example;
  if (typeof pattern !== "string") {
    return fc.oneof(example, fc.string(typeof minLength === "number" ? { minLength } : {}));
  }
  const matching = fc.stringMatching(new RegExp(pattern, "u"));
  const fitting =
    typeof maxLength === "number" ? matching.map((text) => Array.from(text).slice(0, maxLength).join("")) : matching;
  return fc.oneof(example, fitting);
}

const WILD_TEXT = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("", "0", "-1", "0x", "null", "\u0000", "\ud800", "1e400", "0x".padEnd(66, "f"), "9".repeat(400), "٣"),
  fc.string({ minLength: 2_000, maxLength: 3_000 }),
);
const WILD = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<unknown>,
  WILD_TEXT,
  fc.constantFrom<unknown>(-1, 1.5, 1e308, 2 ** 53, [], {}, [[]], { __proto__: null }, true),
);

/** Values that were right and have something changed somewhere. */
export function brokenFrom(whole: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(1_000),
    how: fc.constantFrom("replace", "replace", "remove", "add"),
    by: WILD,
    name: fc.oneof(fc.constantFrom("constructor", "toString", "length", "nonsense"), fc.string({ maxLength: 20 })),
  });
  const changed = fc.tuple(whole, fc.array(change, { minLength: 1, maxLength: 3 })).map(([value, changes]) => {
    const holder = { value: structuredClone(value) };
    for (const each of changes) alter(holder, each);
    return holder.value;
  });
  return fc.oneof({ weight: 6, arbitrary: changed }, { weight: 1, arbitrary: WILD });
}

interface Change {
  readonly at: number;
  readonly how: string;
  readonly by: unknown;
  readonly name: string;
}

function alter(root: Record<string, unknown>, { at, how, by, name }: Change): void {
  const places = placesIn(root);
  const place = places[at % places.length];
  if (place === undefined) return;
  const { holder, key } = place;
  // A copy: what stands in two places, or in itself, is no JSON.
  const value: unknown = structuredClone(by);
  const member = holder[key];
  if (how === "remove" && holder !== root) Reflect.deleteProperty(holder, key);
  else if (how === "add" && Array.isArray(member)) member.push(value);
  else if (how === "add" && typeof member === "object" && member !== null) {
    Object.defineProperty(member, name, { value, enumerable: true, configurable: true, writable: true });
  } else holder[key] = value;
}

function placesIn(holder: Record<string, unknown>): { holder: Record<string, unknown>; key: string }[] {
  return Object.keys(holder).flatMap((key) => {
    const member = holder[key];
    const inner = typeof member === "object" && member !== null ? placesIn(member as Record<string, unknown>) : [];
    return [{ holder, key }, ...inner];
  });
}

export interface GeneratedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * Requests for an operation. @param real Ids of things that are there, by the path and the parameter that take them.
 * @param bodies Bodies that were good once, by the path. @param broken Whether something of them is wrong.
 */
export function requestsFor(
  operation: Operation,
  components: Components,
  real: Readonly<Record<string, readonly string[]>>,
  bodies: Readonly<Record<string, readonly unknown[]>>,
  broken: boolean,
): fc.Arbitrary<GeneratedRequest> {
  const { path, parameters, requestBody } = operation;
  const valueOf = (parameter: Parameter): fc.Arbitrary<string> => {
    const right = valuesOf(parameter.schema, components).map(String);
    const known = real[`${path} ${parameter.name}`] ?? [];
    const likely =
      known.length === 0
        ? right
        : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: right });
    return broken ? fc.oneof({ weight: 3, arbitrary: likely }, { weight: 1, arbitrary: WILD_TEXT }) : likely;
  };
  const group = (place: string) => {
    const fitting = parameters.filter((parameter) => parameter.in === place);
    const requiredKeys = fitting
      .filter(({ required }) => required && !(broken && place !== "path"))
      .map(({ name }) => name);
    return fc.record(Object.fromEntries(fitting.map((parameter) => [parameter.name, valueOf(parameter)])), {
      requiredKeys,
    });
  };
  const strays = broken
    ? fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), WILD_TEXT, { maxKeys: 1 })
    : fc.constant({});
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const generated = media?.schema === undefined ? fc.constant("bytes") : valuesOf(media.schema, components);
  const known = bodies[path] ?? [];
  const right = known.length === 0 ? generated : fc.oneof(fc.constantFrom(...known), generated);
  const json = (broken ? fc.oneof(right, brokenFrom(right)) : right).map(
    (value) => JSON.stringify(value) as string | undefined,
  );
  const text = broken ? fc.oneof({ weight: 8, arbitrary: json }, { weight: 1, arbitrary: WILD_TEXT }) : json;
  const types = broken
    ? fc.oneof(
        { weight: 8, arbitrary: fc.constant("application/json") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "text/plain",
            "application/xml",
            "multipart/form-data",
            "*/*",
            "x",
            "application/json; charset=utf-16",
          ),
        },
      )
    : fc.constant(type === undefined || type === "*/*" ? "application/pdf" : type);
  return fc
    .record({ path: group("path"), query: group("query"), header: group("header"), strays, text, type: types })
    .map((parts) => {
      const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeWild(parts.path[name] || "x"));
      const query = Object.entries({ ...parts.query, ...parts.strays }).map(
        ([name, value]) => `${encodeWild(name)}=${encodeWild(String(value))}`,
      );
      const headers = Object.fromEntries(
        Object.entries(parts.header).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, "?").slice(0, 400)]),
      );
      const hasBody = requestBody !== undefined && parts.text !== undefined;
      return {
        path: query.length === 0 ? filled : `${filled}?${query.join("&")}`,
        headers: hasBody ? { ...headers, "content-type": parts.type } : headers,
        body: hasBody ? parts.text : undefined,
      };
    });
}

/** Half of a surrogate pair cannot be encoded. A dot alone would be taken for a place by `fetch`. */
function encodeWild(text: string): string {
  const encoded = encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "?"));
  return /^\.+$/.test(encoded) ? "dots" : encoded;
}
