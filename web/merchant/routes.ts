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
    path: "/reconciliation",
    component: lazyRouteComponent(() => import("./reports/reconciliation-page.tsx"), "ReconciliationPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/developers",
    component: lazyRouteComponent(() => import("./developers/developers-page.tsx"), "DevelopersPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/requests",
    component: lazyRouteComponent(() => import("./requests/requests-page.tsx"), "RequestsPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/requests/new",
    component: lazyRouteComponent(() => import("./requests/new-request-page.tsx"), "NewRequestPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/requests/$requestId",
    component: lazyRouteComponent(() => import("./requests/request-page.tsx"), "RequestPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/payments",
    component: lazyRouteComponent(() => import("./payments/payments-page.tsx"), "PaymentsPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/payments/$paymentId",
    component: lazyRouteComponent(() => import("./payments/payment-page.tsx"), "PaymentPage"),
  }),
] as const;

export const merchantRoutes = [frame.addChildren(pages)] as const;
