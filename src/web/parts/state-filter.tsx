import { parameters, setParameters } from '../navigation.ts';
import { SearchField } from './search-field.tsx';
import { Tabs } from './tabs.tsx';

/** What a list is narrowed to; it stands in the address, so that it can be shared. */
export interface Filter<State extends string> {
  state: State;
  text: string;
  /** The same for the service. */
  query: URLSearchParams;
}

/** The filter in the address, with the state that is meant where none stands there. */
export function stateFilter<State extends string>(usual: State): Filter<State> {
  const state = (parameters().get('state') ?? usual) as State;
  const text = parameters().get('text') ?? '';
  return { state, text, query: new URLSearchParams({ state, ...(text === '' ? {} : { text }) }) };
}

interface StateFilterProps<State extends string> {
  filter: Filter<State>;
  usual: State;
  label?: string;
  options: readonly (readonly [state: State, label: string])[];
  /** What the text is looked for in, and an example. */
  search: readonly [label: string, example: string];
}

/** The choice of a state, and a text to look for. */
export function StateFilter<State extends string>(props: StateFilterProps<State>) {
  const { filter, usual, label = 'Which', options, search } = props;
  return (
    <div class="filters">
      <Tabs
        label={label}
        value={filter.state}
        options={options}
        choose={next => setParameters({ state: next === usual ? '' : next })}
      />
      <SearchField
        label={search[0]}
        value={filter.text}
        placeholder={search[1]}
        change={next => setParameters({ text: next })}
      />
    </div>
  );
}
