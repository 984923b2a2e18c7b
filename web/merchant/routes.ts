export const merchantRoutes = [] as const;
