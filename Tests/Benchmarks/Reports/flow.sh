# Orders from the HTTP request to the last effect. wrk posts for a while, and the clock runs until nothing is left in
# the outbox or in a queue: orders by that time. C moves messages of the same kind through the same exchange and the same
# two queues, with no HTTP, no store and no handler. FastStream answers when the broker has confirmed, and its two
# workers keep nothing; once as it is installed, one process for HTTP, and once with two and all that makes them faster.
# On every side a thousand are under way: 1000 connections, as C publishes with a window of 1000. Orders come for 20 s, and C
# has messages for about as long: a rate that is held for less leaves out what the broker does now and then.
under_way=1000

# load_to_end OUTPUT URL COMMAND…: the command returns when nothing is left.
load_to_end() {
  local output=$1 url=$2 began=$EPOCHREALTIME connections=$under_way
  shift 2
  load "$output.wrk" "$url"
  "$@"
  awk -v began="$began" -v ended="$EPOCHREALTIME" -F'"orders":' '/"orders":/ {
    printf "{\"orders\":%d,\"seconds\":%.6f}\n", $2, ended - began }' "$output.wrk" >"$output"
}

settle_faststream() { run "$work/settled" "$work/yardstick" empty --queues peer.inventory,peer.notification; }

round_flow() {
  local connections=$under_way seconds=20
  begin_workers
  warm_up "$order_service/orders"
  settle
  load_to_end "$work/ours" "$order_service/orders" settle
  note flow ours rate "$work/ours"
  note flow.faststream ours rate "$work/ours"
  note flow.faststream.tuned ours rate "$work/ours"

  end_workers
  run "$work/theirs" "$work/yardstick" flow --exchange orders.events --queues inventory,notification \
    --messages 300000 --window "$under_way"
  note flow yardstick rate "$work/theirs"

  begin_faststream
  warm_up "$peer/orders"
  settle_faststream
  load_to_end "$work/theirs" "$peer/orders" settle_faststream
  note flow.faststream yardstick rate "$work/theirs"
  begin_faststream_tuned
  warm_up "$peer/orders"
  settle_faststream
  load_to_end "$work/theirs" "$peer/orders" settle_faststream
  note flow.faststream.tuned yardstick rate "$work/theirs"
}

# At a fixed rate, from the intended moment of sending; then at four fifths of what this machine can do at most, over as
# many connections, for 20 s each.
round_latency() {
  local most seconds=20
  begin_workers
  warm_up "$order_service/orders"
  settle
  run "$work/ours" "$programs/orderctl" bench flow --rate 500 --for 20s --json || return 0
  note flow.p50 ours effect.p50_ms "$work/ours"
  note flow.p99 ours effect.p99_ms "$work/ours"
  load_to_end "$work/ours" "$order_service/orders" settle
  note flow.most ours rate "$work/ours"
  most=$(python3 -c 'import json, sys; o = json.load(open(sys.argv[1])); print(int(o["orders"] / o["seconds"] * 0.8))' \
    "$work/ours")
  run "$work/ours" "$programs/orderctl" bench flow --rate "$most" --for 20s --connections "$under_way" --json ||
    return 0
  note flow.busy ours effect.p99_ms "$work/ours"
  settle
}
