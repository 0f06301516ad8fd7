import { firstValueFrom, type Observable } from 'rxjs';
import type { Config } from '../../config.ts';
import { toDeliveryError } from '../../model/outcome.ts';
import type { Env } from '../../model/shapes.ts';
import { safeText } from '../../production/safeText.ts';
import type { ZoneUuids } from '../../sinks/encodeUpload.ts';
import { type Destination, reachDestination, runningStack } from '../destination.ts';
import { Misconfigured } from '../settings.ts';
import { uploadPorts } from '../uploadStage.ts';

/**
 * Before anything is sent: a database that does not answer is waited for later.
 * @throws Misconfigured where it refuses us, or knows no zone of this store
 */
export const checkZones = async (probe: Observable<ZoneUuids>, log: Env['log']): Promise<void> => {
  try {
    const zones = await firstValueFrom(probe);
    if (zones.size > 0) return;
  } catch (problem) {
    const { _tag, reason, advice } = toDeliveryError(problem);
    if (_tag !== 'Transient')
      throw new Misconfigured([safeText(advice === undefined ? reason : `${reason}: ${advice}`)]);
    log({ level: 'warn', event: 'database does not answer yet', reason });
    return;
  }
  throw new Misconfigured([
    'the database knows no zone of this store: npm run seed:zones writes the SQL that adds them (docs/supabase.md)',
  ]);
};

const destinationToAsk = async (config: Config): Promise<Destination | undefined> =>
  config.SUPABASE_URL === undefined
    ? runningStack(config)
    : (
        await reachDestination(
          config,
          () => {},
          () => {},
        )
      ).destination;

/** Asks and changes nothing: no database is started for it. */
export const zonesToCompare = async (
  config: Config,
  env: Env,
): Promise<ReadonlySet<number> | string> => {
  try {
    const destination = await destinationToAsk(config);
    if (destination === undefined) return 'no SUPABASE_URL is set, and no pipeline runs here';
    const zones = await firstValueFrom(uploadPorts(destination, env).probe);
    return new Set(zones.keys());
  } catch (problem) {
    return safeText(
      problem instanceof Misconfigured
        ? problem.problems.join('; ')
        : toDeliveryError(problem).reason,
    );
  }
};
