/** By the theme's variables, so that charts follow dark and light. */
export const GRID_COLOR = "var(--mantine-color-default-border)";

export const AXIS = {
  tickLine: false,
  axisLine: false,
  tick: { fill: "var(--mantine-color-dimmed)", fontSize: 12 },
} as const;

export const TOOLTIP = {
  cursor: { fill: "var(--mantine-color-default-hover)" },
  contentStyle: {
    background: "var(--mantine-color-body)",
    border: "1px solid var(--mantine-color-default-border)",
    borderRadius: "var(--mantine-radius-md)",
    fontSize: "0.85rem",
  },
  itemStyle: { color: "var(--mantine-color-text)" },
} as const;
