// SST's platform is checked with our sources and names two packages that its offline install leaves out.
declare module "archiver";
declare module "bun" {
  export type Shell = unknown;
}
