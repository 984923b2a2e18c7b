import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Facts by name: side by side where there is room. */
export function FactList({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <Box component="dl" m={0}>
      {facts.map(([name, value], index) => (
        <Box
          key={`${name} ${index}`}
          py={6}
          style={{ display: "flex", flexWrap: "wrap", columnGap: "1rem", overflowWrap: "anywhere" }}
        >
          <Text component="dt" size="sm" c="dimmed" style={{ flex: "0 0 11rem" }}>
            {name}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ flex: "1 1 12rem", minWidth: 0 }}>
            {value}
          </Text>
        </Box>
      ))}
    </Box>
  );
}
