import { gitlabLink } from '../api/overview.ts';

/** An issue or a merge request in GitLab, `acme/appliance!12`; plain text where GitLab's address is not known. */
export function GitLabLink({ reference }: { reference: string }) {
  const href = gitlabLink(reference);
  if (href === null) return <bdi class="foreign">{reference.slice(0, 200)}</bdi>;
  return (
    <a href={href} rel="noreferrer" class="foreign">
      <bdi>{reference}</bdi>
      <span aria-hidden="true"> ↗</span>
    </a>
  );
}
