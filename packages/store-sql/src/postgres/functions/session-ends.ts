/**
 * Added with the queue that rides along: what ends a session has its clients told in the same transaction. By their
 * parameters these are other functions than those of before, which nodes of that version go on using.
 */
export const sessionEndFunctions: readonly string[] = [
  // What waits for a client and session is told once, now. Rows are locked in one order.
  `create or replace function latchkey_queue_logouts(p_sid text, p_sub text, p_client text, p_now bigint, p_until bigint)
returns void language sql as $$
  insert into logout_deliveries (id, client_id, sub, sid, attempts, next_attempt_at, expires_at, ping)
    select 'logout ' || sid || ' ' || client_id, client_id, p_sub, sid, 0, p_now, p_until, null from session_clients
      where sid = p_sid and (p_client is null or client_id = p_client) order by client_id
    on conflict (id) do update set attempts = 0, next_attempt_at = excluded.next_attempt_at,
      expires_at = excluded.expires_at
$$`,
  `create or replace function latchkey_end_session(p_sid text, p_sub text, p_now bigint, p_until bigint)
returns setof text language plpgsql as $$
begin
  return query select * from latchkey_end_session(p_sid, p_now);
  perform latchkey_queue_logouts(p_sid, p_sub, null, p_now, p_until);
end $$`,
  // Sessions are locked in one order, so that two who end them wait for each other.
  `create or replace function latchkey_end_sessions_of(p_sub text, p_only text, p_except text, p_now bigint, p_until bigint)
returns setof text language plpgsql as $$
declare
  ended text;
begin
  for ended in select * from latchkey_end_sessions_of(p_sub, p_only, p_except, p_now)
  loop
    perform latchkey_queue_logouts(ended, p_sub, null, p_now, p_until);
    return next ended;
  end loop;
end $$`,
  `create or replace function latchkey_withdraw(p_sub text, p_client text, p_now bigint, p_until bigint,
  out had_consent boolean, out ended json)
language plpgsql as $$
begin
  select w.had_consent, w.ended into had_consent, ended from latchkey_withdraw(p_sub, p_client, p_now) w;
  if had_consent or json_array_length(ended) > 0 then
    perform latchkey_queue_logouts(sid, p_sub, p_client, p_now, p_until) from (
      select data::json ->> 'sid' as sid from sessions where (data::json ->> 'sub') = p_sub and expires_at > p_now
      union select family ->> 'sid' from json_array_elements(ended) as family order by sid) as theirs;
  end if;
end $$`,
  // Codes and sessions first: whoever is redeeming one is waited for, and then its family is seen below.
  `create or replace function latchkey_end_subject(p_sub text, p_now bigint, p_end bigint, p_until bigint)
returns setof text language plpgsql as $$
declare
  family record;
  latest bigint := p_end;
begin
  delete from codes where consumed_at is null and data::json -> 'grounds' ->> 'sub' = p_sub;
  delete from pending_grants where case when decision like '{%' then decision::json ->> 'sub' end = p_sub;
  return query with gone as (delete from sessions where (data::json ->> 'sub') = p_sub returning data::json ->> 'sid' as sid)
    select sid from gone, latchkey_queue_logouts(sid, p_sub, null, p_now, p_until);
  for family in
    select family_id, expires_at from families where sub = p_sub and revoked_at is null
      order by family_id for no key update
  loop
    update families set revoked_at = p_now where family_id = family.family_id;
    perform latchkey_append_revocation('family', family.family_id, p_now, family.expires_at);
    latest := greatest(latest, family.expires_at);
  end loop;
  perform latchkey_append_revocation('subject', p_sub, p_now, latest);
end $$`,
  // True when the session before was another person's, and so was ended with all that it gave out.
  `create or replace function latchkey_replace_session(p_hash text, p_end bigint, p_data text, p_replaces text,
  p_until bigint)
returns boolean language plpgsql as $$
declare
  before json;
begin
  insert into sessions (hash, expires_at, data) values (p_hash, p_end, p_data);
  delete from sessions where hash = p_replaces returning data::json into before;
  if before is null or before ->> 'sub' = p_data::json ->> 'sub' then
    return false;
  end if;
  perform latchkey_end_session(before ->> 'sid', before ->> 'sub', (p_data::json ->> 'authTime')::bigint, p_until);
  return true;
end $$`,
]
