import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { Trouble } from './trouble.tsx';

interface ConfirmProps {
  title: string;
  /** What will happen, before it does. */
  children: ComponentChildren;
  action: string;
  danger?: boolean;
  /** Ask for a reason: it stands in the journal. */
  why?: 'required' | 'optional';
  perform: (why: string) => Promise<unknown>;
  close: () => void;
}

/** Asks before something is changed, and shows what came of it. */
export function Confirm({ title, children, action, danger, why, perform, close }: ConfirmProps) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await perform(reason.trim());
      close();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <form class="stack tight" onSubmit={event => void submit(event)}>
        <div>{children}</div>
        {why && (
          <label class="field">
            {why === 'required' ? 'Why (it stands in the journal)' : 'Why (optional, for the journal)'}
            <input
              value={reason}
              required={why === 'required'}
              maxLength={1000}
              onInput={event => setReason(event.currentTarget.value)}
            />
          </label>
        )}
        <Trouble error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'button danger' : 'button main'} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
