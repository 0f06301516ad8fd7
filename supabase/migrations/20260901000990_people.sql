-- How many people there are, and came: an estimate with its 90 % interval, from the rate of bursts.
-- docs/visitors.md says how, and how well; src/positioning/footfall.ts is the same in TypeScript.
set local lock_timeout = '5s';

-- By default mean_stay_minutes is as long as the visits of the period.
create or replace function private.people_settings(store uuid)
returns table (bursts_per_person_minute double precision, spread double precision,
  mean_stay_minutes double precision)
language sql stable rows 1 set search_path = ''
as $$
  select private.setting_number(s.settings, 'bursts_per_person_minute', 0.78, 0.001, 1000)::float8,
    private.setting_number(s.settings, 'bursts_spread', 0.25, 0, 2)::float8,
    private.setting_number(s.settings, 'mean_stay_minutes', null, 0.1, 1440)::float8
  from public.stores s where s.id = store
$$;

-- Wilson & Hilferty 1931: a gamma variate's cube root is nearly normal. Mean 1; z of the normal.
create or replace function private.gamma_quantile(shape double precision, z double precision)
returns double precision
language sql immutable parallel safe set search_path = ''
as $$ select greatest(0, 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))) ^ 3 $$;

-- Where no burst began there is no estimate: maybe nothing here listens to phones that hide. Time
-- before the first one does not count: the store was closed, or not heard yet. Less than a minute
-- tells nothing, and a gateway's clock may be ahead of ours.
create or replace function private.member_people(store uuid, from_ts timestamptz, to_ts timestamptz)
returns table (bursts integer, minutes double precision, bursts_per_person_minute double precision,
  people double precision, people_low double precision, people_high double precision,
  footfall double precision, footfall_low double precision, footfall_high double precision)
language plpgsql stable security definer rows 1 set search_path = ''
as $$
#variable_conflict use_column
declare
  stay double precision;
begin
  perform private.require_member(store);
  stay := coalesce(
    (select setting.mean_stay_minutes from private.people_settings(store) setting),
    (select sum(f.micros)::float8 / nullif(sum(f.m), 0) / 60000000
      from private.totals_in(store, '{quarter}', private.period_of(store, 'quarter', from_ts, to_ts)) f));
  return query
    with heard as (
      select coalesce(sum(kept.begun), 0)::integer as bursts,
        extract(epoch from greatest(least(to_ts, now()), min(kept.since))
          - min(kept.since))::float8 / 60 as minutes
      from private.bursts kept
      where kept.store_id = store and kept.begun > 0
        and kept.at >= private.five_minutes_of(from_ts) and kept.at < to_ts
    ), allowed as (
      select setting.bursts_per_person_minute as rate,
        1 / (1 / (heard.bursts + 0.5) + setting.spread ^ 2) as shape
      from heard cross join private.people_settings(store) setting
    ), estimate as (
      select likely / rate as likely, least(likely, low) / rate as low, high / rate as high
      from allowed cross join heard
      cross join lateral (select heard.bursts as likely,
        (heard.bursts + 0.5) * private.gamma_quantile(shape, -1.645) as low,
        (heard.bursts + 0.5) * private.gamma_quantile(shape, 1.645) as high) person_minutes
      where heard.bursts > 0 and heard.minutes >= 1
    )
    select heard.bursts, heard.minutes, allowed.rate,
      e.likely / heard.minutes, e.low / heard.minutes, e.high / heard.minutes,
      e.likely / nullif(stay, 0), e.low / nullif(stay, 0), e.high / nullif(stay, 0)
    from heard cross join allowed left join estimate e on true;
end $$;

-- Without times: now, that is the live window. A period begins with the five minutes in which it does.
create or replace function public.kpi_people(store_id uuid, from_ts timestamptz default null,
  to_ts timestamptz default now())
returns table (bursts integer, minutes double precision, bursts_per_person_minute double precision,
  people double precision, people_low double precision, people_high double precision,
  footfall double precision, footfall_low double precision, footfall_high double precision,
  estimates text[])
language sql stable security invoker rows 1 set search_path = ''
as $$
  select private.require_member(kpi_people.store_id);
  select private.require_range(coalesce(from_ts, to_ts), to_ts);
  select counted.*, array['people', 'footfall']
  from private.member_settings(kpi_people.store_id) setting
  cross join lateral private.member_people(kpi_people.store_id,
    coalesce(from_ts, to_ts - setting.live_window), to_ts) counted;
$$;

revoke all on function private.people_settings(uuid),
  private.gamma_quantile(double precision, double precision),
  private.member_people(uuid, timestamptz, timestamptz),
  public.kpi_people(uuid, timestamptz, timestamptz)
  from public, anon, authenticated, service_role;
grant execute on function private.people_settings(uuid),
  private.gamma_quantile(double precision, double precision) to service_role;
grant execute on function private.member_people(uuid, timestamptz, timestamptz),
  public.kpi_people(uuid, timestamptz, timestamptz) to authenticated;
