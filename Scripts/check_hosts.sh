#!/usr/bin/env bash
# Two hosts on one machine: network namespaces with an address each. DPO runs on a rank of either, by TCP with torchrun's variables, by
# Open MPI and by MPICH, and must write what two ranks of one host write, to the bit. Then the link between them is cut, and both must end.
#
#     sudo Scripts/check_hosts.sh PROGRAM
set -eu
[[ $# == 1 && -x $1 ]] || { echo "usage: check_hosts.sh PROGRAM, a built caravan" >&2; exit 64; }
[[ $(id -u) == 0 ]] || { echo "network namespaces need root" >&2; exit 1; }
program=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'for host in cva cvb; do ip netns pids $host 2> /dev/null | xargs -r kill -9; ip netns del $host 2> /dev/null || true; done; rm -rf "$work"' EXIT
export CARAVAN_CACHE="$work/cache" OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1
run=("$program" dpo --model "$root/Tests/TrainingTests/Fixtures/model" --data "$root/Tests/TrainingTests/Fixtures/pairs.jsonl"
  --batch-size 8 --learning-rate 1e-3 --threads 1)
short=(--max-steps 6) long=(--epochs 2000 --collective-timeout 5)

ip netns add cva
ip netns add cvb
ip link add cva-link netns cva type veth peer name cvb-link netns cvb
for host in a:1 b:2; do
  name=cv${host%:*}
  ip -n "$name" address add "10.77.0.${host#*:}/24" dev "$name-link"
  ip -n "$name" link set "$name-link" up
  ip -n "$name" link set lo up
done

# Runs a command on a host, which has a name of its own.
on() { local host=$1; shift; ip netns exec "$host" unshare -u sh -c 'hostname "$0"; exec "$@"' "$host" "$@"; }

# What mpirun's and MPICH's launchers start instead of ssh: the host's name, after options, then a line for its shell.
cat > "$work/agent" <<'AGENT'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
case $1 in 10.77.0.1) host=cva ;; 10.77.0.2) host=cvb ;; *) host=$1 ;; esac
shift
exec ip netns exec "$host" unshare -u sh -c 'hostname "$0"; eval "$1"' "$host" "$*"
AGENT
chmod +x "$work/agent"

# Starts a run on both hosts: by what, and the command.
start() {
  local launcher=$1; shift
  case $launcher in
    tcp)
      for rank in 0 1; do
        host=cva; [[ $rank == 1 ]] && host=cvb
        RANK=$rank WORLD_SIZE=2 MASTER_ADDR=10.77.0.1 MASTER_PORT=29800 on $host "$@" 2> "$work/errors.$rank" > /dev/null &
      done ;;
    openmpi)
      on cva mpirun.openmpi --allow-run-as-root -n 2 --host 10.77.0.1:1,10.77.0.2:1 --mca plm_rsh_agent "$work/agent" \
        --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 --mca btl tcp,self --mca pml ob1 \
        -x CARAVAN_CACHE -x OMP_NUM_THREADS "$@" 2> "$work/errors.0" > /dev/null & ;;
    mpich)
      # The hosts have one memory, which MPICH's UCX would use.
      UCX_TLS=tcp,self on cva mpirun.mpich -n 2 -hosts 10.77.0.1,10.77.0.2 -launcher rsh -launcher-exec "$work/agent" -iface cva-link \
        "$@" 2> "$work/errors.0" > /dev/null & ;;
  esac
}

# Waits for all that was started; the status of the last that failed.
finish() { local status=0; for job in $(jobs -p); do wait "$job" || status=$?; done; return $status; }

# The ranks that run.
ranks() { for host in cva cvb; do ip netns pids $host | while read -r pid; do readlink "/proc/$pid/exe"; done; done | grep -F "$program" || true; }

failures=0
for rank in 0 1; do
  RANK=$rank WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29800 "${run[@]}" "${short[@]}" --output "$work/one" 2> "$work/errors.$rank" > /dev/null &
done
finish || { cat "$work"/errors.*; exit 1; }
for launcher in ${LAUNCHERS:-tcp openmpi mpich}; do
  [[ $launcher == tcp ]] || command -v "mpirun.$launcher" > /dev/null || { echo "$launcher: not installed"; continue; }
  rm -f "$work"/errors.*
  start $launcher "${run[@]}" "${short[@]}" --output "$work/$launcher"
  if finish && cmp "$work/one/model.safetensors" "$work/$launcher/model.safetensors"; then
    echo "$launcher: $(grep -h -m 1 -o '2 ranks.*' "$work"/errors.*), the bits of one host"
  else
    echo "$launcher: failed"; cat "$work"/errors.*; failures=1
  fi

  rm -f "$work"/errors.*
  start $launcher "${run[@]}" "${long[@]}" --output "$work/$launcher-cut"
  for _ in $(seq 600); do [[ $(cat "$work/$launcher-cut/metrics.jsonl" 2> /dev/null | wc -l) -gt 5 ]] && break; sleep 0.1; done
  ip -n cvb link set cvb-link down
  before=$(date +%s.%N)
  for _ in $(seq 600); do [[ -z $(ranks) ]] && break; sleep 0.1; done
  [[ -z $(ranks) ]] || { echo "$launcher: ranks are left"; failures=1; }
  echo "$launcher: the link was cut, and all ranks ended after $(date +%s.%N | awk -v b="$before" '{ printf "%.1f", $1 - b }') s:"
  grep -h 'Error: ' "$work"/errors.* | head -2 | sed 's/^/  /'
  grep -q 'Error: ' "$work"/errors.* || failures=1
  # Open MPI's launcher waits for its daemon on the other host, until what it started it with notices; ssh does that by its time limits.
  if timeout 5 tail --pid="$(jobs -p | head -1)" -f /dev/null; then
    finish && { echo "$launcher: ended well without a link"; failures=1; }
  else
    echo "  its launcher still waits for the other host"
    for host in cva cvb; do ip netns pids $host | xargs -r kill -9; done
    finish || true
  fi
  ip -n cvb link set cvb-link up
done
exit $failures
