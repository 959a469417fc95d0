# An hour of load at a fixed rate, well below what the machine can do, workers draining: what each program holds over
# time, a curve each, once. What grows with the number of orders would show as a slope; it ends with the latency of all.

# hold_for MINUTES: until so many minutes of load are over, and then what is held.
hold_for() {
  local name pid
  while [ $((SECONDS - hour_began)) -lt $(($1 * 60)) ]; do
    run "$work/idle" sleep 1
    ! has_ended "${begun[load]}" || return 0
  done
  for name in order-service inventory notification; do
    pid=$([ "$name" = order-service ] && service_pid || echo "${begun[$name]}")
    of_process "$pid" VmRSS | awk '{ printf "{\"MB\":%.3f}", $1 * 1024 / 1e6 }' >"$work/held"
    point hour "$1" MB "$work/held" "$name"
  done
}

round_hour() {
  local minute hour_began
  begin_workers
  warm_up "$order_service/orders"
  settle
  hour_began=$SECONDS
  begin load "$work/hour" "$programs/orderctl" bench flow --rate 300 --for 1h --json
  for minute in 1 2 5 10 20 30 40 50 59; do hold_for "$minute"; done
  await_end load
  note hour.p50 ours effect.p50_ms "$work/hour"
  note hour.p99 ours effect.p99_ms "$work/hour"
  settle
  python3 Tests/Benchmarks/curves.py "$work/results"
}
