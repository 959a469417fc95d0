# POST /orders by wrk: one thread, 32 connections unless told otherwise, each answer awaited before the next request.
# Ours: order and event fsynced in one transaction before the 201, the event confirmed by two quorum queues, and two
# workers that handle it (stock and mail, each with its own SQLite), all on the same cores, settings as shipped, a log line an
# order. Theirs: no file, no confirm, nobody who takes the event; a 201 means that it was said. Once as it is installed,
# and once tuned, beside which the target is not set.

connections=32

# load OUTPUT URL
load() {
  run "$1" wrk -t1 -c"$connections" -d"${seconds}s" --timeout 10s --latency -s Tests/Benchmarks/orders.lua "$2"
  grep -q '"failed":0,' "$1" || echo "  requests failed: $(grep '"failed"' "$1")" >&2
}

warm_up() {
  [ "$round" -eq 1 ] || return 0
  local seconds=2
  load "$work/warm" "$1"
}

round_http() {
  begin_workers
  begin_redis
  warm_up "$order_service/orders"
  settle
  load "$work/ours" "$order_service/orders"
  settle
  note http ours rate "$work/ours"
  note http.p99 ours p99_ms "$work/ours"
  note http.tuned ours rate "$work/ours"
  note http.tuned.p99 ours p99_ms "$work/ours"
  note_kB memory.order-service.peak "$(peak_of_service)"

  end_workers
  begin_plain
  warm_up "$peer/orders"
  load "$work/theirs" "$peer/orders"
  note http yardstick rate "$work/theirs"
  note http.p99 yardstick p50_ms "$work/theirs"
  begin_tuned
  warm_up "$peer/async/orders"
  load "$work/theirs" "$peer/async/orders"
  note http.tuned yardstick rate "$work/theirs"
  note http.tuned.p99 yardstick p50_ms "$work/theirs"
}
