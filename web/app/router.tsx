import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { auditorRoutes } from "../auditor/routes.ts";
import { checkoutRoutes } from "../checkout/routes.ts";
import { merchantRoutes } from "../merchant/routes.ts";
import { ErrorPage } from "./error-page.tsx";
import { rootRoute } from "./root-route.ts";

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./home-page.tsx"), "HomePage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([home, ...checkoutRoutes, ...merchantRoutes, ...auditorRoutes]),
  defaultErrorComponent: ErrorPage,
  defaultPendingMs: 200,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
