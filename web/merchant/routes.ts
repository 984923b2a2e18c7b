import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { rootRoute } from "../app/root-route.ts";

const frame = createRoute({
  getParentRoute: () => rootRoute,
  path: "/merchant",
  component: lazyRouteComponent(() => import("./frame/merchant-frame.tsx"), "MerchantFrame"),
});

const pages = [
  createRoute({
    getParentRoute: () => frame,
    path: "/",
    component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/balances",
    component: lazyRouteComponent(() => import("./balances/balances-page.tsx"), "BalancesPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/developers",
    component: lazyRouteComponent(() => import("./developers/developers-page.tsx"), "DevelopersPage"),
  }),
] as const;

export const merchantRoutes = [frame.addChildren(pages)] as const;
