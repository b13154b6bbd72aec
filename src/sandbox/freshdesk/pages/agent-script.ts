/**
 * The single-page application of the agents' page. Like Freshdesk's (Ember): the page comes empty and is filled later; going
 * from ticket to ticket keeps every node and changes its text, a moment after the address has changed; going to the list and
 * back makes the nodes anew; "Refresh" makes the toolbar anew, with nothing in it that was not Freshdesk's.
 */
export const AGENT_SCRIPT = `'use strict';
(() => {
  const app = document.getElementById('ember-app');
  let shown = null; // 'ticket', 'list' or 'dashboard': which template is on the page
  let visit = 0;

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function toolbar(names) {
    const left = element('div', { class: 'page-actions__left' });
    for (const name of names) left.append(element('button', { type: 'button', class: 'btn', 'data-test-id': name }, name));
    return left;
  }

  const TICKET_BUTTONS = ['Refresh', 'Reply', 'Add note', 'Forward'];

  function ticketTemplate() {
    app.replaceChildren(
      element('ol', { class: 'breadcrumb' },
        element('li', { class: 'breadcrumb__item' }, element('a', { href: '/a/tickets' }, 'All tickets')),
        element('li', { class: 'breadcrumb__item active' })),
      element('div', { class: 'page-actions' }, toolbar(TICKET_BUTTONS), element('nav', { class: 'page-actions__right' },
        element('a', { class: 'previous' }, 'Previous'), ' ', element('a', { class: 'next' }, 'Next'))),
      element('div', { class: 'ticket-details' },
        element('div', { class: 'ticket-details-header' }, element('h2', { class: 'ticket-subject-heading' })),
        element('div', { class: 'ticket-tags' }, element('ul', {})),
        element('div', { class: 'ticket-details__item' }, element('div', { class: 'ticket-details__item__content' })),
        element('div', { class: 'ticket-conversations', 'data-test-id': 'conversations' })),
      element('iframe', { src: '/a/widget', title: 'widget' }));
    app.querySelector('[data-test-id="Refresh"]').addEventListener('click', refresh);
  }

  function refresh() {
    const fresh = toolbar(TICKET_BUTTONS);
    app.querySelector('.page-actions__left').replaceWith(fresh);
    fresh.querySelector('[data-test-id="Refresh"]').addEventListener('click', refresh);
    show();
  }

  function fillTicket(ticket) {
    app.querySelector('.breadcrumb__item.active').textContent = String(ticket.id);
    app.querySelector('.ticket-subject-heading').textContent = ticket.subject || '(no subject)';
    app.querySelector('.ticket-tags ul').replaceChildren(...ticket.tags.map(tag => element('li', {}, tag)));
    app.querySelector('.ticket-details__item__content').innerHTML = ticket.description;
    app.querySelector('.ticket-conversations').replaceChildren(...ticket.conversations.map(item => {
      const body = element('div', { class: 'ticket_note__body' });
      body.innerHTML = item.body;
      const kind = item.private ? 'ticket_note private' : 'ticket_note';
      return element('div', { class: kind, 'data-note-id': item.id }, element('strong', {}, item.author), body);
    }));
    for (const direction of ['previous', 'next']) {
      const link = app.querySelector('.' + direction);
      if (ticket[direction] === null) link.removeAttribute('href');
      else link.setAttribute('href', '/a/tickets/' + ticket[direction]);
    }
    document.title = '[#' + ticket.id + '] ' + ticket.subject + ' : Acme';
  }

  function listTemplate(tickets) {
    const rows = tickets.map(ticket => element('tr', { 'data-test-id': 'ticket-row' },
      element('td', {}, element('a', { class: 'ticket-subject', href: '/a/tickets/' + ticket.id }, ticket.subject || '(no subject)'), ' #' + ticket.id),
      element('td', {}, ticket.requester)));
    app.replaceChildren(
      element('ol', { class: 'breadcrumb' }, element('li', { class: 'breadcrumb__item active' }, 'All tickets')),
      element('div', { class: 'page-actions' }, toolbar(['Sort'])),
      element('div', { class: 'ticket-list' }, element('table', {}, element('tbody', {}, ...rows))));
    document.title = 'All tickets : Acme';
  }

  async function read(path) {
    const response = await fetch(path);
    return response.ok ? response.json() : null;
  }

  async function show() {
    const mine = ++visit;
    const ticket = /^\\/a\\/tickets\\/(\\d+)/.exec(location.pathname);
    if (ticket) {
      const data = await read('/a/_data/tickets/' + ticket[1]);
      if (mine !== visit) return;
      if (data === null) { shown = null; app.replaceChildren(element('p', { class: 'empty' }, 'This ticket does not exist')); return; }
      if (shown !== 'ticket') ticketTemplate();
      shown = 'ticket';
      fillTicket(data);
    } else if (/^\\/a\\/tickets\\/?$/.test(location.pathname)) {
      const data = await read('/a/_data/tickets');
      if (mine !== visit) return;
      shown = 'list';
      listTemplate(data);
    } else {
      shown = 'dashboard';
      app.replaceChildren(element('h2', {}, 'Dashboard'));
    }
  }

  document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="/a/"]');
    if (!link || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    history.pushState({}, '', link.getAttribute('href'));
    show();
  });
  addEventListener('popstate', show);
  show();
})();
`;
