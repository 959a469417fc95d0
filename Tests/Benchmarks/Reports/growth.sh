# How each figure grows with one size, everything else as shipped: curves for the benchmark page, once, no ratios.
#   workers   1 to 8 inventory workers that share a database drain a queue
#   prefetch  1 to 500 events held, a quarter of them handled at once, by one worker
#   payload   256 B to 64 KiB a message, published with confirms and drained by a handler that does nothing
#   backlog   0 to 10^6 events waiting in both queues: orders, and then the drain and what the worker holds
#   connections 100 to 10^4 to an order service of its own, half of them idle, 500 orders a second over the others
#   table     10^3 to 10^7 orders, each with its event, in the store that orders are placed in; no worker

# point CURVE X NUMBER FILE [NAME]: one point; NAME tells several numbers of a curve apart.
point() { python3 Tests/Benchmarks/note.py "$work/results" "growth.$1${5:+.$5}" "$2" "$round" "$3" "$4"; }

# drained X CURVE EVENTS WORKERS SETTING…: fills the queue, starts workers, and notes how fast they were.
drained() {
  local x=$1 curve=$2 events=$3 workers=$4 number
  shift 4
  run "$work/filled" "$work/yardstick" fill --queues inventory --messages "$events"
  for number in $(seq "$workers"); do
    begin "inventory.$number" "$work/inventory.$number.log" env ADMIN_PORT=off \
      DATABASE_URL="sqlite:$work/$curve-$x.db" "$@" "$programs/inventory-worker"
  done
  run "$work/drained" python3 Tests/Benchmarks/handled.py "$work/$curve-$x.db" "$events"
  of_process "${begun[inventory.1]}" VmHWM >"$work/held"
  for number in $(seq "$workers"); do end "inventory.$number"; done
  point "$curve" "$x" rate "$work/drained"
}

# The queues are there and empty.
purge() {
  local queue
  for queue in inventory notification; do
    run "$work/purged" python3 Tests/Benchmarks/purge.py "$work/up/up.json" "$queue"
  done
}

growth_of_workers() {
  local count
  for count in 1 2 4 8; do drained "$count" workers 60000 "$count"; done
}

growth_of_prefetch() {
  local held
  for held in 1 4 16 64 256 500; do
    drained "$held" prefetch $((held < 16 ? 5000 : 40000)) 1 WORKER_PREFETCH="$held" \
      WORKER_CONCURRENCY=$((held < 4 ? 1 : held / 4))
  done
}

growth_of_payload() {
  local size count
  for size in 256 1024 4096 16384 65536; do
    count=$((size < 16384 ? 50000 : 8000))
    run "$work/published" "$programs/orderctl" bench publish --size "$size" --messages "$count" --to queue --json
    point payload "$size" rate "$work/published" publish
    run "$work/consumed" "$programs/orderctl" bench consume --size "$size" --messages "$count" --json
    point payload "$size" rate "$work/consumed" consume
  done
}

growth_of_backlog() {
  local waiting
  for waiting in 0 1000 10000 100000 1000000; do
    [ "$waiting" -eq 0 ] || run "$work/filled" "$work/yardstick" fill --queues inventory,notification \
      --messages "$waiting"
    load "$work/loaded" "$order_service/orders"
    await 60 system is_published
    point backlog "$waiting" rate "$work/loaded" orders
    point backlog "$waiting" p99_ms "$work/loaded" p99
    drained_behind "$waiting"
    purge
  done
}

# What waits is drained for a while, not to the end.
drained_behind() {
  begin inventory.1 "$work/inventory.1.log" env ADMIN_PORT=off DATABASE_URL="sqlite:$work/backlog-$1.db" \
    "$programs/inventory-worker"
  run "$work/drained" python3 Tests/Benchmarks/handled.py "$work/backlog-$1.db" 15000
  of_process "${begun[inventory.1]}" VmHWM | awk '{ printf "{\"MB\":%.3f}", $1 * 1024 / 1e6 }' >"$work/held"
  end inventory.1
  point backlog "$1" rate "$work/drained" drain
  point backlog "$1" MB "$work/held" worker
}

growth_of_connections() {
  local count port
  begin_workers
  for count in 100 1000 10000; do
    port=$(free_port)
    begin crowded "$work/crowded.log" env HTTP_PORT="$port" HTTP_CONNECTIONS="$count" \
      DATABASE_URL="sqlite:$work/crowded-$count.db" "$programs/order-service"
    await 30 crowded answers "http://127.0.0.1:$port/health/ready"
    run "$work/crowd" python3 Tests/Benchmarks/connections.py "http://127.0.0.1:$port" "$count" 20 "${begun[crowded]}"
    point connections "$count" MB "$work/crowd" held
    point connections "$count" p99_ms "$work/crowd" p99
    end crowded
  done
  run "$work/settled" "$work/yardstick" empty --queues inventory,notification
  end_workers
}

growth_of_table() {
  local rows
  for rows in 1000 10000 100000 1000000 10000000; do
    run "$work/rows" python3 Tests/Benchmarks/orders.py "$work/up/order-service.db" "$rows"
    load "$work/loaded" "$order_service/orders"
    await 60 system is_published
    point table "$rows" rate "$work/loaded" orders
    point table "$rows" p99_ms "$work/loaded" p99
    purge
  done
}

round_growth() {
  begin_workers
  warm_up "$order_service/orders"
  settle
  end_workers
  growth_of_workers
  growth_of_prefetch
  growth_of_payload
  growth_of_backlog
  growth_of_connections
  growth_of_table
  python3 Tests/Benchmarks/curves.py "$work/results"
}
