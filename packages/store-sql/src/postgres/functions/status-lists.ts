const alive = (condition: string) =>
  `select jti from status_entries where revoked = 0 and ${condition} order by jti for update`
const mark = (condition: string) => `update status_entries set revoked = 1 where jti in (${alive(condition)})`

/** A token that is a JWT brings no row of its own: where its data stands without a hash, that is its place in a status list. */
export const statusListFunctions: readonly string[] = [
  `create or replace function latchkey_enter_status(p_end bigint, p_entry json)
returns void language sql as $$
  insert into status_entries (jti, list_id, position, client_id, kid, expires_at, revoked)
    values (p_entry ->> 'jti', p_entry ->> 'listId', (p_entry ->> 'index')::bigint, p_entry ->> 'clientId',
      p_entry ->> 'kid', p_end, 0)
$$`,
  `create or replace function latchkey_write_tokens(p_family text, p_access text, p_access_end bigint,
  p_access_data text, p_refresh text, p_refresh_end bigint, p_absolute_end bigint, p_refresh_data text)
returns void language plpgsql as $$
begin
  if p_access is not null then
    insert into access_tokens (hash, family_id, lone_client_id, expires_at, data)
      values (p_access, p_family, null, p_access_end, p_access_data);
  elsif p_access_data is not null then
    perform latchkey_enter_status(p_access_end, p_access_data::json);
  end if;
  if p_refresh is not null then
    insert into refresh_tokens (hash, family_id, rotated_at, successor_hash, sealed_successor, expires_at,
        absolute_expires_at, data)
      values (p_refresh, p_family, null, null, null, p_refresh_end, p_absolute_end, p_refresh_data);
  end if;
end $$`,
  // Rows are locked in one order, so that two who take back the same tokens wait for each other.
  `create or replace function latchkey_mark_status()
returns trigger language plpgsql as $$
begin
  if new.kind = 'token' then
    update status_entries set revoked = 1 where jti = new.id and revoked = 0;
  elsif new.kind = 'family' then
    ${mark("jti > new.id || '.' and jti < new.id || '/'")};
  elsif new.kind = 'client' then
    ${mark('client_id = new.id')};
  elsif new.kind = 'key' then
    ${mark('kid = new.id')};
  end if;
  return null;
end $$`,
  `create or replace trigger latchkey_mark_status after insert on revocation_inbox
  for each row execute function latchkey_mark_status()`,
]
