import { Anchor, Group, ScrollArea, Stack } from "@mantine/core";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { ContractsNotice } from "../../parts/contracts-notice.tsx";
import { NodeBar } from "../node/node-bar.tsx";
import { SourceProvider } from "../node/source-provider.tsx";

const TABS = [
  { to: "/audit", name: "tabs.search" },
  { to: "/audit/reserves", name: "tabs.reserves" },
  { to: "/audit/invoice", name: "tabs.invoice" },
  { to: "/audit/receipt", name: "tabs.receipt" },
] as const;

/** Records and accounts are found by a search, so they stand under its tab. */
function isAt(pathname: string, to: string): boolean {
  const others = TABS.slice(1).some((tab) => pathname.startsWith(tab.to));
  return to === "/audit" ? !others : pathname.startsWith(to);
}

/** Everything of an auditor: the node that is asked, and the pages' tabs. */
export function AuditFrame() {
  const { t } = useTranslation("auditor");
  const { pathname } = useLocation();
  return (
    <SourceProvider>
      <Stack gap="md">
        <ScrollArea type="never">
          <Group component="nav" aria-label={t("tabs.label")} gap="lg" wrap="nowrap">
            {TABS.map(({ to, name }) => {
              const isHere = isAt(pathname, to);
              return (
                <Anchor
                  key={to}
                  component={Link}
                  to={to}
                  py="xs"
                  fw={isHere ? 650 : 400}
                  c={isHere ? "inherit" : "dimmed"}
                  underline="never"
                  style={{
                    whiteSpace: "nowrap",
                    borderBottom: `2px solid ${isHere ? "var(--mantine-primary-color-filled)" : "transparent"}`,
                  }}
                  {...(isHere ? { "aria-current": "page" as const } : {})}
                >
                  {t(name)}
                </Anchor>
              );
            })}
          </Group>
        </ScrollArea>
        <ContractsNotice />
        <NodeBar />
        <Outlet />
      </Stack>
    </SourceProvider>
  );
}
