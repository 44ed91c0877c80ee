/** Added with the page on which people see and take back what they have allowed. */
export const ownPageFunctions: readonly string[] = [
  // Codes first: whoever is redeeming one is waited for, and then its family is seen below.
  `create or replace function latchkey_withdraw(p_sub text, p_client text, p_now bigint,
  out had_consent boolean, out ended json)
language plpgsql as $$
declare
  family record;
begin
  ended := '[]';
  delete from consents where sub = p_sub and client_id = p_client;
  had_consent := found;
  delete from codes where client_id = p_client and consumed_at is null and data::json -> 'grounds' ->> 'sub' = p_sub;
  delete from pending_grants where client_id = p_client
    and case when decision like '{%' then decision::json ->> 'sub' end = p_sub;
  for family in
    select family_id, sid, expires_at from families
      where sub = p_sub and client_id = p_client and revoked_at is null order by family_id for no key update
  loop
    update families set revoked_at = p_now where family_id = family.family_id;
    perform latchkey_append_revocation('family', family.family_id, p_now, family.expires_at);
    ended := (ended::jsonb || jsonb_build_object('familyId', family.family_id, 'sid', family.sid))::json;
  end loop;
end $$`,
  // Sessions are locked in one order, so that two who end them wait for each other.
  `create or replace function latchkey_end_sessions_of(p_sub text, p_only text, p_except text, p_now bigint)
returns setof text language plpgsql as $$
declare
  session record;
begin
  for session in
    select hash, data::json ->> 'sid' as sid from sessions
      where (data::json ->> 'sub') = p_sub and (p_only is null or data::json ->> 'sid' = p_only)
        and (p_except is null or data::json ->> 'sid' <> p_except)
      order by hash for update
  loop
    delete from sessions where hash = session.hash;
    perform latchkey_end_session(session.sid, p_now);
    return next session.sid;
  end loop;
end $$`,
]
