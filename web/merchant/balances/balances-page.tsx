import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function BalancesPage() {
  const { t } = useTranslation("merchant");
  return <Title order={1}>{t("frame.pages.balances")}</Title>;
}
