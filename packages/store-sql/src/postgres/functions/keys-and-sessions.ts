const isAlive = 'revoked_at is null and idle_expires_at > p_now and absolute_expires_at > p_now'

export const keyAndSessionFunctions: readonly string[] = [
  `create or replace function latchkey_ensure_key(p_kid text, p_alg text, p_created bigint, p_data text)
returns text language plpgsql as $$
declare
  standing text;
begin
  perform pg_advisory_xact_lock(hashtextextended('latchkey key ' || current_schema() || ' ' || p_alg, 0));
  select data into standing from signing_keys where alg = p_alg order by created_at, kid limit 1;
  if found then
    return standing;
  end if;
  insert into signing_keys (kid, alg, created_at, data) values (p_kid, p_alg, p_created, p_data);
  return p_data;
end $$`,
  `create or replace function latchkey_claim_refresh(p_hash text, p_version bigint, p_now bigint, p_lease_ends_at bigint,
  out outcome text, out number bigint)
language plpgsql as $$
declare
  session bff_sessions%rowtype;
begin
  select * into session from bff_sessions where hash = p_hash and ${isAlive} for no key update;
  if not found then
    outcome := 'gone';
  elsif session.version <> p_version then
    outcome := 'moved';
  elsif session.lease_ends_at > p_now then
    outcome := 'busy';
    number := session.lease_ends_at;
  else
    update bff_sessions set fence = fence + 1, lease_ends_at = p_lease_ends_at where hash = p_hash;
    outcome := 'claimed';
    number := session.fence + 1;
  end if;
end $$`,
  `create or replace function latchkey_commit_tokens(p_hash text, p_sealed text, p_version bigint, p_fence bigint,
  p_now bigint)
returns text language plpgsql as $$
declare
  session bff_sessions%rowtype;
begin
  select * into session from bff_sessions where hash = p_hash and ${isAlive} for no key update;
  if not found then
    return 'gone';
  end if;
  if session.fence <> p_fence or session.lease_ends_at is null or session.version <> p_version then
    return 'superseded';
  end if;
  update bff_sessions set sealed_tokens = p_sealed, version = version + 1, lease_ends_at = null where hash = p_hash;
  return 'committed';
end $$`,
]

/** Added with the announced request: until its answer may come, the right to renew passes to nobody but `p_instead`. */
export const renewalFunctions: readonly string[] = [
  `create or replace function latchkey_claim_renewal(p_hash text, p_version bigint, p_now bigint, p_lease_ends_at bigint,
  p_holder text, p_instead bigint,
  out outcome text, out fence bigint, out holder text, out lease_ends_at bigint, out asked_at bigint, out answer_by bigint)
language plpgsql as $$
declare
  session bff_sessions%rowtype;
begin
  select * into session from bff_sessions s where s.hash = p_hash
    and s.revoked_at is null and s.idle_expires_at > p_now and s.absolute_expires_at > p_now for no key update;
  if not found then
    outcome := 'gone';
  elsif session.version <> p_version then
    outcome := 'moved';
  elsif session.lease_ends_at is not null and session.fence is distinct from p_instead
      and greatest(session.lease_ends_at, session.answer_by) > p_now then
    outcome := 'busy';
    fence := session.fence;
    holder := session.holder;
    lease_ends_at := session.lease_ends_at;
    asked_at := session.asked_at;
    answer_by := session.answer_by;
  else
    fence := session.fence + 1;
    update bff_sessions s set fence = session.fence + 1, lease_ends_at = p_lease_ends_at, holder = p_holder,
      asked_at = null, answer_by = null where s.hash = p_hash;
    outcome := 'claimed';
  end if;
end $$`,
]
