import { z } from 'zod';
import { projectPath } from './fields.ts';

/**
 * Settings by project path, at least one. The path's own rule stands apart from the record, so that a wrong path does not
 * hide the faults below it.
 */
export function projectsOf<Project extends z.ZodType>(project: Project) {
  return z.record(z.string(), project).superRefine(
    (projects, context) => {
      if (typeof projects !== 'object' || projects === null) return;
      const paths = Object.keys(projects);
      if (paths.length === 0) context.addIssue('must name at least one project');
      for (const path of paths) {
        const fault = projectPath.safeParse(path).error?.issues[0];
        if (fault !== undefined) context.addIssue({ code: 'custom', path: [path], message: fault.message });
      }
    },
    { when: () => true },
  );
}

/**
 * A project's settings by its path, and the path as it is configured: GitLab's paths do not distinguish case, and one project
 * must have one spelling in keys.
 */
export function findProject<Project>(
  projects: Readonly<Record<string, Project>>,
  path: string,
): { project: string; settings: Project } | undefined {
  const project = Object.keys(projects).find(each => each.toLowerCase() === path.toLowerCase());
  const settings = project === undefined ? undefined : projects[project];
  return project === undefined || settings === undefined ? undefined : { project, settings };
}
