import type { AnyRoute } from "@tanstack/react-router";

export const auditorRoutes: readonly AnyRoute[] = [];
