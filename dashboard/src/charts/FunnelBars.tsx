export interface FunnelStage {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly shareText: string;
  /** Of those who entered, 0…1. */
  readonly share: number;
}

/** The stages of a funnel, one under the other. */
export const FunnelBars = ({ stages }: { readonly stages: ReadonlyArray<FunnelStage> }) => (
  <ol className="funnel">
    {stages.map((stage) => (
      <li key={stage.key}>
        <div className="funnel-words">
          <span className="funnel-name">{stage.name}</span>
          <span className="funnel-value">{stage.value}</span>
          <span className="funnel-share">{stage.shareText}</span>
        </div>
        <div className="funnel-track">
          <div
            className="funnel-bar"
            style={{ inlineSize: `${Math.min(stage.share, 1) * 100}%` }}
          />
        </div>
      </li>
    ))}
  </ol>
);
