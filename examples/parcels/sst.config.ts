/// <reference path="../../.sst/platform/config.d.ts" />

export default $config({
  async app({ stage }) {
    const { default: deployments } = await import("./crossfade.config.ts");
    const { accountId, region, retain } = deployments(stage);
    return {
      name: "parcels",
      home: "aws",
      removal: retain ? "retain" : "remove",
      protect: stage === "production",
      // With credentials of another account the provider refuses to do anything.
      providers: { aws: { version: "7.20.0", region, allowedAccountIds: [accountId] } },
    };
  },
  async run() {
    const { default: deployments } = await import("./crossfade.config.ts");
    const { contract } = await import("./contract/index.ts");
    const { deploy } = await import("../../stacks/index.ts");
    // packages/functions/package.json says whose contract that condition means.
    const building = { root: "../../", conditions: ["parcels", "module"] };
    return deploy(contract, deployments($app.stage), $app.stage, building);
  },
});
