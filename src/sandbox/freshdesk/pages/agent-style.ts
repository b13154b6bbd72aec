/** What the agents' page looks like; a file of its own, as its policy forbids style in the page. */
export const AGENT_STYLE = `
body { margin: 0; font: 14px/1.5 system-ui, sans-serif; color: #12344d; background: #f5f7f9; }
.app-header { display: flex; gap: 16px; padding: 10px 20px; background: #12344d; color: #fff; }
.app-header a { color: #fff; }
.page-actions { display: flex; justify-content: space-between; padding: 8px 20px; background: #fff; border-bottom: 1px solid #ebeff3; }
.page-actions__left { display: flex; gap: 8px; align-items: center; min-height: 32px; }
.breadcrumb { display: flex; gap: 8px; list-style: none; margin: 0; padding: 8px 20px; }
.ticket-details, .ticket-list { padding: 0 20px 20px; max-width: 900px; }
.ticket_note, .ticket-details__item { background: #fff; border: 1px solid #ebeff3; border-radius: 4px; margin: 10px 0; padding: 10px 14px; overflow-wrap: anywhere; }
.ticket_note.private { background: #fef1e1; }
.ticket-list table { border-collapse: collapse; width: 100%; background: #fff; }
.ticket-list td { border-bottom: 1px solid #ebeff3; padding: 8px; }
iframe { display: none; }
`;
