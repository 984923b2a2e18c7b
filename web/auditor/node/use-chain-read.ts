import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ReadLogsOptions } from "../../../sdk/record/chain-logs.ts";
import type { RpcCall } from "../../../sdk/record/rpc.ts";
import type { Source } from "./source.ts";
import { useSource } from "./source-context.ts";

export interface Progress {
  readonly fromBlock: number;
  readonly done: number;
  readonly toBlock: number;
}

export interface ChainRead<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly isReading: boolean;
  readonly progress: Progress | undefined;
  readonly cancel: () => void;
  readonly again: () => void;
}

export type Reading = Required<Pick<ReadLogsOptions, "onProgress" | "signal">>;

/** Reads from the chosen node, once; again only when asked to. @param key What is read, apart from where. */
export function useChainRead<T>(
  key: readonly string[],
  read: (rpc: RpcCall, source: Source, reading: Reading) => Promise<T>,
): ChainRead<T> {
  const { rpc, source } = useSource();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const queryKey = ["audit", source?.rpcUrl, sourceKey(source), ...key];
  const { data, error, isFetching, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      if (rpc === undefined || source === undefined) throw new TypeError("There is no node to ask");
      setProgress(undefined);
      return read(rpc, source, { signal, onProgress: setProgress });
    },
    enabled: source !== undefined,
    retry: false,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return {
    data,
    error,
    isReading: isFetching,
    progress,
    cancel: () => {
      void queries.cancelQueries({ queryKey });
    },
    again: () => {
      void refetch();
    },
  };
}

function sourceKey(source: Source | undefined): string {
  if (source === undefined) return "";
  const { contracts, fromBlock } = source;
  return JSON.stringify({ ...contracts, chainId: String(contracts.chainId), fromBlock });
}
