-- What wrk sends: valid orders, each of another user; and one line of JSON at the end.
-- An answer of 400 or more is an error, not an order.
local number = 0

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

function request()
  number = number + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"user_id":%d,"product_id":%d,"quantity":1,"price":999.99}', number % 1000 + 1, number % 10 + 1))
end

function done(summary, latency)
  local errors, seconds = summary.errors, summary.duration / 1e6
  local orders = summary.requests - errors.status
  print(string.format(
    '{"orders":%d,"seconds":%.6f,"rate":%.1f,"failed":%d,"p50_ms":%.3f,"p99_ms":%.3f}',
    orders, seconds, orders / seconds, errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
