import { Button, Menu, NavLink } from "@mantine/core";
import {
  IconChevronDown,
  IconCode,
  IconCoins,
  IconFileInvoice,
  IconLayoutDashboard,
  IconReceipt,
} from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { SignedIn } from "./signed-in.tsx";

const PAGES = [
  { path: "/merchant", name: "overview", Icon: IconLayoutDashboard },
  { path: "/merchant/requests", name: "requests", Icon: IconFileInvoice },
  { path: "/merchant/payments", name: "payments", Icon: IconReceipt },
  { path: "/merchant/balances", name: "balances", Icon: IconCoins },
  { path: "/merchant/developers", name: "developers", Icon: IconCode },
] as const;

export function NavigationSidebar() {
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
          renderRoot={(props) => (
            <Link {...props} to={path} {...(path === present.path ? { "aria-current": "page" } : {})} />
          )}
        />
      ))}
    </nav>
  );
}

/** The same on a phone, where one line has to do. */
export function NavigationMenu({ address }: { address: string }) {
  const { t } = useTranslation("merchant");
  const present = usePresentPage();
  return (
    <nav aria-label={t("frame.navigation")}>
      <Menu width="target" position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            fullWidth
            justify="space-between"
            leftSection={<present.Icon size="1.1rem" aria-hidden />}
            rightSection={<IconChevronDown size="1.1rem" aria-hidden />}
          >
            {t(`frame.pages.${present.name}`)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PAGES.map(({ path, name, Icon }) => (
            <Menu.Item
              key={path}
              leftSection={<Icon size="1.1rem" aria-hidden />}
              renderRoot={(props) => <Link {...props} to={path} />}
            >
              {t(`frame.pages.${name}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label component="div">
            <SignedIn address={address} />
          </Menu.Label>
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

/** The page whose path begins the present one; the overview's begins them all. */
function usePresentPage(): (typeof PAGES)[number] {
  const { pathname } = useLocation();
  const [overview, ...others] = PAGES;
  return others.find(({ path }) => pathname.startsWith(path)) ?? overview;
}
