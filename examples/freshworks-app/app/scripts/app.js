/* global app */
// The button as an app of Freshworks: the same HTTP contract as the userscript, through request templates, so that the token
// stays with Freshworks. Texts become text nodes, never markup.
(() => {
  const part = name => document.getElementById(name);
  const RUNNING = 1500;
  const SETTLED = 60000;
  let client;
  let ticket;
  let timer;

  async function start() {
    client = await app.initialized();
    client.events.on('app.activated', () => void begin());
    part('press').addEventListener('click', () => void ask());
    part('confirm').addEventListener('click', () => void escalate());
    part('cancel').addEventListener('click', () => {
      show('question', false);
      void read();
    });
  }

  async function begin() {
    const data = await client.data.get('ticket');
    ticket = data.ticket.id;
    await read();
  }

  // Freshworks rejects answers of 4xx and 5xx; `response` is text.
  async function call(template, options) {
    try {
      const { response } = await client.request.invokeTemplate(template, options);
      return { value: JSON.parse(response) };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  function problemOf(error) {
    try {
      const { title, detail, remedy } = JSON.parse(error.response);
      return [title, detail, remedy].filter(Boolean).join('. ');
    } catch {
      return 'Signalbox does not answer at the moment.';
    }
  }

  const body = () => JSON.stringify({ ticket_id: ticket });

  async function read() {
    showTicket(await call('readTicket', { context: { ticket: String(ticket) } }));
  }

  async function ask() {
    show('press', false);
    say('Looking at the ticket …');
    const { value, problem } = await call('preview', { body: body() });
    say(problem ?? 'Escalate this ticket to GitLab?');
    part('title').textContent = value?.title ?? '';
    part('amount').textContent = value ? `${count(value.comments, 'message')}, ${count(value.files, 'file')}` : '';
    list('preview-warnings', value?.warnings);
    show('question', true);
    part('confirm').focus();
  }

  async function escalate() {
    show('question', false);
    say('sending …');
    showTicket(await call('escalate', { body: body() }));
  }

  function showTicket({ value, problem }) {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), value?.state === 'running' ? RUNNING : SETTLED);
    if (!part('question').hidden) return;
    const { state, progress, issue, warnings, error } = value ?? {};
    show('press', problem !== undefined || state === 'none' || state === 'failed');
    part('press').textContent = state === 'failed' ? 'Try again' : 'Escalate to GitLab';
    show('progress', state === 'running');
    part('progress').value = progress?.total ? progress.done / progress.total : 0;
    showIssue(issue);
    list('warnings', warnings);
    if (problem !== undefined) say(problem);
    else if (state === 'running') say(progress?.total ? `running ${progress.done}/${progress.total}` : 'running …');
    else if (state === 'failed') say(`The escalation has failed: ${error?.detail ?? ''}`);
    else say(issue ? 'Escalated' : '');
  }

  function showIssue(issue) {
    show('issue', Boolean(issue));
    if (!issue) return;
    const link = document.createElement('a');
    link.textContent = `${issue.project}#${issue.iid}`;
    if (/^https?:\/\//.test(issue.url))
      Object.assign(link, { href: issue.url, target: '_blank', rel: 'noopener noreferrer' });
    part('issue').replaceChildren(link, ` ${[issue.state, ...(issue.labels ?? [])].join(', ')}`);
  }

  function list(name, texts = []) {
    show(name, texts.length > 0);
    part(name).replaceChildren(
      ...texts.map(text => {
        const item = document.createElement('li');
        item.textContent = text;
        return item;
      }),
    );
  }

  function say(text) {
    part('status').textContent = text;
  }

  function show(name, visible) {
    part(name).hidden = !visible;
  }

  function count(things = [], word) {
    return things.length === 1 ? `1 ${word}` : `${things.length} ${word}s`;
  }

  void start();
})();
