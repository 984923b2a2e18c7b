import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { rootRoute } from "../app/root-route.ts";

export const checkoutRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/pay/$requestId",
    component: lazyRouteComponent(() => import("./pay-page.tsx"), "PayPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/receipt/$paymentId",
    component: lazyRouteComponent(() => import("./receipt-page.tsx"), "ReceiptPage"),
  }),
];
