export const auditorRoutes = [] as const;
