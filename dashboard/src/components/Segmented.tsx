import { useId } from 'react';

interface SegmentedProps<A extends string> {
  readonly label: string;
  readonly options: ReadonlyArray<{ readonly value: A; readonly label: string }>;
  readonly value: A;
  readonly onChange: (value: A) => void;
}

/** One of a few, as radio buttons: arrow keys move between them. */
export const Segmented = <A extends string>(props: SegmentedProps<A>) => {
  const name = useId();
  return (
    <fieldset className="segmented">
      <legend className="unseen">{props.label}</legend>
      {props.options.map(({ value, label }) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === props.value}
            onChange={() => props.onChange(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
};
