import type { Script } from './connection.ts';

/*
 * A session is a string: 16 digits of its last activity, and JSON of all that never changes (`seal.ts`). It stands in three
 * sorted sets of keys: of its identity by age, of all by age, of all by last activity; one that was opened by certificate also
 * in a hash that has the certificate. What belongs to a session (`handover.ts`) is a string, too, and its key stands in a sorted
 * set of that session. Each script is one step for everybody
 * else. KEYS[1] is what all names begin with; the rest follows from it, in the one slot of a Cluster that it names.
 */

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

/*
 * What must end where a session comes in the place of the one at `old`, or of none: each by its key, and as it is kept; newest
 * first. Those that wait for a second factor are counted by themselves.
 */
const surplus = `
local function surplusFor(session, identity, keep, old)
	local others = redis.call('ZRANGE', P .. 'i:' .. identity, 0, -1)
	local mine, room, surplus = facts(session), tonumber(keep) or 1, {}
	if keep ~= 'alone' and #others < room then return surplus end
	for n = #others, 1, -1 do
		local kept = redis.call('GET', P .. 's:' .. others[n])
		local found = kept and facts(kept)
		if not kept then
			redis.call('ZREM', P .. 'i:' .. identity, others[n])
		elseif others[n] ~= old and (keep == 'alone' and found.dialect == mine.dialect or keep ~= 'alone' and found.waits == mine.waits) then
			room = room - 1
			if room < 1 then
				table.insert(surplus, others[n])
				table.insert(surplus, kept)
			end
		end
	end
	return surplus
end
`;

/**
 * ARGV: key, session, identity, opened at, last activity, `alone` or how many to keep, certificate (or nothing: opened by
 * password), keys that may go. Drops those; returns what must be put on record as ended before this one may come, or
 * nothing: then it came.
 */
export const insertScript: Script = {
	text: `${common}${surplus}
local key, session, identity, openedAt, activeAt, keep, certificate = unpack(ARGV, 1, 7)
if redis.call('EXISTS', P .. 's:' .. key) == 1 then return redis.error_reply('EXISTS a session with this key exists') end
for n = 8, #ARGV do drop(ARGV[n]) end
local surplus = surplusFor(session, identity, keep)
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
 * ARGV: key, key of the session that takes its place, that session, its identity, when it was opened, last activity, how many to
 * keep, certificate (or nothing: as before), how many child sessions, their keys, each with its new value, then keys that may go.
 * What else belongs to the old one goes with it. Returns as `insertScript`; false: it is not there, and nothing has come.
 */
export const replaceScript: Script = {
	text: `${common}${surplus}
local old, key, session, identity, openedAt, activeAt, keep, certificate, childCount = unpack(ARGV, 1, 9)
if redis.call('EXISTS', P .. 's:' .. old) == 0 then return false end
if redis.call('EXISTS', P .. 's:' .. key) == 1 then return redis.error_reply('EXISTS a session with this key exists') end
if certificate == '' then certificate = redis.call('HGET', P .. 'certified', old) end
local childrenEnd = 9 + 2 * tonumber(childCount)
for n = childrenEnd + 1, #ARGV do drop(ARGV[n]) end
local surplus = surplusFor(session, identity, keep, old)
if #surplus > 0 then return surplus end
local children, longest = {}, 0
for n = 10, childrenEnd, 2 do
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
return {}
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
