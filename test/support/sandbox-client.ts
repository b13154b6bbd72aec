/** The few calls that the tests make as people who use GitLab; written apart from the client under test. */
export function person(gitlabUrl: string, name: string) {
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${gitlabUrl}/api/v4${path}`, {
      method,
      headers: { 'private-token': `glpat-sandbox-${name}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body?: unknown) => call('POST', path, body ?? {}),
    put: (path: string, body?: unknown) => call('PUT', path, body ?? {}),
  };
}

export async function setFault(gitlabUrl: string, rule: unknown): Promise<void> {
  const answer = await fetch(`${gitlabUrl}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  });
  if (!answer.ok) throw new Error(`fault not set: ${answer.status} ${await answer.text()}`);
}

/** Asks until the answer is true, or fails with `what` after `patience` milliseconds. */
export async function eventually(what: string, ask: () => Promise<boolean>, patience = 80_000): Promise<void> {
  const end = Date.now() + patience;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`not within ${patience} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
