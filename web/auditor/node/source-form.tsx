import { Alert, Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { isAddress } from "ethers";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { NetworkView } from "../../../sdk/client.ts";
import type { Deployment } from "../../../sdk/deployment.ts";
import { recordContracts } from "../../../sdk/record/contracts.ts";
import { useToldNetwork } from "../../app/network.ts";
import { KNOWN } from "../../parts/built-in-deployments.ts";
import { checkNode } from "./check-node.ts";
import { deployedView } from "./deployed-view.ts";
import { DeploymentChoice } from "./deployment-choice.tsx";
import { isNodeUrl, type OwnSource, REPLACEABLE } from "./source.ts";
import { useSource } from "./source-context.ts";

function deploymentOf(chosen: string): Deployment | undefined {
  return KNOWN.deployments.find(({ chainId }) => String(chainId) === chosen);
}

function viewOf(chosen: string, told: NetworkView): NetworkView {
  const deployment = deploymentOf(chosen);
  return deployment === undefined ? told : deployedView(deployment, told);
}

/** Sets a node and contracts of the auditor's own, after the node has said that it is of this chain. */
export function SourceForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("auditor");
  const told = useToldNetwork();
  const { own, source, setOwn } = useSource();
  const [deployment, setDeployment] = useState(own.deployment ?? "");
  const network = viewOf(deployment, told);
  const [rpcUrl, setRpcUrl] = useState(source?.rpcUrl ?? "");
  const [fromBlock, setFromBlock] = useState(String(source?.fromBlock ?? network.startBlock));
  const [addresses, setAddresses] = useState<Readonly<Record<string, string>>>(own.contracts ?? {});
  const check = useMutation({
    mutationFn: (next: OwnSource) => checkNode(next.rpcUrl ?? "", BigInt(network.chainId)),
    onSuccess: (answer, next) => {
      if (answer.kind !== "good") return;
      setOwn(next);
      onDone();
    },
  });
  const answer = check.data;
  const standard = recordContracts(network, deploymentOf(deployment)?.contracts.x402 ?? null);
  const isBlock = /^\d{1,15}$/.test(fromBlock.trim());
  const isBad = (name: string): boolean => (addresses[name] ?? "") !== "" && !isAddress(addresses[name]);
  const isSendable = isNodeUrl(rpcUrl.trim()) && isBlock && !REPLACEABLE.some(isBad);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(addresses).filter(([, address]) => address !== ""));
    check.mutate({
      ...(deploymentOf(deployment) === undefined ? {} : { deployment }),
      rpcUrl: rpcUrl.trim(),
      ...(Object.keys(given).length > 0 ? { contracts: given } : {}),
      ...(Number(fromBlock) === Number(network.startBlock) ? {} : { fromBlock: Number(fromBlock) }),
    });
  };
  const choose = (next: string) => {
    const view = viewOf(next, told);
    setDeployment(next);
    setAddresses({});
    setFromBlock(view.startBlock);
    setRpcUrl(view.rpcUrl ?? "");
    check.reset();
  };
  return (
    <Stack component="form" onSubmit={submit} gap="sm" pt="md" pb="xs">
      <Text size="sm" c="dimmed">
        {t("node.why")}
      </Text>
      <DeploymentChoice value={deployment} onChange={choose} />
      <TextInput
        type="url"
        label={t("node.url")}
        value={rpcUrl}
        onChange={(event) => {
          setRpcUrl(event.currentTarget.value);
        }}
        error={rpcUrl.trim() !== "" && !isNodeUrl(rpcUrl.trim()) ? t("node.badUrl") : undefined}
        required
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput
          label={t("node.fromBlock")}
          inputMode="numeric"
          value={fromBlock}
          onChange={(event) => {
            setFromBlock(event.currentTarget.value);
          }}
          error={isBlock ? undefined : t("node.badBlock")}
        />
        {REPLACEABLE.map((name) => (
          <TextInput
            key={name}
            label={t(`contracts.${name}`)}
            placeholder={standard[name] ?? t("node.noContract")}
            value={addresses[name] ?? ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setAddresses((all) => ({ ...all, [name]: value.trim() }));
            }}
            error={isBad(name) ? t("search.bad_checksum") : undefined}
          />
        ))}
      </SimpleGrid>
      {answer !== undefined && answer.kind !== "good" && (
        <Alert color="red" role="alert" title={t(`node.answers.${answer.kind}.title`)}>
          {answer.kind === "other_chain"
            ? t("node.answers.other_chain.text", { chainId: answer.chainId, wanted: network.chainId })
            : t(`node.answers.${answer.kind}.text`, { origin: window.location.origin })}
        </Alert>
      )}
      <Group>
        <Button type="submit" loading={check.isPending} disabled={!isSendable}>
          {t("node.check")}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            setOwn({});
            onDone();
          }}
        >
          {t("node.reset")}
        </Button>
      </Group>
    </Stack>
  );
}
