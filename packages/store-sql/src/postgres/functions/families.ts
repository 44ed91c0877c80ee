/** Steps on families inside other functions. Each statement of a function sees what was committed before it. */
export const familyFunctions: readonly string[] = [
  `create or replace function latchkey_append_revocation(p_kind text, p_id text, p_at bigint, p_end bigint)
returns void language sql as $$
  insert into revocation_inbox (kind, id, at, expires_at) values (p_kind, p_id, p_at, p_end)
$$`,
  // Ends a family, known or not; true when it was known and alive.
  `create or replace function latchkey_end_family(
  p_family text, p_client text, p_sub text, p_sid text, p_now bigint, p_end bigint)
returns boolean language plpgsql as $$
declare
  known families%rowtype;
begin
  insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
    values (p_family, p_client, p_sub, p_sid, p_now, p_end, p_now) on conflict (family_id) do nothing;
  if found then
    perform latchkey_append_revocation('family', p_family, p_now, p_end);
    return false;
  end if;
  select * into known from families where family_id = p_family for no key update;
  if known.revoked_at is not null and known.expires_at >= p_end then
    return false;
  end if;
  update families set revoked_at = coalesce(revoked_at, p_now), expires_at = greatest(expires_at, p_end)
    where family_id = p_family;
  perform latchkey_append_revocation('family', p_family, p_now, greatest(known.expires_at, p_end));
  return known.revoked_at is null;
end $$`,
  // Locks the family; true when it has ended.
  `create or replace function latchkey_is_ended(p_family text)
returns boolean language plpgsql as $$
declare
  ended bigint;
begin
  select revoked_at into ended from families where family_id = p_family for no key update;
  return ended is not null;
end $$`,
  // Makes the family's row or lets it live longer; false when it was ended. Two who make it at once wait for each other.
  `create or replace function latchkey_keep_family(
  p_family text, p_client text, p_sub text, p_sid text, p_created bigint, p_end bigint)
returns boolean language plpgsql as $$
declare
  known families%rowtype;
begin
  if p_family is null then
    return true;
  end if;
  insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
    values (p_family, p_client, p_sub, p_sid, p_created, p_end, null) on conflict (family_id) do nothing;
  if found then
    return true;
  end if;
  select * into known from families where family_id = p_family for no key update;
  if known.revoked_at is not null then
    return false;
  end if;
  if known.expires_at < p_end then
    update families set expires_at = p_end where family_id = p_family;
  end if;
  return true;
end $$`,
  // Codes first: whoever is redeeming one is waited for, and then its family is seen below.
  `create or replace function latchkey_end_session(p_sid text, p_now bigint)
returns setof text language plpgsql as $$
declare
  family record;
  latest bigint := null;
begin
  delete from codes where sid = p_sid and consumed_at is null;
  delete from pending_grants where sid = p_sid;
  for family in
    select family_id, expires_at from families where sid = p_sid and revoked_at is null
      order by family_id for no key update
  loop
    update families set revoked_at = p_now where family_id = family.family_id;
    perform latchkey_append_revocation('family', family.family_id, p_now, family.expires_at);
    latest := greatest(latest, family.expires_at);
    return next family.family_id;
  end loop;
  if latest is not null then
    perform latchkey_append_revocation('session', p_sid, p_now, latest);
  end if;
end $$`,
  `create or replace function latchkey_delete_client(p_client text, p_now bigint, p_lone_end bigint)
returns boolean language plpgsql as $$
declare
  family record;
  latest bigint := p_lone_end;
  lone_end bigint;
begin
  delete from clients where client_id = p_client;
  if not found then
    return false;
  end if;
  delete from codes where client_id = p_client and consumed_at is null;
  delete from pending_grants where client_id = p_client;
  delete from pushed_requests where client_id = p_client;
  delete from session_clients where client_id = p_client;
  delete from consents where client_id = p_client;
  with gone as (delete from access_tokens where lone_client_id = p_client returning expires_at)
    select max(expires_at) into lone_end from gone;
  latest := greatest(latest, lone_end);
  for family in
    select family_id, expires_at from families where client_id = p_client and revoked_at is null
      order by family_id for no key update
  loop
    update families set revoked_at = p_now where family_id = family.family_id;
    latest := greatest(latest, family.expires_at);
  end loop;
  perform latchkey_append_revocation('client', p_client, p_now, latest);
  return true;
end $$`,
  // Numbers are given by one at a time, so they become visible in their order, whoever commits first.
  `create or replace function latchkey_number_revocations()
returns void language plpgsql as $$
begin
  if not exists (select 1 from revocation_inbox) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('latchkey revocations ' || current_schema(), 0));
  with moved as (delete from revocation_inbox returning arrival, kind, id, at, expires_at)
    insert into revocations (kind, id, at, expires_at)
    select kind, id, at, expires_at from moved order by arrival;
end $$`,
]
