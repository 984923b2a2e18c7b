import { useTranslation } from "react-i18next";

/** Says of a code why a payment was refused, what that means for the money, and what to do. */
export function useRefusalWords(): (code: string) => string {
  const { t, i18n } = useTranslation("checkout");
  return (code) => (i18n.exists(`checkout:refused.${code}`) ? t(`refused.${code}`) : t("refused.other", { code }));
}
