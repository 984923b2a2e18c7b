import { expect } from "chai";
import { hexlify, randomBytes, TypedDataEncoder, Wallet, ZeroAddress, ZeroHash } from "ethers";
import fc from "fast-check";
import { network } from "hardhat";

import { deviceNonce, splitNonce } from "../../sdk/device-nonce.ts";
import {
  depositId,
  erc3009Deposit,
  erc3009Hold,
  authorizationNumber,
  AUTHORIZATIONS,
  gatewayPaymentId,
  permit2Deposit,
  permit2Hold,
  permit2Payment,
} from "../../sdk/gateway-typed-data.ts";
import { ROW_CODES, rowCode } from "../../sdk/row-codes.ts";
import {
  DEVICE_BINDING_TYPES,
  DEVICE_REVOCATION_TYPES,
  MAX_AMOUNT,
  MAX_DEADLINE,
  MAX_NONCE,
  MAX_UINT64,
} from "../../sdk/typed-data.ts";
import { Gateway__factory } from "../../typechain-types/factories/contracts/Gateway__factory.ts";

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => hexlify(bytes));
const memo = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const money = { amount: fc.bigInt(0n, MAX_AMOUNT), nonce: fc.bigInt(0n, MAX_UINT64) };
const payments = fc.record({
  ...{ payer: address, payee: address, token: address, ...money, deadline: fc.bigInt(0n, MAX_DEADLINE), memo },
});
const deposits = fc.record({
  ...{ from: address, owner: address, token: address, ...money, deadline: fc.bigInt(0n, MAX_DEADLINE) },
});

describe("typed data of the Gateway", () => {
  async function deploy() {
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("no account");
    const manager = await ethers.deployContract("AccessManager", [deployer.address]);
    const verifier = await ethers.deployContract("SignatureVerifier");
    const ledger = await ethers.deployContract("Ledger", [await manager.getAddress(), await verifier.getAddress()]);
    const escrow = await ethers.deployContract("Escrow", [await ledger.getAddress()]);
    const deployed = await ethers.deployContract("Gateway", [await escrow.getAddress(), ZeroAddress]);
    const gateway = Gateway__factory.connect(await deployed.getAddress(), deployer);
    const { chainId } = await ethers.provider.getNetwork();
    return { gateway, domain: { chainId, gateway: await deployed.getAddress() } };
  }

  it("gives random payments and deposits the ids that the contract gives them", async () => {
    const { gateway, domain } = await deploy();
    await fc.assert(
      fc.asyncProperty(payments, deposits, async (p, d) => {
        const unsigned = { r: ZeroHash, vs: ZeroHash };
        for (const funding of ["erc3009", "permit2"] as const) {
          const kind = authorizationNumber(funding);
          const onChain = await gateway.paymentId(kind, p.payee, p.token, { ...p, ...unsigned });
          expect(gatewayPaymentId(domain, funding, p)).to.equal(onChain);
        }
        for (const kind of AUTHORIZATIONS) {
          const onChain = await gateway.depositId(authorizationNumber(kind), d.token, { ...d, ...unsigned });
          expect(depositId(domain, kind, d)).to.equal(onChain);
        }
      }),
      { numRuns: 40 },
    );
  });

  const wallet = new Wallet(hexlify(randomBytes(32)));
  const gateway = { chainId: 1n, gateway: wallet.address };
  const deposit = {
    ...{ from: wallet.address, owner: wallet.address, token: wallet.address, amount: 5n, nonce: 6n, deadline: 7n },
  };
  const terms = {
    ...{ payee: wallet.address, splits: [], captureDeadline: 1n, refundDeadline: 2n, arbiter: ZeroAddress },
    ...{ rulingPeriod: 0n, defaultPayerBps: 0, memo: hexlify(randomBytes(32)) },
  };
  const hold = {
    ...{ payer: wallet.address, payee: wallet.address, token: wallet.address, amount: 5n, nonce: 6n, deadline: 7n },
    terms,
  };

  it("writes Permit2's witnesses as the contract does", () => {
    const typeOf = ({ types }: { types: ConstructorParameters<typeof TypedDataEncoder>[0] }) =>
      TypedDataEncoder.from(types).encodeType("PermitWitnessTransferFrom");
    const stub = "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
    const payment = "address payer,address payee,address token,uint128 amount,uint64 nonce,uint48 deadline";
    const permissions = "TokenPermissions(address token,uint256 amount)";
    const plain = permit2Payment(gateway, wallet.address, { ...hold, memo: terms.memo });
    expect(typeOf(plain)).to.equal(`${stub}Payment witness)Payment(${payment},bytes32 memo)${permissions}`);
    expect(typeOf(permit2Hold(gateway, wallet.address, hold))).to.equal(
      `${stub}Payment witness)HoldTerms(address payee,Split[] splits,uint48 captureDeadline,uint48 refundDeadline,` +
        `address arbiter,uint48 rulingPeriod,uint16 defaultPayerBps,bytes32 memo)Payment(${payment},HoldTerms terms)` +
        `Split(address recipient,uint16 shareBps)${permissions}`,
    );
    expect(typeOf(permit2Deposit(gateway, wallet.address, deposit))).to.equal(
      `${stub}Deposit witness)Deposit(uint8 kind,address from,address owner,address token,uint128 amount,uint64 nonce,` +
        `uint48 deadline)${permissions}`,
    );
  });

  it("binds an ERC-3009 authorization to what it is for, until its deadline", () => {
    const token = { name: "Dollar", version: "2", chainId: 1n, address: wallet.address };
    const data = erc3009Deposit(gateway, token, deposit);
    expect(data.message).to.include({
      value: 5n,
      validAfter: 0n,
      validBefore: 8n,
      nonce: depositId(gateway, "erc3009", deposit),
    });
    const ledger = { chainId: 1n, ledger: wallet.address };
    expect(erc3009Hold(gateway, ledger, token, hold).message.nonce).to.not.equal(
      depositId(gateway, "erc3009", deposit),
    );
  });

  it("writes the devices' messages as the contract does", () => {
    expect(TypedDataEncoder.from(DEVICE_BINDING_TYPES).encodeType("DeviceBinding")).to.equal(
      "DeviceBinding(address owner,address token,uint8 index,address key,uint48 expiry,uint112 perPayment," +
        "uint112 perDay,address[] payees,uint64 nonce,uint48 deadline)",
    );
    expect(TypedDataEncoder.from(DEVICE_REVOCATION_TYPES).encodeType("DeviceRevocation")).to.equal(
      "DeviceRevocation(address owner,address token,uint8 index,uint64 nonce,uint48 deadline)",
    );
  });

  it("puts a device's index and sequence number into a nonce and takes them out again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.bigInt(0n, MAX_NONCE), (index, sequence) => {
        expect(splitNonce(deviceNonce(index, sequence))).to.deep.equal({ index, sequence });
      }),
    );
    expect(deviceNonce(0, 5n)).to.equal(5n);
    expect(deviceNonce(255, MAX_NONCE)).to.equal(MAX_UINT64 - 1n);
    for (const [index, sequence] of [
      [-1, 0n],
      [256, 0n],
      [1.5, 0n],
      [1, -1n],
      [1, MAX_NONCE + 1n],
    ] as const) {
      expect(() => deviceNonce(index, sequence)).to.throw(RangeError);
    }
  });

  it("names the codes that were appended", () => {
    expect([18, 19, 20, 21].map(rowCode)).to.deep.equal([
      "device_inactive",
      "over_device_limit",
      "payee_not_allowed",
      "authorization_used",
    ]);
    expect(ROW_CODES).to.have.length(30);
  });
});
