import type { Script } from './connection.ts';

/* Each script is one step for everybody else. KEYS[1] is what all names begin with: see `session-scripts.ts`. */

/** Milliseconds that nothing is added or changed until the list of an identity's families goes: longer than any of these lives. */
const familyIndexMs = 2 * 86_400_000;

/**
 * ARGV: `t` (a ticket) or `h` (a child session), key, value, key of its session, when it was made, how many of that session to
 * keep, milliseconds. Adds it where the session is there. Returns the keys of those that it left no room for, or `0`: no session.
 */
export const putScript: Script = {
	text: `
local P = KEYS[1]
local kind, key, value, parent, madeAt, limit, forMs = unpack(ARGV)
if redis.call('EXISTS', P .. 's:' .. parent) == 0 then return 0 end
if not redis.call('SET', P .. kind .. ':' .. key, value, 'NX', 'PX', forMs) then return redis.error_reply('EXISTS this key exists') end
local keys = P .. kind .. 's:' .. parent
redis.call('ZADD', keys, madeAt, key)
redis.call('PEXPIRE', keys, forMs)
local surplus = redis.call('ZRANGE', keys, 0, -1 - tonumber(limit))
for _, other in ipairs(surplus) do
	redis.call('DEL', P .. kind .. ':' .. other)
	redis.call('ZREM', keys, other)
end
return surplus
`,
};

/**
 * ARGV: key, value, when it is over, now, milliseconds that it lasts, how many to keep. Adds a ceremony; forgets those that are over, and
 * the oldest of more than that.
 */
export const putCeremonyScript: Script = {
	text: `
local P = KEYS[1]
local key, value, expiresAt, now, forMs, limit = unpack(ARGV)
local all = P .. 'ceremonies'
if not redis.call('SET', P .. 'c:' .. key, value, 'NX', 'PX', forMs) then return redis.error_reply('EXISTS this key exists') end
redis.call('ZREMRANGEBYSCORE', all, '-inf', '(' .. now)
redis.call('ZADD', all, expiresAt, key)
redis.call('PEXPIRE', all, forMs)
for _, other in ipairs(redis.call('ZRANGE', all, 0, -1 - tonumber(limit))) do
	redis.call('DEL', P .. 'c:' .. other)
	redis.call('ZREM', all, other)
end
return 1
`,
};

/**
 * ARGV: key, family, identity, when it was started, how many of that identity to keep, milliseconds, how many of these it is kept
 * beyond its end. Adds a family of refresh tokens, and drops those that it leaves no room for: first those that are over. When that is,
 * Redis knows best, by which a family that was refreshed lasts longer: what stands there is sealed.
 */
export const putFamilyScript: Script = {
	text: `
local P = KEYS[1]
local key, family, identity, startedAt, limit, forMs, beyondMs = unpack(ARGV)
if not redis.call('SET', P .. 'f:' .. key, family, 'NX', 'PX', forMs) then return redis.error_reply('EXISTS this key exists') end
local keys = P .. 'fi:' .. identity
redis.call('ZADD', keys, startedAt, key)
redis.call('PEXPIRE', keys, ${familyIndexMs})
local all = redis.call('ZRANGE', keys, 0, -1)
local surplus, over, living = #all - tonumber(limit), {}, {}
for _, other in ipairs(surplus > 0 and all or {}) do
	table.insert(redis.call('PTTL', P .. 'f:' .. other) > tonumber(beyondMs) and living or over, other)
end
for n = 1, surplus do
	local other = over[n] or living[n - #over]
	redis.call('DEL', P .. 'f:' .. other)
	redis.call('ZREM', keys, other)
end
`,
};

/** ARGV: key, what stands there, what is to stand there, identity, milliseconds. Returns 1 where it still stood there. */
export const replaceFamilyScript: Script = {
	text: `
local P = KEYS[1]
local key, before, family, identity, forMs = unpack(ARGV)
if redis.call('GET', P .. 'f:' .. key) ~= before then return 0 end
redis.call('SET', P .. 'f:' .. key, family, 'PX', forMs)
redis.call('PEXPIRE', P .. 'fi:' .. identity, ${familyIndexMs})
return 1
`,
};

/** ARGV: identity, keys. Returns how many of these were there. */
export const dropFamiliesScript: Script = {
	text: `
local P = KEYS[1]
local dropped = 0
for n = 2, #ARGV do
	dropped = dropped + redis.call('DEL', P .. 'f:' .. ARGV[n])
	redis.call('ZREM', P .. 'fi:' .. ARGV[1], ARGV[n])
end
return dropped
`,
};

/** ARGV: key, `add` or `set`, how many, milliseconds. Returns the count, and when it is forgotten. */
export const countScript: Script = {
	text: `
local key = KEYS[1] .. 'a:' .. ARGV[1]
if ARGV[2] == 'set' then
	redis.call('SET', key, ARGV[3], 'PX', ARGV[4])
elseif redis.call('INCRBY', key, ARGV[3]) == tonumber(ARGV[3]) then
	redis.call('PEXPIRE', key, ARGV[4])
end
return { tonumber(redis.call('GET', key)), redis.call('PTTL', key) }
`,
};

/** ARGV: key. Takes one off a counter; one that counts nothing any more is deleted. */
export const takeBackScript: Script = {
	text: `
local key = KEYS[1] .. 'a:' .. ARGV[1]
if tonumber(redis.call('GET', key) or '0') > 1 then redis.call('DECR', key) else redis.call('DEL', key) end
`,
};
