interface TabsProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [value: Value, label: string])[];
  choose: (value: Value) => void;
}

/** A choice of a few, all in sight. */
export function Tabs<Value extends string>({ label, value, options, choose }: TabsProps<Value>) {
  return (
    <fieldset class="tabs" aria-label={label}>
      {options.map(([each, text]) => (
        <button key={each} type="button" aria-pressed={each === value} onClick={() => choose(each)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
