import { Command } from 'commander';
import * as t from 'io-ts';
import { openTerminal } from '../production/terminal.ts';
import { type Administration, adminConfig, openAdministration } from './administration.ts';

const Pruned = t.strict({
  pruned_before: t.string,
  raw_imports: t.number,
  zone_events: t.number,
  zone_dwells: t.number,
  more: t.boolean,
});
type Pruned = t.TypeOf<typeof Pruned>;

const add = (one: Pruned, other: Pruned): Pruned => ({
  ...other,
  raw_imports: one.raw_imports + other.raw_imports,
  zone_events: one.zone_events + other.zone_events,
  zone_dwells: one.zone_dwells + other.zone_dwells,
});

/** A portion at a time: each is a transaction that uploads of the store wait for. */
const pruneStore = async (
  admin: Administration,
  store: string,
  onPortion: (soFar: Pruned) => void,
): Promise<Pruned> => {
  const portion = () => admin.call('prune_store_data', { store_id: store }, Pruned);
  let sum = await portion();
  while (sum.more) {
    onPortion(sum);
    sum = add(sum, await portion());
  }
  return sum;
};

const words = ({ raw_imports, zone_events, zone_dwells, pruned_before }: Pruned): string =>
  `${raw_imports} raw imports, ${zone_events} zone events and ${zone_dwells} dwells removed; ` +
  `events are kept from ${pruned_before.slice(0, 10)}`;

const run = async ({ store }: { readonly store?: string }): Promise<void> => {
  const terminal = openTerminal(process.stdout);
  const admin = await openAdministration(adminConfig(), terminal.status);
  try {
    const stores = (await admin.stores()).filter(({ id }) => store === undefined || id === store);
    if (stores.length === 0) throw new Error(store ? `There is no store ${store}` : 'No stores');
    for (const { id, store_name } of stores) {
      const name = store_name ?? id;
      const pruned = await pruneStore(admin, id, (sum) =>
        terminal.status(`  ${name}: ${words(sum)}`),
      );
      terminal.status('');
      terminal.print(`  ${name}: ${words(pruned)}\n`);
    }
  } finally {
    await admin.close();
  }
};

/** `npm run prune`: what pg_cron does every hour where a project has it. Safe to repeat. */
export const pruneCommand = (): Command =>
  new Command('prune')
    .description(
      'Removes what stores need not keep: raw imports after 30 days, zone events after 180.',
    )
    .option('--store <uuid>', 'of one store only')
    .action(run);
