import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import corridor from "../../ignition/modules/corridor.ts";
import testTokens from "../../ignition/modules/test-tokens.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const DAY = 86_400;

describe("what is deployed", () => {
  it("changes guards, and who may change them, after a delay that everybody sees", async () => {
    const connection = await network.create();
    const { ethers, ignition } = connection;
    const [admin, other] = await ethers.getSigners();
    if (admin === undefined || other === undefined) throw new Error("no accounts");
    const { dollar, euro } = await ignition.deploy(testTokens);
    const deployed = await ignition.deploy(corridor, {
      parameters: { Corridor: { permit2: await dollar.getAddress() } },
    });
    const exchange = Exchange__factory.connect(await deployed.exchange.getAddress(), admin);
    const manager = AccessManager__factory.connect(await deployed.manager.getAddress(), admin);
    const address = await exchange.getAddress();
    const terms = { payFeed: ZeroAddress, settleFeed: ZeroAddress, maxAge: 60, maxDeviationBps: 100 };
    const pair = [await dollar.getAddress(), await euro.getAddress()] as const;
    const data = exchange.interface.encodeFunctionData("setGuard", [...pair, terms]);
    const later = async (seconds: number) => {
      await ethers.provider.send("evm_increaseTime", [seconds]);
      await ethers.provider.send("evm_mine", []);
    };
    const fails = async (sending: Promise<unknown>) =>
      sending.then(
        () => false,
        () => true,
      );

    expect(await fails(exchange.setGuard(...pair, terms)), "not announced").to.equal(true);
    await (await manager.schedule(address, data, 0)).wait();
    expect(await fails(manager.execute(address, data)), "too early").to.equal(true);
    await later(2 * DAY);
    await (await manager.execute(address, data)).wait();
    expect((await exchange.guardOf(...pair)).isSet).to.equal(true);

    // The AccessManager itself lets a longer delay of administration count after five days.
    await later(5 * DAY);
    const selectors = [exchange.interface.getFunction("setGuard").selector];
    const moving = manager.setTargetFunctionRole(address, selectors, 0n);
    expect(await fails(moving), "the function's role at once").to.equal(true);
    await (await manager.grantRole(2n, other.address, 0)).wait();
    expect((await manager.hasRole(2n, other.address)).isMember, "a new holder at once").to.equal(false);
    await later(2 * DAY);
    expect((await manager.hasRole(2n, other.address)).isMember).to.equal(true);
    await connection.close();
  });
});
