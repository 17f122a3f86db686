/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app: () => ({ name: "crossfade", home: "aws", providers: { aws: { version: "7.20.0", region: "eu-west-1" } } }),
  run: async () => ({}),
});
