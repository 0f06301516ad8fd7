export interface RankBar {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  /** Of the longest bar, 0…1. */
  readonly share: number;
  readonly isMuted?: boolean;
}

interface RankBarsProps {
  readonly bars: ReadonlyArray<RankBar>;
  /** Makes each bar a button. */
  readonly onChoose?: (key: string) => void;
}

const Content = ({ bar }: { readonly bar: RankBar }) => (
  <>
    <span className="rank-bar" style={{ inlineSize: `${bar.share * 100}%` }} />
    <span className="rank-name">{bar.name}</span>
    <span className="rank-value">{bar.value}</span>
  </>
);

/** A list, longest first, with a bar behind each name. */
export const RankBars = ({ bars, onChoose }: RankBarsProps) => (
  <ol className="rank">
    {bars.map((bar) => (
      <li key={bar.key} className={bar.isMuted ? 'is-muted' : undefined}>
        {onChoose ? (
          <button type="button" onClick={() => onChoose(bar.key)}>
            <Content bar={bar} />
          </button>
        ) : (
          <Content bar={bar} />
        )}
      </li>
    ))}
  </ol>
);
