import { Anchor, Box, Center, Container, Group, Loader, Text } from "@mantine/core";
import { Outlet, useLocation } from "@tanstack/react-router";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";

import { ColorSchemeButton } from "./color-scheme-button.tsx";
import { LanguageMenu } from "./language-menu.tsx";
import { ReadingSizeButton } from "./reading-size-button.tsx";

/** Faces are documents of their own, each with its own content security policy: links between them load anew. */
const FACES = [
  { path: "/merchant", name: "faces.merchant" },
  { path: "/audit", name: "faces.audit" },
] as const;

/** What stands around every page. A payer sees no way to elsewhere, so that nothing leads her off. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const isCheckout = pathname.startsWith("/pay/") || pathname.startsWith("/receipt/");
  return (
    <Box mih="100dvh" style={{ display: "flex", flexDirection: "column" }}>
      <Anchor href="#main" className="skip-link">
        {t("skipToContent")}
      </Anchor>
      <Box component="header" px="md" py="xs" style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}>
        <Group justify="space-between" wrap="nowrap" gap="xs" maw={1200} mx="auto">
          <Group gap="lg" wrap="nowrap">
            {isCheckout ? (
              <Text fw={700}>{t("product")}</Text>
            ) : (
              <Anchor href="/" fw={700} c="inherit" underline="never">
                {t("product")}
              </Anchor>
            )}
            {!isCheckout && (
              <Group component="nav" gap="md" wrap="nowrap" aria-label={t("faces.label")}>
                {FACES.map(({ path, name }) => (
                  <Anchor
                    key={path}
                    href={path}
                    size="sm"
                    c={pathname.startsWith(path) ? "inherit" : "dimmed"}
                    {...(pathname.startsWith(path) ? { "aria-current": "page" as const } : {})}
                  >
                    {t(name)}
                  </Anchor>
                ))}
              </Group>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <ReadingSizeButton />
            <ColorSchemeButton />
            <LanguageMenu />
          </Group>
        </Group>
      </Box>
      <Container component="main" id="main" size={isCheckout ? 960 : 1200} w="100%" py="lg" px="md" style={{ flex: 1 }}>
        <Suspense
          fallback={
            <Center mih={240}>
              <Loader role="status" aria-label={t("loading")} />
            </Center>
          }
        >
          <Outlet />
        </Suspense>
      </Container>
    </Box>
  );
}
