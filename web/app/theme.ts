import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "cyan",
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: "md",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "PingFang TC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
});

/** Colours with a contrast of at least 4.5 (WCAG 2.2, 1.4.3), which the library's own have not everywhere. */
export const colorsWithContrast: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-placeholder": colors.gray[7],
    "--mantine-color-error": colors.red[9],
    ...deeper(Object.keys(colors), "filled-hover"),
    ...deeper(Object.keys(colors), "light-color"),
  },
  dark: {
    "--mantine-color-dimmed": colors.dark[1],
    "--mantine-color-placeholder": colors.dark[1],
    "--mantine-color-error": colors.red[4],
    ...deeper(Object.keys(colors), "filled-hover"),
  },
});

/** Darker than any shade of the palette: under white text while a button is pointed at, and as text on a tinted ground. */
function deeper(names: readonly string[], use: "filled-hover" | "light-color"): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [
      `--mantine-color-${name}-${use}`,
      `color-mix(in srgb, var(--mantine-color-${name}-9) 70%, black)`,
    ]),
  );
}
