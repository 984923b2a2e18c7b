/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema under `components`. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object that is answered. Clients must bear members that they do not know. */
export function answered(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** An object that is taken: what is not named is refused. @param optional The members that may be left out. */
export function taken(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

export function nullable(schema: JsonSchema): JsonSchema {
  if (typeof schema.type !== "string") return { anyOf: [schema, { type: "null" }] };
  const values = Array.isArray(schema.enum) ? { enum: [...(schema.enum as unknown[]), null] } : {};
  return { ...schema, type: [schema.type, "null"], ...values };
}

export function oneOf(words: readonly string[], description?: string): JsonSchema {
  return { type: "string", enum: words, ...(description === undefined ? {} : { description }) };
}

export function listOf(items: JsonSchema, limits: Readonly<Record<string, unknown>> = {}): JsonSchema {
  return { type: "array", items, ...limits };
}

/** The same schema, said to be something in particular. */
export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}
