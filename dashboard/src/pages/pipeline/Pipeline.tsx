import { PageHead } from '../../app/PageHead.tsx';
import { Health } from './Health.tsx';
import { Runs } from './Runs.tsx';
import { Sensors } from './Sensors.tsx';

/** Whether data flows. */
export const Pipeline = () => (
  <>
    <PageHead page="pipeline" />
    <Health />
    <Sensors />
    <Runs />
  </>
);
