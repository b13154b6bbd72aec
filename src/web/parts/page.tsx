import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageProps {
  title: string;
  /** What the page is for, in one line. */
  purpose: ComponentChildren;
  /** What can be done on it. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, purpose, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title.slice(0, 80)} · Signalbox`;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div>
          <h1 tabIndex={-1} class="foreign">
            <bdi>{title.slice(0, 300)}</bdi>
          </h1>
          <p>{purpose}</p>
        </div>
        {actions && <div class="row wrap">{actions}</div>}
      </header>
      <div class="stack">{children}</div>
    </>
  );
}

export function Section({
  title,
  note,
  children,
}: {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section>
      <div class="section-head">
        <h2>{title}</h2>
        {note !== undefined && <p>{note}</p>}
      </div>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
