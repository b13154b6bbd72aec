/** What each command is for, in the words of its own description: the list must not have to load them all. */
export const SUMMARIES: Readonly<Record<string, string>> = {
  serve: 'run the service',
  demo: 'play the whole story against the built-in sandbox',
  sandbox: 'run the simulated GitLab and Freshdesk alone, to try things out',
  init: 'write a commented signalbox.yaml to start from',
  doctor: 'check everything the service needs, and say what to do',
  config: 'look into the configuration',
  'version-check': 'look at one merge request now',
  board: 'look at one issue now',
  races: 'race reports in the logs of test and soak machines',
  release: 'releases: send them, see what became of them, put them on offer',
  tag: "tag the library at this pipeline's commit: the next version, with the commit's message",
  explain: 'why a merge request, issue, ticket, race, release or library is as it is',
  replay: 'look again at a key, or at the keys of a delivery; safe at any time',
  journal: 'what happened and why, newest first; --verify proves that nobody edited it',
};
