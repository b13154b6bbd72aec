import { createIssue } from '../state/issues.ts';
import { createLabel } from '../state/labels.ts';
import { createNote } from '../state/notes.ts';
import { createToken } from '../state/people.ts';
import { createProject, protect } from '../state/projects.ts';
import { ACCESS, type ProjectRecord } from '../state/records.ts';
import { nextId, settled, type World } from '../state/world.ts';
import { applianceHistory, forkHistory } from './appliance-history.ts';
import { seedBulk } from './bulk.ts';
import { COLUMNS } from './columns.ts';
import { libSshHistory } from './lib-ssh-history.ts';
import { type People, seedPeople } from './people.ts';
import type { SeedOptions } from './seed-options.ts';
import { templateRepository } from './template-repository.ts';

const COLORS: Record<string, string> = {
  'To Do': '#6699cc',
  'In Development': '#1f75cb',
  'In Review': '#9400d3',
  'To Test': '#ed9121',
  Testing: '#e67e22',
  freshdesk: '#25c16f',
  'race condition': '#dc143c',
};

/** Fills an empty instance with the group acme, its two projects and a fork. */
export async function seedWorld(world: World, options: SeedOptions): Promise<void> {
  const people = seedPeople(world);
  const tags = options.tags ?? 0;
  // The histories side by side, the projects one after the other: their ids are part of what tests rely on.
  const fork = templateRepository(world, 'fork', () => forkHistory, applianceTemplate(world));
  await Promise.all([fork, libSshTemplate(world, tags)]);
  const appliance = await seedAppliance(world, people, options);
  const libSsh = await seedLibSsh(world, people, tags);
  await createProject(world, {
    name: appliance.name,
    path: 'appliance',
    namespace: { kind: 'user', userId: people.contributor.id },
    creator: people.contributor,
    forkOf: appliance,
    copyOf: await fork,
  });
  createToken(world, {
    token: 'glcbt-sandbox-job',
    kind: 'job',
    userId: people.developer.id,
    name: 'job',
    scopes: [],
    projectId: libSsh.id,
  });
  await seedBulk(world, people, appliance, options);
  await settled(world);
}

function applianceTemplate(world: World): Promise<string> {
  return templateRepository(world, 'appliance', () => applianceHistory);
}

function libSshTemplate(world: World, tags: number): Promise<string> {
  return templateRepository(world, `lib-ssh-${tags}`, () => libSshHistory(tags));
}

async function seedAppliance(world: World, people: People, options: SeedOptions): Promise<ProjectRecord> {
  const project = await createProject(world, {
    name: 'Appliance',
    path: 'appliance',
    namespace: { kind: 'group', groupId: people.acme.id },
    creator: people.root,
    description: 'The product',
    copyOf: await applianceTemplate(world),
  });
  project.settings.onlyAllowMergeIfAllDiscussionsAreResolved = options.all_threads_must_be_resolved ?? true;
  protect(world, project.protectedBranches, 'main', { merge: ACCESS.developer });
  protect(world, project.protectedBranches, 'release/*', { merge: ACCESS.developer });
  for (const [title, color] of Object.entries(COLORS)) createLabel(world, { projectId: project.id }, { title, color });
  seedBoard(world, project);
  await seedIssues(world, people, project);
  return project;
}

function seedBoard(world: World, project: ProjectRecord): void {
  const byTitle = new Map([...project.labels.values()].map(label => [label.title, label.id]));
  const id = nextId(world, 'boards');
  project.boards.set(id, {
    id,
    name: 'Development',
    projectId: project.id,
    groupId: null,
    hideBacklogList: false,
    hideClosedList: false,
    lists: COLUMNS.map((title, position) => ({
      id: nextId(world, 'lists'),
      labelId: byTitle.get(title) ?? null,
      milestoneId: null,
      assigneeId: null,
      position,
      maxIssueCount: 0,
      maxIssueWeight: 0,
    })),
  });
}

async function seedIssues(
  world: World,
  { maintainer, developer, reporter }: People,
  project: ProjectRecord,
): Promise<void> {
  const by = (user: typeof developer) => ({ user, eventUuid: null });
  const backup = createIssue(world, by(reporter), project, {
    title: 'Backup fails when the disk is nearly full',
    description:
      'The nightly backup stops half way and leaves a broken archive.\n\n1. Fill `/backup` to 99 %\n2. Run `bin/backup.sh`',
    labels: ['To Do'],
  });
  await createNote(world, by(maintainer), project, backup, {
    body: 'Seen on two appliances. Let us check the free space first.',
  });
  createIssue(world, by(maintainer), project, {
    title: 'Show the licence in the console',
    description: 'Customers ask where they can see until when they are covered.',
    labels: ['In Development'],
    assigneeIds: [developer.id],
  });
  createIssue(world, by(reporter), project, {
    title: 'Sign-in page is slow with many certificates',
    labels: ['Testing'],
  });
  createIssue(world, by(maintainer), project, {
    title: 'Console leaks the name of the backup account',
    description: 'Not public yet.',
    labels: ['To Do'],
    confidential: true,
  });
}

async function seedLibSsh(world: World, people: People, tags: number): Promise<ProjectRecord> {
  const project = await createProject(world, {
    name: 'lib-ssh',
    path: 'lib-ssh',
    namespace: { kind: 'group', groupId: people.acme.id },
    creator: people.root,
    description: 'SSH for Go',
    copyOf: await libSshTemplate(world, tags),
  });
  protect(world, project.protectedBranches, 'main', { merge: ACCESS.developer });
  return project;
}
