import { Empty, Page } from '../parts/page.tsx';

/** Which tickets have become issues, how far each is, and whom it concerns. */
export function EscalationsPage() {
  return (
    <Page
      title="Escalations"
      purpose="Support tickets that became issues: how far each is, whether everything came along, and whom it concerns."
    >
      <Empty>No ticket has been escalated yet.</Empty>
    </Page>
  );
}
