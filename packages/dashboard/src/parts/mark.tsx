/** One line falls while the other rises. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path className="old" d="M3 8c11 0 15 16 26 16" />
      <path className="new" d="M3 24C14 24 18 8 29 8" />
    </svg>
  );
}
