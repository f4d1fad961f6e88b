-- What wrk found, as one line of JSON after its own text; the request comes from the environment.
wrk.method = os.getenv("BENCH_METHOD") or "GET"
for line in (os.getenv("BENCH_HEADERS") or ""):gmatch("[^\n]+") do
    local name, value = line:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
end
wrk.body = os.getenv("BENCH_BODY")

local count, step = tonumber(os.getenv("BENCH_COUNT") or "1"), tonumber(os.getenv("BENCH_STEP") or "1")

-- By chance a number below BENCH_COUNT, times BENCH_STEP; threads begin in different places.
local function chance() return math.random(0, count - 1) * step end
function init() math.randomseed(os.time() + tonumber(tostring({}):match("0x(%x+)"), 16) % 1000003) end

-- Where a path holds %d, each request has its own number in it, or where there is a BENCH_COUNT one by chance: threads
-- count in their own millions.
local path = os.getenv("BENCH_PATH")
if path and path:find("%%d") and count > 1 then
    function request() return wrk.format(nil, path:format(chance())) end
elseif path and path:find("%%d") then
    local threads = 0
    function setup(thread)
        thread:set("number", threads * 100000000 + tonumber(os.getenv("BENCH_FIRST") or "0"))
        threads = threads + 1
    end
    function request()
        number = number + 1
        return wrk.format(nil, path:format(number))
    end
end

-- Where a body holds %d, each request has a number by chance in it.
local body = wrk.body
if body and body:find("%%0?%d*d") then
    function request() return wrk.format(nil, nil, nil, body:format(chance())) end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nBENCH {"requests": %d, "seconds": %.6f, "p50": %.1f, "p99": %.1f, "failed": %d, "lost": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
