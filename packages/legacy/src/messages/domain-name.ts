import * as z from "zod";

/** A host name by RFC 1123 has at most 253 characters and labels of at most 63. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 5890: hyphens in places three and four are reserved, and in use for Unicode names ("xn--") alone. */
const isLabel = (label: string): boolean =>
  LABEL.test(label) && (label.slice(2, 4) !== "--" || label.startsWith("xn--"));

const isHostName = (text: string): boolean => {
  const labels = text.split(".");
  const last = labels.at(-1) ?? "";
  return text.length <= 253 && labels.length >= 2 && labels.every(isLabel) && /[a-z]/.test(last) && last.length >= 2;
};

const RULE =
  "must be two or more labels joined by dots, each of 1 to 63 lower-case letters, digits or inner hyphens " +
  "(Unicode names in their xn-- form), at most 253 characters in all, the last label no number";

/** A domain name as the registry takes it, for example `example.fi` or `xn--hyv-rla.fi`. */
export const DomainName = z.string().refine(isHostName, `a domain name ${RULE}`);

/** A name of a server, for example `ns1.example.fi`. */
export const HostName = z.string().refine(isHostName, `a host name ${RULE}`);
