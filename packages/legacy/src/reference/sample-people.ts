import { draw, pick } from "./draw.ts";

const GIVEN = ["Aino", "Eero", "Helmi", "Kalle", "Liisa", "Matti", "Oona", "Pekka", "Sari", "Timo"] as const;
const FAMILY = ["Aalto", "Heikkinen", "Koski", "Laine", "Niemi", "Rantala", "Salo", "Virtanen"] as const;
const TRADES = [
  ...(["kahvila", "leipomo", "sauna", "kirjakauppa", "pyora", "puutarha", "valokuva", "kampaamo"] as const),
  ...(["tilitoimisto", "veistamo", "metsa", "kala", "hyvä", "teatteri", "musiikki", "rakennus"] as const),
] as const;
const PLACES = [
  ...(["kallio", "turku", "oulu", "saimaa", "inari", "vaasa", "porvoo", "kuopio", "lahti", "pori"] as const),
  ...(["hanko", "rauma", "kotka", "imatra", "kemi", "salo"] as const),
] as const;

export interface Customer {
  readonly customerId: string;
  readonly name: string;
  readonly email: string;
  /** Domains that it had before the traffic begins. */
  readonly domains: readonly string[];
}

/** A plausible name under .fi; `unique` keeps two from being the same. Letters beyond a to z take their xn-- form. */
export function domainName(seed: number, unique: string): string {
  const trade = pick(TRADES, draw(seed, "trade", unique));
  const place = pick(PLACES, draw(seed, "place", unique));
  return new URL(`http://${trade}-${place}-${unique}.fi`).hostname;
}

/** WebCat's customers; the same seed gives the same ones. */
export function customers(seed: number, count = 80): [Customer, ...Customer[]] {
  const customer = (index: number): Customer => {
    const number = 1001 + index;
    const given = pick(GIVEN, draw(seed, "given", number));
    const family = pick(FAMILY, draw(seed, "family", number));
    const owned = 2 + Math.floor(draw(seed, "owned", number) * 3);
    return {
      customerId: `cust-${number}`,
      name: `${given} ${family}`,
      email: `${given}.${family}.${number}@example.fi`.toLowerCase(),
      domains: Array.from({ length: owned }, (_, n) => domainName(seed, `${number}${"abcd"[n] ?? "x"}`)),
    };
  };
  return [customer(0), ...Array.from({ length: count - 1 }, (_, index) => customer(index + 1))];
}
