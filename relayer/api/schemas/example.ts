import type { JsonSchema } from "./json-schema.ts";

/** Composes an example of what a schema describes out of the examples of its parts. Of alternatives it takes the first. */
export function exampleOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): unknown {
  const { $ref, examples, type } = schema;
  if (typeof $ref === "string") return exampleOf(components[$ref.split("/").at(-1) ?? ""] ?? {}, components);
  if (Array.isArray(examples)) return examples[0] as unknown;
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown;
  const alternatives = (schema.oneOf ?? schema.anyOf) as readonly JsonSchema[] | undefined;
  if (alternatives?.[0] !== undefined) return exampleOf(alternatives[0], components);
  if (type === "array" || (Array.isArray(type) && type[0] === "array"))
    return [exampleOf(schema.items as JsonSchema, components)];
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
  return Object.fromEntries(properties.map(([name, member]) => [name, exampleOf(member, components)]));
}
