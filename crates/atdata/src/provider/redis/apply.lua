-- Changes our own keys, which can all be made again from the original's. The first argument is the
-- layout that they have, each other one a change in msgpack: what to do, a key and what must be true of it (or empty), and what it is done with.
local entries, rows, labels, targets, names, facets, terms, shown, history, facts = unpack(KEYS)
local call = redis.call

local time = call('TIME')
local micros = string.format('%010d%06d', tonumber(time[1]), tonumber(time[2]))

-- Names whose current entry may have changed, or what it is found by.
local touched = {}

-- The newest member that a name has in a set of (name, time, cid): its CID and time.
local function newest(set, name)
  local found = call('ZREVRANGEBYLEX', set, '(' .. name .. '\1', '[' .. name .. '\0', 'LIMIT', 0, 1)
  if found[1] then return found[1]:sub(#name + 19), found[1]:sub(#name + 2, #name + 17) end
end

-- Times of one name never go back, not even with the clock.
local function append(set, name, cid)
  local now = micros
  local _, last = newest(set, name)
  if last and last >= now then now = string.format('%016.0f', tonumber(last) + 1) end
  call('ZADD', set, 0, name .. '\0' .. now .. '\0' .. cid)
end

local function current(name)
  local cid = call('HGET', targets, name .. '\0')
  if cid and call('ZSCORE', entries, cid) then return cid end
  return (newest(rows, name))
end

local function hide(name, before)
  if not before then return end
  before = cmsgpack.unpack(before)
  local member = name .. '\0' .. before[1]
  call('ZREM', names, member)
  for i = 2, #before do call('ZREM', facets, before[i] .. '\0' .. member) end
  call('HDEL', shown, name)
end

-- Puts a name's current entry into the sets that are listed and searched.
local function show(name)
  local before, after, cid = call('HGET', shown, name), nil, current(name)
  if cid then
    after = cmsgpack.unpack(call('HGET', terms, cid) or cmsgpack.pack({name}))
    after[1] = cid
  end
  if after and before == cmsgpack.pack(after) then return end
  hide(name, before)
  if not cid then return end
  local member = name .. '\0' .. cid
  for i = 2, #after do call('ZADD', facets, 0, after[i] .. '\0' .. member) end
  call('ZADD', names, 0, member)
  call('HSET', shown, name, cmsgpack.pack(after))
end

-- The names whose own label points to an entry.
local function touch_labelled(cid)
  for _, member in ipairs(call('ZRANGEBYLEX', labels, '[' .. cid .. '\0', '(' .. cid .. '\1')) do
    if member:sub(-1) == '\0' then touched[member:sub(#cid + 2, -2)] = true end
  end
end

local change = {}

function change.entry(cid, name, its_terms, its_facts)
  local before = call('HGET', terms, cid)
  if before then name = cmsgpack.unpack(before)[1] end
  if call('ZADD', entries, 'NX', 0, cid) == 1 then append(rows, name, cid) end
  table.insert(its_terms, 1, name)
  call('HSET', terms, cid, cmsgpack.pack(its_terms))
  for i = 1, #its_facts, 2 do call('HSET', facts, cid .. '\0' .. its_facts[i], its_facts[i + 1]) end
  touched[name] = true
  touch_labelled(cid)
end

function change.no_entry(cid)
  local before = call('HGET', terms, cid)
  call('ZREM', entries, cid)
  call('HDEL', terms, cid)
  call('HDEL', facts, cid .. '\0content_cid', cid .. '\0samples', cid .. '\0bytes')
  if before then
    local name = cmsgpack.unpack(before)[1]
    for _, row in ipairs(call('ZRANGEBYLEX', rows, '[' .. name .. '\0', '(' .. name .. '\1')) do
      if row:sub(#name + 19) == cid then call('ZREM', rows, row) end
    end
    touched[name] = true
  end
  touch_labelled(cid)
end

function change.label(name, version, cid)
  local field = name .. '\0' .. version
  local before = call('HGET', targets, field)
  if before then call('ZREM', labels, before .. '\0' .. field) end
  call('HSET', targets, field, cid)
  call('ZADD', labels, 0, cid .. '\0' .. field)
  if version ~= '' then return end
  if newest(history, name) ~= cid then append(history, name, cid) end
  touched[name] = true
end

-- The CID is empty where it does not matter what the label points to.
function change.no_label(name, version, cid)
  local field = name .. '\0' .. version
  local before = call('HGET', targets, field)
  if not before or (cid ~= '' and before ~= cid) then return end
  call('ZREM', labels, before .. '\0' .. field)
  call('HDEL', targets, field)
  if version == '' then touched[name] = true end
end

function change.document(set, member) call('ZADD', set, 0, member) end
function change.no_document(set, member) call('ZREM', set, member) end

-- Whether what was seen in the original's keys is still so: others write at the same time.
local function holds(key, wanted)
  if wanted == '' then return true end
  if wanted == 'there' then return call('EXISTS', key) == 1 end
  if wanted == 'gone' then return call('EXISTS', key) == 0 end
  return 'to ' .. (call('HGET', key, 'cid') or '') == wanted
end

call('SETNX', KEYS[13], ARGV[1])
for i = 2, #ARGV do
  local given = cmsgpack.unpack(ARGV[i])
  if holds(given[2], given[3]) then change[given[1]](unpack(given, 4)) end
end

for name in pairs(touched) do show(name) end
