import { MAX_PAGE } from "../read.ts";
import { answered, described, type JsonSchema, listOf, nullable } from "./json-schema.ts";

/** The parameters of every list. @param id What the ids in the list look like. */
export function page(id: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return {
    cursor: described(id, "`next` of the page before."),
    limit: { type: "integer", minimum: 1, maximum: MAX_PAGE, default: 50, examples: [20] },
  };
}

export function listed(name: string, item: JsonSchema, id: JsonSchema): JsonSchema {
  return answered({
    [name]: listOf(item),
    next: described(nullable(id), "The cursor of the next page; null on the last one."),
  });
}
