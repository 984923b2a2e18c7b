import type { AnyRoute } from "@tanstack/react-router";

export const checkoutRoutes: readonly AnyRoute[] = [];
