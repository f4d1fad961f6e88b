-- What wrk found, as one line of JSON after its own text; the request comes from the environment.
wrk.method = os.getenv("BENCH_METHOD") or "GET"
for line in (os.getenv("BENCH_HEADERS") or ""):gmatch("[^\n]+") do
    local name, value = line:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
end
wrk.body = os.getenv("BENCH_BODY")

-- Where a path holds %d, each request has its own number in it: threads count in their own millions.
local path = os.getenv("BENCH_PATH")
if path and path:find("%%d") then
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

-- Where a body holds %d, each request has a number below BENCH_COUNT in it, by chance.
local body, count = wrk.body, tonumber(os.getenv("BENCH_COUNT") or "1")
if body and body:find("%%0?%d*d") then
    function request()
        return wrk.format(nil, nil, nil, body:format(math.random(0, count - 1)))
    end
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nBENCH {"requests": %d, "seconds": %.6f, "p50": %.1f, "p99": %.1f, "failed": %d, "lost": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
