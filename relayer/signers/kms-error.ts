import { AppError } from "../app-error.ts";

interface Meaning {
  readonly code: string;
  readonly retriable: boolean;
}

const THROTTLED: Meaning = { code: "kms_throttled", retriable: true };
const UNAVAILABLE: Meaning = { code: "kms_unavailable", retriable: true };
const DENIED: Meaning = { code: "kms_access_denied", retriable: false };
const MISSING: Meaning = { code: "kms_key_missing", retriable: false };

/** By the error's name, as the service documents it for GetPublicKey and Sign, and as its clients name their own. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ThrottlingException: THROTTLED,
  LimitExceededException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  KMSInternalException: UNAVAILABLE,
  DependencyTimeoutException: UNAVAILABLE,
  KeyUnavailableException: UNAVAILABLE,
  InternalFailure: UNAVAILABLE,
  ServiceUnavailableException: UNAVAILABLE,
  TimeoutError: UNAVAILABLE,
  AbortError: UNAVAILABLE,
  DisabledException: { code: "kms_key_disabled", retriable: false },
  NotFoundException: MISSING,
  InvalidArnException: MISSING,
  KMSInvalidStateException: { code: "kms_key_invalid_state", retriable: false },
  InvalidKeyUsageException: { code: "kms_key_unsuitable", retriable: false },
  AccessDeniedException: DENIED,
  UnrecognizedClientException: DENIED,
  InvalidSignatureException: DENIED,
  ExpiredTokenException: DENIED,
  CredentialsProviderError: DENIED,
};

const NETWORK = /^E[A-Z]+$/;

/** What a failed call to KMS means; an error of no known name is no reason to try again, save one of the network. */
export function kmsError(doing: string, cause: unknown): AppError {
  const name = cause instanceof Error ? cause.name : "";
  const code = (cause as { code?: unknown } | undefined)?.code;
  const status = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode ?? 0;
  const isOutage = status >= 500 || (typeof code === "string" && NETWORK.test(code));
  const meaning = MEANINGS[name] ?? (isOutage ? UNAVAILABLE : { code: "kms_failed", retriable: false });
  return new AppError(meaning.code, `KMS could not ${doing}: ${name === "" ? "no answer" : name}.`, {
    retriable: meaning.retriable,
    cause,
  });
}
