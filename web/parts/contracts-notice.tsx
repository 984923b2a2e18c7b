import { Alert, List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { differencesOf } from "../../sdk/deployment-differences.ts";
import { useToldNetwork } from "../app/network.ts";
import { KNOWN } from "./built-in-deployments.ts";
import { HexText } from "./hex-text.tsx";

/** Says where the relayer names other contracts or tokens than the deployment of its chain that this page was built with. */
export function ContractsNotice() {
  const { t } = useTranslation();
  const told = useToldNetwork();
  const known = KNOWN.deployments.find(({ chainId }) => String(chainId) === told.chainId);
  const differences = known === undefined ? [] : differencesOf(known, told);
  if (known === undefined || differences.length === 0) return null;
  return (
    <Alert color="red" role="alert" title={t("contracts.differ", { network: known.network })}>
      <Text size="sm">{t("contracts.whatToDo")}</Text>
      <List size="sm" mt="xs" spacing="xs" style={{ overflowWrap: "anywhere" }}>
        {differences.map(({ what, told: address, deployed }) => (
          <List.Item key={`${what} ${address}`}>
            {t(`contracts.names.${what}`)}: <HexText value={address} />{" "}
            {deployed === null ? t("contracts.notNamed") : t("contracts.insteadOf", { address: deployed })}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
