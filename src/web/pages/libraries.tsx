import { useResource } from '../api/resource.ts';
import type { Library } from '../api/types.ts';
import { KeyLink } from '../parts/key-link.tsx';
import { Mark, verdictTone } from '../parts/mark.tsx';
import { GitLabLink } from '../parts/outside-link.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { Scrollable } from '../parts/scrollable.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';

/** Which version each library is at, and who has not taken it up. */
export function LibrariesPage() {
  const { data, error } = useResource<{ libraries: Library[] }>('/v1/libraries', { live: true });
  const libraries = data?.libraries ?? [];
  return (
    <Page
      title="Libraries"
      purpose="Each update of a library gets a version of its own. Here is the newest one, and which projects are behind it."
    >
      <Trouble error={error} />
      {data && libraries.length === 0 && <Empty>No library has been looked at yet.</Empty>}
      <div class="stack tight">
        {libraries.map(library => (
          <LibraryPanel key={library.key} library={library} />
        ))}
      </div>
    </Page>
  );
}

function LibraryPanel({ library }: { library: Library }) {
  const { key, verdict, latest, tags, ours, behind, since } = library;
  return (
    <article class="panel padded stack tight">
      <div class="section-head">
        <h2>
          <KeyLink name={key} short />
        </h2>
        <p>
          {tags} {tags === 1 ? 'tag' : 'tags'}, {ours} by Signalbox · since <When at={since} />
        </p>
      </div>
      <div class="row wrap">
        {latest.length === 0 && <span class="quiet">no release yet</span>}
        {latest.slice(0, 6).map(tag => (
          <strong key={tag} class="mono head-version foreign">
            {tag.slice(0, 80)}
          </strong>
        ))}
        <Mark tone={verdictTone(verdict)}>{verdict.slice(0, 200)}</Mark>
      </div>
      {behind.length === 0 ? (
        <p class="quiet small">No known project is behind.</p>
      ) : (
        <Scrollable label={`Projects behind ${library.project.slice(0, 100)}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Behind</th>
                <th scope="col">Branch</th>
                <th scope="col">Has</th>
                <th scope="col">Could have</th>
                <th scope="col">Proposed</th>
              </tr>
            </thead>
            <tbody>
              {behind.map(each => (
                <tr key={each.key}>
                  <th scope="row">
                    <KeyLink name={each.key} short />
                  </th>
                  <td class="mono foreign">{each.branch.slice(0, 80)}</td>
                  <td class="mono foreign">{each.from.slice(0, 80)}</td>
                  <td class="mono foreign">{each.to.slice(0, 80)}</td>
                  <td>
                    {each.merge_request ? (
                      <>
                        <GitLabLink reference={`${each.project}!${each.merge_request.iid}`} />{' '}
                        {each.merge_request.state}
                      </>
                    ) : (
                      'not yet'
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      )}
    </article>
  );
}
