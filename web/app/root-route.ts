import { createRootRoute } from "@tanstack/react-router";

import { ErrorPage, NotFoundPage } from "./error-page.tsx";
import { Shell } from "./shell.tsx";

export const rootRoute = createRootRoute({
  component: Shell,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});
