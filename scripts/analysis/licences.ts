/**
 * Whether a licence, an SPDX expression, can be met by the licences that are allowed: one side of an OR, both of an AND. An exception
 * after WITH only gives more leave. Source: SPDX specification 2.3, annex D.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;

  function either(): boolean {
    let met = both();
    while (tokens[at] === "OR") {
      at += 1;
      const other = both();
      met = met || other;
    }
    return met;
  }

  function both(): boolean {
    let met = one();
    while (tokens[at] === "AND") {
      at += 1;
      const other = one();
      met = met && other;
    }
    return met;
  }

  function one(): boolean {
    const token = tokens[at];
    at += 1;
    if (token === "(") {
      const met = either();
      const isClosed = tokens[at] === ")";
      at += 1;
      return met && isClosed;
    }
    if (tokens[at] === "WITH") at += 2;
    return token !== undefined && allowed.has(token);
  }

  const met = either();
  return met && at === tokens.length;
}
