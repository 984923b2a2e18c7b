import { hexlify, randomBytes, Wallet } from "ethers";

import { deadlineIn, fundPayers, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type InstructionView, ProblemError } from "../../sdk/client.ts";
import {
  type AuthorizationKind,
  type Deposit,
  depositId,
  erc3009Deposit,
  type GatewayDomain,
  permit2Deposit,
  signTypedData,
  type TokenDomain,
  type TypedData,
} from "../../sdk/gateway-typed-data.ts";
import { type LedgerInstructionKind, type LedgerMessages, signInstruction } from "../../sdk/instructions.ts";
import { erc2612Deposit } from "../../sdk/token-permit.ts";
import type { LedgerDomain } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";

/** What every message of an owner has beside its own members. */
type Common = "owner" | "payee" | "token" | "nonce" | "deadline";

/** Somebody with money in the Ledger and no gas, who does everything by signature through the relayer. */
export class AccountOwner {
  readonly client: CorridorClient;
  #nonce = 0n;

  private constructor(
    readonly stack: LocalStack,
    readonly wallet: Wallet,
  ) {
    this.client = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  }

  static async open(stack: LocalStack, funds: bigint): Promise<AccountOwner> {
    const [wallet] = await fundPayers(stack, 1, funds);
    if (wallet === undefined) throw new Error("no wallet");
    return new AccountOwner(stack, wallet);
  }

  /** One whose account is empty. */
  static penniless(stack: LocalStack): AccountOwner {
    return new AccountOwner(stack, new Wallet(hexlify(randomBytes(32))));
  }

  get address(): string {
    return this.wallet.address;
  }

  get token(): string {
    return this.stack.deployment.dollar;
  }

  get domain(): LedgerDomain {
    return { chainId: LOCAL_CHAIN_ID, ledger: this.stack.deployment.ledger };
  }

  get gateway(): GatewayDomain {
    return { chainId: LOCAL_CHAIN_ID, gateway: this.stack.deployment.gateway };
  }

  get tokenDomain(): TokenDomain {
    return { name: "Test Dollar", version: "1", chainId: LOCAL_CHAIN_ID, address: this.token };
  }

  nextNonce(): bigint {
    this.#nonce += 1n;
    return this.#nonce;
  }

  async common(seconds = 600n): Promise<{ owner: string; token: string; nonce: bigint; deadline: bigint }> {
    const deadline = await deadlineIn(this.stack, seconds);
    return { owner: this.address, token: this.token, nonce: this.nextNonce(), deadline };
  }

  sign<K extends LedgerInstructionKind>(kind: K, message: LedgerMessages[K], signer = this.wallet): Promise<string> {
    return signInstruction(signer, this.domain, kind, message);
  }

  async submit<K extends LedgerInstructionKind>(kind: K, message: LedgerMessages[K]): Promise<InstructionView> {
    return this.client.submitInstruction(kind, message, await this.sign(kind, message));
  }

  async withdrawal(changes: Partial<LedgerMessages["withdrawal"]> = {}): Promise<LedgerMessages["withdrawal"]> {
    return { ...(await this.common()), to: this.address, amount: 1_000_000n, maxFee: 20_000n, ...changes };
  }

  async binding(
    changes: Omit<LedgerMessages["device-binding"], Common | "expiry" | "perPayment" | "perDay" | "payees">,
  ): Promise<LedgerMessages["device-binding"]> {
    const expiry = await deadlineIn(this.stack, 3_600n);
    return { ...(await this.common()), expiry, perPayment: 500_000n, perDay: 800_000n, payees: [], ...changes };
  }

  /** Tokens outside of the Ledger, for deposits. */
  async mint(amount: bigint, to = this.address): Promise<void> {
    await (await TestToken__factory.connect(this.token, this.stack.deployer).mint(to, amount)).wait();
  }

  async deposit(changes: Partial<Deposit> = {}): Promise<Deposit> {
    const { token, deadline } = await this.common();
    return {
      from: this.address,
      owner: this.address,
      token,
      amount: 1_000_000n,
      nonce: BigInt(hexlify(randomBytes(8))),
      deadline,
      ...changes,
    };
  }

  idOf(kind: AuthorizationKind, deposit: Deposit): string {
    return depositId(this.gateway, kind, deposit);
  }

  authorization(kind: AuthorizationKind, deposit: Deposit): TypedData {
    switch (kind) {
      case "erc3009":
        return erc3009Deposit(this.gateway, this.tokenDomain, deposit);
      case "permit2":
        return permit2Deposit(this.gateway, this.stack.deployment.permit2, deposit);
      case "erc2612":
        return erc2612Deposit(this.gateway, this.tokenDomain, deposit);
    }
  }

  async submitDeposit(kind: AuthorizationKind, deposit: Deposit): Promise<InstructionView> {
    const signature = await signTypedData(this.wallet, this.authorization(kind, deposit));
    return this.client.submitDeposit(kind, deposit, signature);
  }

  /** @throws Error unless the instruction takes effect. */
  async done(instruction: Promise<InstructionView>): Promise<InstructionView> {
    const decided = await this.client.instructionDecided((await instruction).id);
    if (decided.state === "settled" || decided.state === "final") return decided;
    throw new Error(`${decided.kind} ${decided.state}: ${decided.code}`);
  }

  async balance(owner = this.address): Promise<bigint> {
    const ledger = Ledger__factory.connect(this.stack.deployment.ledger, this.stack.provider);
    return (await ledger.accountOf(owner, this.token)).balance;
  }

  tokensOf(holder: string): Promise<bigint> {
    return TestToken__factory.connect(this.token, this.stack.provider).balanceOf(holder);
  }
}

/** How a request ended: `accepted`, or the status and code of its refusal. */
export async function outcomeOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return "accepted";
  } catch (error) {
    if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.code}`;
    throw error;
  }
}
