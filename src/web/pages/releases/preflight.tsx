import { useState } from 'preact/hooks';
import { send } from '../../api/call.ts';
import { overview } from '../../api/overview.ts';
import type { Product } from '../../api/types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Trouble } from '../../parts/trouble.tsx';

interface Verdict {
  verdict: string;
  would: string;
  file: string;
}

/** Asks whether a release would be taken, with the same checks as the real thing. */
export function Preflight({ products, close }: { products: readonly Product[]; close: () => void }) {
  const [name, setName] = useState(products[0]?.name ?? '');
  const [values, setValues] = useState<Record<string, string>>({});
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  const product = products.find(each => each.name === name);
  const set = (field: string, value: string) => setValues(last => ({ ...last, [field]: value }));
  const submit = async (event: Event) => {
    event.preventDefault();
    setVerdict(null);
    setError(null);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    try {
      setVerdict(await send<Verdict>('POST', `/v1/releases/${encodeURIComponent(name)}/preflight`, given));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title="Would this release be taken?" close={close}>
      <p class="quiet small">The same checks as for an upload. Nothing is stored.</p>
      <form class="stack tight" noValidate onSubmit={event => void submit(event)}>
        <label class="field">
          Product
          <select value={name} onChange={event => setName(event.currentTarget.value)}>
            {products.map(each => (
              <option key={each.name}>{each.name}</option>
            ))}
          </select>
        </label>
        <div class="two">
          {product?.metadata.map(field => (
            <div class="field" key={field.name}>
              <label for={`preflight-${field.name}`}>
                {field.name}
                {field.required ? '' : ' (optional)'}
              </label>
              <Input field={field.name} product={product} value={values[field.name] ?? ''} set={set} />
            </div>
          ))}
          <label class="field">
            sha256 (optional)
            <input value={values['sha256'] ?? ''} onInput={event => set('sha256', event.currentTarget.value)} />
          </label>
        </div>
        <Trouble error={error} />
        {verdict && (
          <div class="notice tone-go" role="status">
            <strong>{verdict.verdict}</strong>: it would {verdict.would}, as <code class="foreign">{verdict.file}</code>
            .
          </div>
        )}
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            Close
          </button>
          <button type="submit" class="button main">
            Check
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  field: string;
  product: Product;
  value: string;
  set: (field: string, value: string) => void;
}

function Input({ field, product, value, set }: InputProps) {
  const choices =
    field === 'environment'
      ? product.environments
      : field === 'line'
        ? (overview.value?.lines ?? []).map(line => line.name)
        : [];
  const id = `preflight-${field}`;
  if (choices.length === 0)
    return <input id={id} value={value} onInput={event => set(field, event.currentTarget.value)} />;
  return (
    <select id={id} value={value} onChange={event => set(field, event.currentTarget.value)}>
      <option value="">choose …</option>
      {choices.map(choice => (
        <option key={choice}>{choice}</option>
      ))}
    </select>
  );
}
