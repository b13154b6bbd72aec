import { overview } from '../../api/overview.ts';
import type { Channel, Product } from '../../api/types.ts';
import { Section } from '../../parts/page.tsx';
import { Scrollable } from '../../parts/scrollable.tsx';
import { When } from '../../parts/when.tsx';
import { releasePath } from './release-path.ts';

/** Lines are tracks, environments their stations: which release stands at each. */
export function ChannelBoard({ product, channels }: { product: Product; channels: readonly Channel[] }) {
  const ours = channels.filter(channel => channel.product === product.name);
  const known = (overview.value?.lines ?? []).map(line => line.name);
  const lines = [...known, ...new Set(ours.map(channel => channel.line).filter(line => !known.includes(line)))];
  return (
    <Section
      title={product.name}
      note="what is on offer: a line for each release line, environments from left to right"
    >
      <Scrollable class="tracks panel" label={`Channels of ${product.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              {product.environments.map(environment => (
                <th key={environment} scope="col" class="track-head">
                  {environment}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(line => (
              <tr key={line}>
                <th scope="row" class="foreign">
                  {line}
                </th>
                {product.environments.map((environment, index) => (
                  <Station
                    key={environment}
                    product={product.name}
                    channel={ours.find(each => each.line === line && each.environment === environment)}
                    before={ours.find(
                      each => each.line === line && each.environment === product.environments[index - 1],
                    )}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </Section>
  );
}

interface StationProps {
  product: string;
  channel: Channel | undefined;
  /** The environment that releases come from into this one. */
  before: Channel | undefined;
}

function Station({ product, channel, before }: StationProps) {
  const head = channel?.head ?? null;
  const waits = before?.head != null && before.head !== head;
  return (
    <td class={`station${head === null ? '' : ' offers'}${waits ? ' behind' : ''}`}>
      <span class="lamp" aria-hidden="true" />
      {head === null ? (
        <span class="quiet">nothing yet</span>
      ) : (
        <a class="mono head-version foreign" href={releasePath(product, head)}>
          {head.slice(0, 60)}
        </a>
      )}
      <div class="small quiet">
        {channel?.history[0] && <When at={channel.history[0].at} />}
        {waits && <span class="behind-note"> {before?.head} waits</span>}
      </div>
    </td>
  );
}
