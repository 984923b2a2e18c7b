import type { FastifyInstance } from "fastify";

/** What is served: to answer a wrong method with the right ones, and to find what is not described. */
export interface RouteTable {
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** The methods that are served at a path. */
  methodsAt(path: string): readonly string[];
}

/** Notes every route that is added afterwards. */
export function watchRoutes(server: FastifyInstance): RouteTable {
  const routes: { method: string; path: string }[] = [];
  server.addHook("onRoute", ({ method, url }) => {
    for (const each of Array.isArray(method) ? method : [method]) routes.push({ method: each, path: url });
  });
  return {
    routes,
    methodsAt(path) {
      const parts = path.split("/");
      return [...new Set(routes.filter((route) => fits(route.path.split("/"), parts)).map(({ method }) => method))];
    },
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.at(-1) === "*") return pattern.slice(0, -1).every((part, index) => part === parts[index]);
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, index) => (part.startsWith(":") ? parts[index] !== "" : part === parts[index]));
}
