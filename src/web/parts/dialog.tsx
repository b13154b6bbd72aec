import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
}

/** A window over the page; Escape closes it, and what lies beneath cannot be reached meanwhile. */
export function Dialog({ title, close, children }: DialogProps) {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The browser does not give the focus back where the window has left the page already.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog ref={place} aria-labelledby="dialog-title" onCancel={close} onClose={close}>
      <div class="stack tight">
        <h2 id="dialog-title" class="foreign">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
