import type { Script } from './connection.ts';

/*
 * A session is a string: 16 digits of its last activity, and JSON of all that never changes (`seal.ts`). It stands in three
 * sorted sets of keys: of its identity by age, of all by age, of all by last activity; one that was opened by certificate also
 * in a hash that has the certificate. What belongs to a session (`handover.ts`) is a string, too, and its key stands in a sorted
 * set of that session. Each script is one step for everybody
 * else. KEYS[1] is what all names begin with; the rest follows from it, in the one slot of a Cluster that it names.
 */

/** Milliseconds that nothing is added or changed until the list of an identity's families goes: longer than any of these lives. */
const familyIndexMs = 2 * 86_400_000;

const common = `
local P = KEYS[1]
-- What somebody else has written here may be anything.
local function facts(kept)
	local ok, found = pcall(cjson.decode, string.sub(kept, 17))
	return ok and type(found) == 'table' and found or {}
end
local function dropBelongings(kind, parent)
	for _, key in ipairs(redis.call('ZRANGE', P .. kind .. 's:' .. parent, 0, -1)) do redis.call('DEL', P .. kind .. ':' .. key) end
	redis.call('DEL', P .. kind .. 's:' .. parent)
end
local function drop(key)
	local kept = redis.call('GET', P .. 's:' .. key)
	dropBelongings('t', key)
	dropBelongings('h', key)
	redis.call('ZREM', P .. 'opened', key)
	redis.call('ZREM', P .. 'active', key)
	redis.call('HDEL', P .. 'certified', key)
	if not kept then return false end
	redis.call('DEL', P .. 's:' .. key)
	redis.call('ZREM', P .. 'i:' .. tostring(facts(kept).identityId), key)
	return kept
end
`;

/**
 * ARGV: key, session, identity, opened at, last activity, `alone` or how many to keep, dialect, certificate (or nothing:
 * opened by password), keys that are on record as ended. Drops those; returns the sessions that must be put on record before this one may come, or none: then it came.
 */
export const insertScript: Script = {
	text: `${common}
local key, session, identity, openedAt, activeAt, keep, dialect, certificate = unpack(ARGV, 1, 8)
if redis.call('EXISTS', P .. 's:' .. key) == 1 then return redis.error_reply('EXISTS a session with this key exists') end
for n = 9, #ARGV do drop(ARGV[n]) end
local others = redis.call('ZRANGE', P .. 'i:' .. identity, 0, -1)
local surplus = {}
for n, other in ipairs(others) do
	if keep == 'alone' or n <= #others + 1 - tonumber(keep) then
		local kept = redis.call('GET', P .. 's:' .. other)
		if not kept then
			redis.call('ZREM', P .. 'i:' .. identity, other)
		elseif keep ~= 'alone' or facts(kept).dialect == dialect then
			table.insert(surplus, kept)
		end
	end
end
if #surplus > 0 then return surplus end
redis.call('SET', P .. 's:' .. key, session)
redis.call('ZADD', P .. 'i:' .. identity, openedAt, key)
redis.call('ZADD', P .. 'opened', openedAt, key)
redis.call('ZADD', P .. 'active', activeAt, key)
if certificate ~= '' then redis.call('HSET', P .. 'certified', key, certificate) end
return {}
`,
};

/**
 * ARGV: key, key of the session that takes its place, that session, its identity, when it was opened, last activity, certificate
 * (or nothing: as before), then keys of child sessions, each with its new value. What else belongs to the old one goes with it.
 * Returns 1, or 0: it is not there, and nothing has come.
 */
export const replaceScript: Script = {
	text: `${common}
local old, key, session, identity, openedAt, activeAt, certificate = unpack(ARGV, 1, 7)
if redis.call('EXISTS', P .. 's:' .. old) == 0 then return 0 end
if redis.call('EXISTS', P .. 's:' .. key) == 1 then return redis.error_reply('EXISTS a session with this key exists') end
if certificate == '' then certificate = redis.call('HGET', P .. 'certified', old) end
local children, longest = {}, 0
for n = 8, #ARGV, 2 do
	local forMs = redis.call('PTTL', P .. 'h:' .. ARGV[n])
	local madeAt = redis.call('ZSCORE', P .. 'hs:' .. old, ARGV[n])
	if forMs > 0 and madeAt then table.insert(children, { ARGV[n], ARGV[n + 1], forMs, madeAt }) end
	longest = math.max(longest, forMs)
end
drop(old)
redis.call('SET', P .. 's:' .. key, session)
redis.call('ZADD', P .. 'i:' .. identity, openedAt, key)
redis.call('ZADD', P .. 'opened', openedAt, key)
redis.call('ZADD', P .. 'active', activeAt, key)
if certificate then redis.call('HSET', P .. 'certified', key, certificate) end
for _, child in ipairs(children) do
	redis.call('SET', P .. 'h:' .. child[1], child[2], 'PX', child[3])
	redis.call('ZADD', P .. 'hs:' .. key, child[4], child[1])
end
if #children > 0 then redis.call('PEXPIRE', P .. 'hs:' .. key, longest) end
return 1
`,
};

/** ARGV: key, last activity (16 digits), and so on. Changes what is there, and adds nothing. */
export const touchScript: Script = {
	text: `
local P = KEYS[1]
for n = 1, #ARGV, 2 do
	local before = redis.call('GETRANGE', P .. 's:' .. ARGV[n], 0, 15)
	if before ~= '' and before < ARGV[n + 1] then
		redis.call('SETRANGE', P .. 's:' .. ARGV[n], 0, ARGV[n + 1])
		redis.call('ZADD', P .. 'active', tonumber(ARGV[n + 1]), ARGV[n])
	end
end
`,
};

/** ARGV: keys. */
export const dropScript: Script = { text: `${common} for _, key in ipairs(ARGV) do drop(key) end` };

/** ARGV: set (`opened` or `active`), before when, how many. Drops and returns those sessions. */
export const sweepScript: Script = {
	text: `${common}
local swept = {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', P .. ARGV[1], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])) do
	local kept = drop(key)
	if kept then table.insert(swept, kept) end
end
return swept
`,
};

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
