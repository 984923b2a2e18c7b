import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { rootRoute } from "../app/root-route.ts";

const frame = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("./frame/audit-frame.tsx"), "AuditFrame"),
});

const pages = [
  createRoute({
    getParentRoute: () => frame,
    path: "/",
    component: lazyRouteComponent(() => import("./frame/search-page.tsx"), "SearchPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/payments/$id",
    component: lazyRouteComponent(() => import("./payments/payment-page.tsx"), "PaymentPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/accounts/$address",
    component: lazyRouteComponent(() => import("./accounts/account-page.tsx"), "AccountPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/transactions/$hash",
    component: lazyRouteComponent(() => import("./transactions/transaction-page.tsx"), "TransactionPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/reserves",
    component: lazyRouteComponent(() => import("./reserves/reserves-page.tsx"), "ReservesPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/invoice",
    component: lazyRouteComponent(() => import("./documents/invoice-page.tsx"), "InvoicePage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/receipt",
    component: lazyRouteComponent(() => import("./documents/receipt-page.tsx"), "ReceiptPage"),
  }),
];

export const auditorRoutes = [frame.addChildren(pages)];
