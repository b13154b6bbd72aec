import { createServer } from 'node:http';
import { createNodeMiddleware, createProbot, ProbotOctokit } from 'probot';

// Probot as its documentation sets it up, with a handler that does nothing: it verifies and parses, and stores nothing.
const { BENCH_SECRET, BENCH_PRIVATE_KEY } = process.env;
const probot = createProbot({
  overrides: {
    appId: 1,
    privateKey: BENCH_PRIVATE_KEY,
    secret: BENCH_SECRET,
    logLevel: 'fatal',
    Octokit: ProbotOctokit,
  },
});
const middleware = await createNodeMiddleware(app => app.on('pull_request', () => undefined), {
  probot,
  webhooksPath: '/hook',
});
const server = createServer((request, response) => void middleware(request, response));
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
