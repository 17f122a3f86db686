import { BlockList, isIP } from "node:net";
import { invalidPattern } from "../errors.ts";

const CIDR = /^([^/]+)\/(\d{1,3})$/;

/** A test for addresses in a block: "10.0.0.0/24", "2001:db8::/32". */
export function cidr(text: string): (value: string) => boolean {
  const [, address = "", bits = ""] = CIDR.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) throw invalidPattern(`Malformed CIDR: ${text}`);
  const maximum = version === 4 ? 32 : 128;
  if (Number(bits) > maximum) throw invalidPattern(`IPv${version} mask bits must be at most ${maximum}`);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family(version));
  // An IPv4 block does not hold the IPv6 spelling of its addresses.
  return (value) => isIP(value) === version && block.check(value, family(version));
}

function family(version: number): "ipv4" | "ipv6" {
  return version === 4 ? "ipv4" : "ipv6";
}
