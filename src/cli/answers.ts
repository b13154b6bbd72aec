import { request } from 'undici';

/** Whether the service that has left its address in the data directory is there: one that was killed has left it, too. */
export async function answers(url: string): Promise<boolean> {
  try {
    const answer = await request(`${url}/healthz`, { headersTimeout: 3000 });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
