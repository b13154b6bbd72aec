import { useEffect, useState } from 'preact/hooks';

interface SearchFieldProps {
  label: string;
  value: string;
  placeholder?: string;
  change: (value: string) => void;
}

/** A text to look for; told when the typing rests. */
export function SearchField({ label, value, placeholder, change }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => change(typed), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label class="field grow">
      {label}
      <input
        type="search"
        value={typed}
        placeholder={placeholder}
        onInput={event => setTyped(event.currentTarget.value)}
      />
    </label>
  );
}
