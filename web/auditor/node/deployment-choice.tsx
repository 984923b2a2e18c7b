import { NativeSelect, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useToldNetwork } from "../../app/network.ts";
import { KNOWN } from "../../parts/built-in-deployments.ts";

/** Which deployment is looked at: the relayer's, or one that the console was built with. @param value Its chain id, or "". */
export function DeploymentChoice({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("auditor");
  const { chainId: toldChain } = useToldNetwork();
  const { deployments, unreadable } = KNOWN;
  return (
    <>
      {deployments.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("node.noDeployments")}
        </Text>
      ) : (
        <NativeSelect
          label={t("node.deployment")}
          description={t("node.deploymentHint")}
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
          data={[
            { value: "", label: t("node.ofRelayer", { chainId: toldChain }) },
            ...deployments.map(({ chainId, network }) => ({
              value: String(chainId),
              label: t("node.ofFile", { network, chainId: String(chainId) }),
            })),
          ]}
        />
      )}
      {unreadable.length > 0 && (
        <Text size="sm" c="red">
          {t("node.unreadable", { files: unreadable.join(", ") })}
        </Text>
      )}
    </>
  );
}
