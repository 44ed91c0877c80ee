/** What one token response writes, in the order of `issuedValues`. */
const issued = `p_family text, p_client text, p_sub text, p_sid text, p_created bigint, p_family_end bigint,
  p_access text, p_access_end bigint, p_access_data text,
  p_refresh text, p_refresh_end bigint, p_absolute_end bigint, p_refresh_data text`
const keepFamily = 'latchkey_keep_family(p_family, p_client, p_sub, p_sid, p_created, p_family_end)'
const writeTokens = `latchkey_write_tokens(p_family, p_access, p_access_end, p_access_data,
    p_refresh, p_refresh_end, p_absolute_end, p_refresh_data)`

/** The verbs on which single use rests: the presented row is locked first, its family second, everywhere. */
export const tokenFunctions: readonly string[] = [
  `create or replace function latchkey_write_tokens(p_family text, p_access text, p_access_end bigint,
  p_access_data text, p_refresh text, p_refresh_end bigint, p_absolute_end bigint, p_refresh_data text)
returns void language plpgsql as $$
begin
  if p_access is not null then
    insert into access_tokens (hash, family_id, lone_client_id, expires_at, data)
      values (p_access, p_family, null, p_access_end, p_access_data);
  end if;
  if p_refresh is not null then
    insert into refresh_tokens (hash, family_id, rotated_at, successor_hash, sealed_successor, expires_at,
        absolute_expires_at, data)
      values (p_refresh, p_family, null, null, null, p_refresh_end, p_absolute_end, p_refresh_data);
  end if;
end $$`,
  `create or replace function latchkey_redeem_code(p_hash text, p_now bigint, ${issued})
returns text language plpgsql as $$
declare
  code codes%rowtype;
begin
  select * into code from codes where hash = p_hash for no key update;
  if not found then
    return 'unknown';
  end if;
  if code.consumed_at is not null then
    perform latchkey_end_family(code.family_id, code.client_id, coalesce(p_sub, ''), code.sid, p_now, code.expires_at);
    return 'reused';
  end if;
  if code.expires_at <= p_now or latchkey_is_ended(code.family_id) then
    return 'unknown';
  end if;
  if not ${keepFamily} then
    return 'unknown';
  end if;
  perform ${writeTokens};
  update codes set consumed_at = p_now where hash = p_hash;
  return 'redeemed';
end $$`,
  `create or replace function latchkey_rotate(p_hash text, p_now bigint, p_grace bigint, p_sealed text, p_replay_end bigint,
  ${issued}, out outcome text, out sealed text, out family text)
language plpgsql as $$
declare
  used refresh_tokens%rowtype;
begin
  outcome := 'unknown';
  select * into used from refresh_tokens where hash = p_hash for no key update;
  if not found or used.expires_at <= p_now or latchkey_is_ended(used.family_id) then
    return;
  end if;
  family := used.family_id;
  if used.rotated_at is null then
    if not ${keepFamily} then
      return;
    end if;
    perform ${writeTokens};
    update refresh_tokens set rotated_at = p_now, successor_hash = p_refresh, sealed_successor = p_sealed
      where hash = p_hash;
    outcome := 'rotated';
    return;
  end if;
  if p_now < used.rotated_at + p_grace and used.sealed_successor is not null and exists (
    select 1 from refresh_tokens where hash = used.successor_hash and rotated_at is null and expires_at > p_now)
  then
    perform latchkey_keep_family(used.family_id, p_client, p_sub, p_sid, p_now, p_replay_end);
    perform latchkey_write_tokens(used.family_id, p_access, p_access_end, p_access_data, null, null, null, null);
    outcome := 'replayed';
    sealed := used.sealed_successor;
    return;
  end if;
  perform latchkey_end_family(used.family_id, coalesce(p_client, ''), coalesce(p_sub, ''), p_sid, p_now,
    used.absolute_expires_at);
  outcome := 'reused';
end $$`,
  `create or replace function latchkey_extend(p_hash text, p_now bigint, p_expires_at bigint, ${issued})
returns text language plpgsql as $$
declare
  used refresh_tokens%rowtype;
begin
  select * into used from refresh_tokens where hash = p_hash for no key update;
  if not found or used.expires_at <= p_now or used.rotated_at is not null or latchkey_is_ended(used.family_id) then
    return 'unknown';
  end if;
  perform ${keepFamily};
  perform latchkey_write_tokens(used.family_id, p_access, p_access_end, p_access_data, null, null, null, null);
  update refresh_tokens set expires_at = least(greatest(expires_at, p_expires_at), absolute_expires_at)
    where hash = p_hash;
  return 'extended';
end $$`,
  `create or replace function latchkey_begin(${issued})
returns boolean language plpgsql as $$
begin
  if not ${keepFamily} then
    return false;
  end if;
  perform ${writeTokens};
  return true;
end $$`,
  `create or replace function latchkey_create_pending(p_hash text, p_lookup text, p_client text, p_interval bigint,
  p_created bigint, p_end bigint, p_data text)
returns boolean language plpgsql as $$
begin
  update pending_grants set lookup = null where lookup = p_lookup and expires_at <= p_created;
  insert into pending_grants (hash, lookup, client_id, sid, decision, polled_at, interval_seconds, expires_at, data)
    values (p_hash, p_lookup, p_client, null, null, null, p_interval, p_end, p_data)
    on conflict (lookup) do nothing;
  return found;
end $$`,
  `create or replace function latchkey_poll(p_hash text, p_now bigint, p_slow_down bigint,
  out outcome text, out decided text)
language plpgsql as $$
declare
  pending pending_grants%rowtype;
  is_early boolean;
begin
  select * into pending from pending_grants where hash = p_hash for no key update;
  if not found then
    outcome := 'unknown';
  elsif pending.expires_at <= p_now then
    outcome := 'expired';
  elsif pending.decision is not null then
    outcome := 'decided';
    decided := pending.decision;
  else
    is_early := pending.polled_at is not null and p_now < pending.polled_at + pending.interval_seconds;
    update pending_grants set polled_at = p_now,
        interval_seconds = interval_seconds + case when is_early then p_slow_down else 0 end
      where hash = p_hash;
    outcome := case when is_early then 'slow_down' else 'pending' end;
  end if;
end $$`,
  `create or replace function latchkey_redeem_pending(p_hash text, p_now bigint, ${issued})
returns text language plpgsql as $$
declare
  pending pending_grants%rowtype;
begin
  select * into pending from pending_grants where hash = p_hash for update;
  if not found or pending.expires_at <= p_now or pending.decision is null or pending.decision = 'denied' then
    return 'unknown';
  end if;
  if latchkey_is_ended(pending.decision::json ->> 'familyId') or not ${keepFamily} then
    return 'unknown';
  end if;
  perform ${writeTokens};
  delete from pending_grants where hash = p_hash;
  return 'redeemed';
end $$`,
]
