import { Await } from '../../components/Await.tsx';
import { CsvButton } from '../../components/CsvButton.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Outdated } from '../../components/Outdated.tsx';
import { Tile } from '../../components/Tile.tsx';
import { useIngestBacklog, useIngestHealth } from '../../hooks/useIngestHealth.ts';
import { useWords } from '../../i18n/context.tsx';
import { type PipelineState, pipelineState } from '../../model/pipelineState.ts';
import { type HealthRow, useHealthFigures } from './useHealthFigures.ts';

const useVerdict = (state: PipelineState, secondsSince: number | null) => {
  const { t, format } = useWords();
  const age = secondsSince === null ? '–' : format.duration(secondsSince);
  const hints: Readonly<Record<PipelineState, string | undefined>> = {
    flowing: t('pipe.flowing_hint', { age }),
    slow: t('pipe.slow_hint', { age }),
    failing: secondsSince === null ? undefined : t('pipe.slow_hint', { age }),
    never: t('pipe.never_hint'),
  };
  return { title: t(`pipe.${state}`), hint: hints[state] };
};

const Verdict = ({ row }: { readonly row: HealthRow }) => {
  const state = pipelineState(row);
  const { title, hint } = useVerdict(state, row.seconds_since_success);
  return (
    <div className={`verdict is-${state}`}>
      <Icon name={state === 'flowing' ? 'pipeline' : 'warning'} />
      <div>
        <h2>{title}</h2>
        {hint && <p>{hint}</p>}
      </div>
    </div>
  );
};

const Loaded = ({ row, backlog }: { row: HealthRow; backlog: number | undefined }) => {
  const { t } = useWords();
  const figures = useHealthFigures(row, backlog);
  return (
    <section className="card figures" aria-label={t('pipe.hour')}>
      <Outdated />
      <Verdict row={row} />
      <dl className="tiles">
        {figures.map(({ key, name, definition, value, aside }) => (
          <Tile key={key} {...{ name, definition, value, aside }} />
        ))}
      </dl>
      <div className="figures-foot">
        <CsvButton
          name={t('pipe.hour')}
          table={{
            columns: [t('pipe.figure'), t('kpi.value')],
            rows: figures.map(({ name, value }) => [name, value]),
          }}
        />
      </div>
    </section>
  );
};

/** The verdict and the last hour's figures. */
export const Health = () => {
  const { t } = useWords();
  const answer = useIngestHealth();
  const backlog = useIngestBacklog();
  return (
    <Await answer={answer} name={t('pipe.hour')} height={320}>
      {(row) => <Loaded row={row} backlog={backlog.data?.failed_imports} />}
    </Await>
  );
};
