import { Button, NavLink, Paper } from "@mantine/core";
import {
  IconChevronDown,
  IconCode,
  IconCoins,
  IconFileInvoice,
  IconLayoutDashboard,
  IconReceipt,
  IconReportMoney,
} from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

const PAGES = [
  { path: "/merchant", name: "overview", Icon: IconLayoutDashboard },
  { path: "/merchant/requests", name: "requests", Icon: IconFileInvoice },
  { path: "/merchant/payments", name: "payments", Icon: IconReceipt },
  { path: "/merchant/balances", name: "balances", Icon: IconCoins },
  { path: "/merchant/reconciliation", name: "reconciliation", Icon: IconReportMoney },
  { path: "/merchant/developers", name: "developers", Icon: IconCode },
] as const;

export function NavigationList() {
  const { t } = useTranslation("merchant");
  const present = usePresentPage();
  return (
    <nav aria-label={t("frame.navigation")}>
      {PAGES.map(({ path, name, Icon }) => (
        <NavLink
          key={path}
          label={t(`frame.pages.${name}`)}
          leftSection={<Icon size="1.1rem" aria-hidden />}
          active={path === present.path}
          style={{ borderRadius: "var(--mantine-radius-md)" }}
          renderRoot={(props) => <Link {...props} to={path} activeOptions={{ exact: path === "/merchant" }} />}
        />
      ))}
    </nav>
  );
}

/** The same on a phone, where one line has to do until it is opened. */
export function NavigationMenu() {
  const { t } = useTranslation("merchant");
  const present = usePresentPage();
  const { pathname } = useLocation();
  // Open on the page where it was opened, so that going to another closes it.
  const [openAt, setOpenAt] = useState<string>();
  const isOpen = openAt === pathname;
  return (
    <>
      <Button
        variant="default"
        fullWidth
        justify="space-between"
        aria-expanded={isOpen}
        leftSection={<present.Icon size="1.1rem" aria-hidden />}
        rightSection={<IconChevronDown size="1.1rem" aria-hidden />}
        onClick={() => {
          setOpenAt(isOpen ? undefined : pathname);
        }}
      >
        {t(`frame.pages.${present.name}`)}
      </Button>
      {isOpen && (
        <Paper withBorder mt={4} p={4}>
          <NavigationList />
        </Paper>
      )}
    </>
  );
}

/** The page whose path begins the present one; the overview's begins them all. */
function usePresentPage(): (typeof PAGES)[number] {
  const { pathname } = useLocation();
  const [overview, ...others] = PAGES;
  return others.find(({ path }) => pathname.startsWith(path)) ?? overview;
}
