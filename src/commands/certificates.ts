import { Command, InvalidArgumentError } from 'commander';
import { fillCertificateFolder } from '../production/certificates/certificateFolder.ts';
import { certificatesText } from './certificatesText.ts';
import { loadShopSensors } from './layout/shopLayout.ts';
import { loadConfig } from './settings.ts';

interface CertificatesOptions {
  readonly sensors?: string;
  readonly host: ReadonlyArray<string>;
  readonly out: string;
  readonly store: string;
  readonly days: number;
  readonly renew: boolean;
}

const MAX_DAYS = 3650;

const days = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_DAYS)
    throw new InvalidArgumentError(`It must be a whole number of days, 1…${MAX_DAYS}.`);
  return value;
};

const DNS_LABELS = /^(?=.{1,253}$)[a-z\d]([a-z\d-]{0,62})(\.[a-z\d][a-z\d-]{0,62})*$/i;
const IP_ADDRESS = /^[\da-f:.]*:[\da-f:.]+$/i;

const host = (text: string, others: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  if (!DNS_LABELS.test(text) && !IP_ADDRESS.test(text))
    throw new InvalidArgumentError('It must be a DNS name or an IP address, without a port.');
  return [...others, text.toLowerCase()];
};

const store = (text: string): string => {
  if (!/^[^/+#\s]{1,64}$/.test(text))
    throw new InvalidArgumentError('It must be 1…64 characters without / + # or spaces.');
  return text;
};

/** As the pipeline calls its store. */
const ownStore = (): string =>
  process.env['STORE_NAME']?.trim() || process.env['STORE_ID']?.trim() || 'demo';

const certificates = async (options: CertificatesOptions, command: Command): Promise<void> => {
  try {
    const sensors = await loadShopSensors(loadConfig(), options.sensors);
    const folder = await fillCertificateFolder({
      folder: options.out,
      hosts: options.host,
      sensors: sensors.map(({ sensor_id }) => sensor_id),
      days: options.days,
      renew: options.renew,
      now: new Date(),
    });
    process.stdout.write(certificatesText(folder, options));
  } catch (problem) {
    command.error(`error: ${problem instanceof Error ? problem.message : String(problem)}`);
  }
};

/**
 * `certificates`: a private authority, and certificates for the broker, the pipeline, the
 * survey and each sensor, in a folder that only its owner can read. Prints what each side has to be told. Run again
 * it makes what is missing. Ends with code 1 and the reason where it cannot.
 */
export const certificatesCommand = (): Command =>
  new Command('certificates')
    .description('a private authority and certificates for broker, pipeline and sensors')
    .requiredOption('--host <name>', 'the broker, as sensors call it; may be given again', host)
    .option('--sensors <file>', 'who the sensors are (or SENSORS_FILE, PI_IDS, sensors.csv)')
    .option('--out <folder>', 'where they go', 'certificates')
    .option('--store <name>', 'in the topics (or STORE_NAME, STORE_ID, demo)', store, ownStore())
    .option('--days <n>', 'how long they are valid; the authority: ten years', days, 730)
    .option('--renew', 'make them anew, but for the authority', false)
    .action((options: CertificatesOptions, command: Command) => certificates(options, command));
