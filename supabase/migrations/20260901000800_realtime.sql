-- Members of a store's organisation may listen to its live channel; nobody may write to it.
set local lock_timeout = '5s';

do $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    return;
  end if;
  execute $policy$
    create policy "members hear their stores" on realtime.messages
      for select to authenticated
      using (
        extension = 'broadcast'
        and (select realtime.topic()) in (
          select 'store:' || s.id || ':live' from public.stores s
          where s.org_id in (select private.my_org_ids()))
      )
  $policy$;
end $$;
