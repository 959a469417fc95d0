# Our side and the others', started and stopped: a private broker and order service by `orderctl up`, our workers, redis,
# and the Python programs. Everything listens on 127.0.0.1, on free ports.

declare -A peers=()

free_port() {
  python3 -c 'import random, socket
for port in random.sample(range(20000, 32000), 1000):
    try:
        with socket.socket() as s: s.bind(("127.0.0.1", port))
    except OSError: continue
    print(port); break'
}

answers() { curl -fs -o "$work/answer" "$1"; }

# The broker and an order service; no worker. The services are inventory and notification, so that an event goes into
# two quorum queues. Stock that no run can sell out is in the catalogue: an order refused is more work than one taken.
begin_system() {
  [ -z "${begun[system]:-}" ] || return 0
  awk -F, 'NR == 1 { print; next } { sub(/[0-9]+$/, "1000000000"); print }' Config/catalog.csv >"$work/catalog.csv"
  cp -r Config "$work/Config"
  rm "$work/Config/analytics-worker.yaml"
  export CONFIG_DIRECTORY=$work/Config CATALOG_FILE=$work/catalog.csv LOG_FORMAT=json UP_DIRECTORY=$work/up
  begin system "$work/system.log" env HTTP_PORT="$(free_port)" "$programs/orderctl" up \
    --inventory-workers 0 --notification-workers 0 --json
  await 90 system test -s "$work/up/up.json"
  read -r order_service RABBITMQ_URL < <(python3 -c 'import json, sys
up = json.load(open(sys.argv[1])); print(up["order_service"], up["rabbitmq"])' "$work/up/up.json")
  export RABBITMQ_URL
  give_memory
}

# A private node holds 1 GB at most and then blocks publishers, which a million events in two queues reach. Its command-line
# tool finds it by the node's own environment.
give_memory() {
  local settings pid
  pid=$(python3 -c 'import json, sys
print(next(p["pid"] for p in json.load(open(sys.argv[1]))["processes"] if p["name"] == "rabbitmq"))' "$work/up/up.json")
  mapfile -d '' -t settings <"/proc/$pid/environ"
  run "$work/memory" env -i "${settings[@]}" /usr/lib/rabbitmq/bin/rabbitmqctl --quiet \
    set_vm_memory_high_watermark absolute 6GB
}

# begin_worker SERVICE: as `orderctl up` starts it, but by us, since it must stand still while others are measured.
begin_worker() {
  local service=$1 database=${2:-$work/$1.db} port
  [ -z "${begun[$service]:-}" ] || return 0
  port=$(free_port)
  begin "$service" "$work/$service.log" env ADMIN_PORT="$port" DATABASE_URL="sqlite:$database" \
    "$programs/$service-worker"
  await 30 "$service" answers "http://127.0.0.1:$port/health/ready"
}

begin_workers() {
  begin_worker inventory
  begin_worker notification
}

end_workers() {
  end inventory
  end notification
}

is_published() { curl -fs "$order_service/metrics" | grep -qE '^outbox_pending 0(\.0)?$'; }

# Until the broker has every event and the workers have taken every one. What is being handled, at most their prefetch,
# is not seen by it.
settle() {
  await 60 system is_published
  run "$work/settled" "$work/yardstick" empty --queues inventory,notification
}

begin_redis() {
  [ -z "${begun[redis]:-}" ] || return 0
  local port
  port=$(free_port)
  export REDIS_URL=redis://127.0.0.1:$port/0
  begin redis "$work/redis.log" redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work"
  await 10 redis redis-cli -p "$port" ping
}

# begin_uvicorn NAME PROGRAM OPTION…: the program in Peers, two processes unless told otherwise. Sets $peer.
begin_uvicorn() {
  local name=$1 program=$2 port
  shift 2
  if [ -z "${begun[$name]:-}" ]; then
    port=$(free_port)
    begin "$name" "$work/$name.log" "$python/uvicorn" --app-dir Tests/Benchmarks/Peers --workers 2 --port "$port" \
      "$@" "$program:app"
    peers[$name]=http://127.0.0.1:$port
    await 60 "$name" answers "${peers[$name]}/health"
  fi
  peer=${peers[$name]}
}

# As `pip install fastapi uvicorn redis` and `uvicorn --workers 2` run it, with its access log in a file as ours.
begin_plain() { begin_uvicorn fastapi_plain fastapi_redis --loop asyncio --http h11; }

# With all that makes it faster: uvloop, httptools, hiredis, and no access log.
tuned=(--loop uvloop --http httptools --no-access-log --log-level warning)
begin_tuned() { begin_uvicorn fastapi_tuned fastapi_redis "${tuned[@]}"; }

# One process for HTTP as installed, and two workers. Sets $peer.
begin_faststream() {
  begin_faststream_workers
  begin_uvicorn faststream faststream_flow --loop asyncio --http h11 --workers 1
}

# Two processes, tuned. Sets $peer.
begin_faststream_tuned() {
  begin_faststream_workers
  begin_uvicorn faststream_tuned faststream_flow "${tuned[@]}"
}

begin_faststream_workers() {
  local service
  for service in notification inventory; do
    [ -z "${begun[faststream_$service]:-}" ] || continue
    begin "faststream_$service" "$work/faststream_$service.log" \
      "$python/python" Tests/Benchmarks/Peers/faststream_flow.py "$service"
    await 60 "faststream_$service" "$work/yardstick" empty --queues "peer.$service"
  done
}
