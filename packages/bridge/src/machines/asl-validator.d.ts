/** asl-validator ships no types for NodeNext; this is what the tests use of it. */
declare module "asl-validator" {
  export default function validate(definition: unknown): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
}
