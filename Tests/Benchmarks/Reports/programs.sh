# Each program by itself, with the broker up and nothing to do: what it holds, and how soon it is ready.

# of_process PID FIELD: a line of /proc/PID/status, in kB.
of_process() { sed -n "s/^$2:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$1/status"; }

service_pid() {
  python3 -c 'import json, sys
print(next(p["pid"] for p in json.load(open(sys.argv[1]))["processes"] if p["name"] == "order-service"))' \
    "$work/up/up.json"
}

peak_of_service() { of_process "$(service_pid)" VmHWM; }

# Ten seconds after the start.
round_memory() {
  local service
  for service in inventory notification analytics; do begin_worker "$service"; done
  run "$work/idle" sleep 10
  note_kB memory.order-service "$(of_process "$(service_pid)" VmRSS)"
  for service in inventory notification analytics; do
    note_kB "memory.$service" "$(of_process "${begun[$service]}" VmRSS)"
    end "$service"
  done
}

# A million events wait; the worker handles some tens of thousands of them.
round_backlog() {
  begin_worker inventory
  end inventory
  run "$work/filled" "$work/yardstick" fill --queues inventory --messages 1000000
  begin_worker inventory "$work/backlog.db"
  run "$work/drained" python3 Tests/Benchmarks/handled.py "$work/backlog.db" 50000
  note_kB memory.inventory.full "$(of_process "${begun[inventory]}" VmHWM)"
  end inventory
  run "$work/purged" python3 Tests/Benchmarks/purge.py "$work/up/up.json" inventory
}

# note_kB ROW KILOBYTES: in MB of a million bytes.
note_kB() {
  awk -v kB="$2" 'BEGIN { printf "{\"MB\":%.3f}", kB * 1024 / 1e6 }' >"$work/kB"
  note "$1" ours MB "$work/kB"
}

# With a database that is not there yet.
round_start() {
  local program port
  for program in order-service inventory-worker notification-worker analytics-worker; do
    port=$(free_port)
    run "$work/started" env HTTP_PORT="$port" ADMIN_PORT="$port" DATABASE_URL="sqlite:$work/start-$program-$round.db" \
      python3 Tests/Benchmarks/started.py "$port" "$programs/$program"
    note "start.${program%-worker}" ours ms "$work/started"
  done
}
