#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep on a Slurm cluster of two nodes: test_cluster.py TONNAGE [--keep].

Starts munge, slurmctld and two slurmd in a folder of its own and in namespaces of its own (processes, mounts, network,
name of the host): nothing outside is touched, and with this process all that it started is gone. Submits the job
scripts of `tonnage sweep slurm`, an array and an MPI job, kills a node in the middle of each, and compares what comes of
it with the file of one process. 77: not root, or something is missing."""
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "sweep"))
from digests import digests  # noqa: E402

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel", "unshare")
HOST, ADDRESS = "tonnage-test", "10.99.99.1"
NODES = ("tn1", "tn2")
SHARDS, CHUNKS = 4, 64
SCENARIO = """tonnage: 1
title: a train
include: [stock/locomotives.yaml, stock/wagons.yaml]
trains:
  - id: test
    locomotives: {type: HXD1-25t, count: 2}
    wagons: {type: C70, load: 5200 t}
    rotating: 0.06
studies:
  - {id: climb, kind: start, train: test, grade: 16 permil}
sweep:
  study: climb
  over:
    studies.climb.grade: {from: 1 permil, to: 20 permil, count: 200}
    trains.test.load: {from: 4000 t, to: 6000 t, count: 200}
"""
CONF = """ClusterName=tonnage
SlurmctldHost={host}({address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld
SlurmdLogFile={folder}/log/%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MpiDefault=pmix
ReturnToService=2
SlurmdTimeout=6
MessageTimeout=5
KillWait=2
NodeName=tn1 NodeHostname={host} NodeAddr={address} Port=17001 CPUs=1
NodeName=tn2 NodeHostname={host} NodeAddr={address} Port=17002 CPUs=1
PartitionName=all Nodes=tn1,tn2 Default=YES MaxTime=INFINITE State=UP
"""


def skip(why):
    print(f"\n*** SKIPPED: the sweep on a Slurm cluster was not tested: {why} ***\n", file=sys.stderr)
    sys.exit(77)


def say(text):
    print(f"{time.monotonic() - START:6.1f} s  {text}", flush=True)


def network_up():
    """A new network namespace begins with its loopback down: SIOCSIFFLAGS. The resolver and Open MPI do not take
    127.0.0.1 for a network, so it gets another address: SIOCSIFADDR."""
    address = struct.pack("16sH2x4s8x", b"lo", socket.AF_INET, socket.inet_aton(ADDRESS))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))
        fcntl.ioctl(sock, 0x8916, address)


def until(what, test, most=60, every=0.2):
    end = time.monotonic() + most
    while time.monotonic() < end:
        value = test()
        if value:
            return value
        time.sleep(every)
    raise AssertionError(f"{most} s went by without this: {what}")


class Cluster:
    def __init__(self, folder, tonnage):
        self.folder, self.tonnage = folder, tonnage
        self.nodes, self.daemons, self.logs = {}, [], []
        self.environment = {
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", "HOME": str(folder), "TMPDIR": str(folder / "tmp"),
            "LC_ALL": "C.UTF-8", "SLURM_CONF": str(folder / "slurm.conf"), "TONNAGE": str(tonnage),
            "TONNAGE_MPI": str(tonnage.with_name("tonnage-mpi")), "TONNAGE_PATH": str(ROOT / "scenarios"),
            "SOURCE_DATE_EPOCH": "0", "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,tcp", "OMPI_MCA_osc": "pt2pt",
            "OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_btl_base_warn_component_unused": "0"}
        for name in "munge", "state", "log", "tmp", "pmix":
            (folder / name).mkdir(mode=0o755)
        (folder / "munge/key").write_bytes(os.urandom(128))
        (folder / "munge/key").chmod(0o400)
        (folder / "slurm.conf").write_text(CONF.format(host=HOST, address=ADDRESS, folder=folder))
        (folder / "mpi.conf").write_text(f"PMIxCliTmpDirBase={folder}/pmix\n")
        (folder / "scenario.yaml").write_text(SCENARIO)

    def spawn(self, name, *words):
        log = open(self.folder / "log" / (name + ".out"), "ab")
        self.logs.append(log)
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                env=self.environment)

    def start(self):
        munge = self.folder / "munge"
        self.daemons.append(self.spawn("munged", "munged", "--foreground", "--force", f"--key-file={munge}/key",
                                       f"--socket={munge}/socket", f"--pid-file={munge}/pid", f"--log-file={munge}/log",
                                       f"--seed-file={munge}/seed"))
        until("munged answers", (munge / "socket").exists)
        self.daemons.append(self.spawn("slurmctld", "slurmctld", "-D"))
        until("slurmctld answers", lambda: "UP" in self.run("scontrol", "ping").stdout)
        for node in NODES:
            self.start_node(node)
        until("both nodes are idle", lambda: self.states() == {"tn1": "idle", "tn2": "idle"})

    def start_node(self, node):
        """In a process namespace of its own, so that it can die as a machine does, with a shell that takes in orphans,
        and with a folder of its own where Slurm takes it for granted that a machine has one slurmd."""
        own, spool = self.folder / f"pmix-{node}", self.folder / f"spool-{node}"
        for folder in own, spool:  # what a dead one left
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        self.nodes[node] = self.spawn(
            node, "unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "sh", "-c",
            f"mount --bind '{own}' '{self.folder}/pmix' || exit; slurmd -D -N {node} & wait")

    def kill_node(self, node):
        self.nodes[node].kill()
        self.nodes[node].wait()

    def run(self, *words):
        return subprocess.run(list(map(str, words)), cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=300)

    def must(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def states(self):
        return dict(line.split() for line in self.run("sinfo", "-h", "-N", "-o", "%N %t").stdout.splitlines())

    def jobs(self):
        """(job, state, node) of each that waits or runs."""
        return [line.split("|") for line in
                self.run("squeue", "-h", "-r", "-t", "pending,running,completing,requeued", "-o", "%i|%T|%N").stdout.splitlines()]

    def submit(self, name, *words):
        script = self.must(self.tonnage, "sweep", "slurm", "scenario.yaml", "-o", name + ".h5", "--threads", 1,
                           "--time", "5", *words)
        (self.folder / (name + ".sh")).write_text(script)
        return re.search(r"\d+", self.must("sbatch", name + ".sh"))[0]

    def chunks(self, name):
        return {int(p.stem[-6:]) for p in (self.folder / (name + ".h5.chunks")).glob("*.chunk")}

    def lose(self, node, name, job, chunks, told=False):
        """Kills the node once some, but not all, of those chunks are there; then the job must begin again. Slurm finds
        out by itself, in half a minute, unless it is told."""
        until(f"{name} is at work on {node}", lambda: self.chunks(name) & chunks, 40, 0.005)
        self.kill_node(node)
        there = self.chunks(name) & chunks
        assert there != chunks, f"{name} was done before {node} could be killed"
        say(f"{node} killed with {len(there)} of its {len(chunks)} chunks of {name} there")
        if told:
            self.must("scontrol", "update", f"NodeName={node}", "State=down", "Reason=lost")
        until(f"Slurm sees that {node} is lost", lambda: self.states()[node].startswith("down"), 60, 0.5)
        until(f"{name} is requeued", lambda: restarts(self, job) > 0, 40, 0.5)
        say(f"Slurm requeued {name}")
        assert there <= self.chunks(name), "chunks were lost"
        self.start_node(node)

    def finish(self, name):
        """Waits for the queue to be empty. Slurm lets a requeued job wait for two minutes, until the nodes have surely
        forgotten the one before; a few seconds do."""
        since = {}

        def done():
            jobs = self.jobs()
            for job, state, _ in jobs:
                if state != "PENDING":
                    since.pop(job, None)
                elif time.monotonic() - since.setdefault(job, time.monotonic()) > 3:
                    self.run("scontrol", "update", f"JobId={job}", "StartTime=now")
            return not jobs
        until(f"the jobs of {name} are done", done, 120, 1)

    def stop(self):
        for node in self.nodes.values():
            node.kill()
            node.wait()
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(10)
        for log in self.logs:
            log.close()


def restarts(cluster, job):
    return sum(map(int, re.findall(r"Restarts=(\d+)", cluster.run("scontrol", "show", "job", job).stdout)))


def shard_on(cluster, job, node):
    """The task of the array that runs on the node, or None."""
    for name, state, where in cluster.jobs():
        if state == "RUNNING" and where == node and name.startswith(job + "_"):
            return int(name.split("_")[1])
    return None


def check(cluster, name, whole):
    """As one process wrote it: the index, and the plain file of its shards."""
    cluster.must(cluster.tonnage, "sweep", "verify", name + ".h5")
    cluster.must(cluster.tonnage, "sweep", "merge", name + ".h5", "-o", name + "-merged.h5")
    for file in name + ".h5", name + "-merged.h5":
        assert digests(cluster.folder / file) == whole, f"{file} differs from the file of one process"
    assert not (cluster.folder / (name + ".h5.chunks")).exists()
    say(f"{name}: the same bytes as one process")


def array(cluster, whole):
    job = cluster.submit("array", "--shards", SHARDS)
    shard = until("a task runs on tn2", lambda: shard_on(cluster, job, "tn2"), 40, 0.05)
    first = CHUNKS // SHARDS * (shard - 1)
    cluster.lose("tn2", "array", job, set(range(first, first + CHUNKS // SHARDS)))
    cluster.finish("array")
    check(cluster, "array", whole)


def mpi(cluster, whole):
    job = cluster.submit("mpi", "--ranks", len(NODES))
    cluster.lose("tn2", "mpi", job, set(range(CHUNKS)), told=True)
    cluster.finish("mpi")
    check(cluster, "mpi", whole)
    log = (cluster.folder / "mpi.log").read_text()
    assert "dealt out" not in log, log


def notice(cluster, whole):
    """What the time limit sends: the job saves, ends with 6, requeues itself, and goes on."""
    job = cluster.submit("notice", "--shards", 1)
    until("the job is at work", lambda: cluster.chunks("notice"), 40, 0.005)
    cluster.must("scancel", "--signal=USR1", job)
    until("it stops", lambda: any(state != "RUNNING" for _, state, _ in cluster.jobs()), 40)
    there = cluster.chunks("notice")
    assert 0 < len(there) < CHUNKS, f"{len(there)} chunks"
    say(f"notice: stopped with {len(there)} of {CHUNKS} chunks there")
    cluster.finish("notice")
    assert "--resume" in (cluster.folder / "notice-1.log").read_text()
    assert digests(cluster.folder / "notice.h5") == whole
    say("notice: the same bytes as one process")


def work(tonnage, keep):
    folder = Path(tempfile.mkdtemp(prefix="tonnage-cluster-"))
    folder.chmod(0o755)  # munge wants its socket to be in everybody's reach
    (folder / "hosts").write_text(f"{ADDRESS} localhost {HOST}\n")
    subprocess.run(["mount", "--bind", folder / "hosts", "/etc/hosts"], check=True)
    cluster = Cluster(folder, tonnage)
    try:
        cluster.must(tonnage, "sweep", "scenario.yaml", "-o", "whole.h5")
        whole = digests(folder / "whole.h5")
        cluster.start()
        say("two nodes are up")
        array(cluster, whole)
        notice(cluster, whole)
        if tonnage.with_name("tonnage-mpi").exists():
            mpi(cluster, whole)
        else:
            print("\n*** NOT TESTED: the MPI job, because tonnage-mpi was not built ***\n", file=sys.stderr)
        say("all is well")
        return 0
    except BaseException:
        for log in sorted((folder / "log").iterdir()) + sorted(folder.glob("*.log")):
            print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-25:], sep="\n", file=sys.stderr)
        raise
    finally:
        cluster.stop()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    tonnage = Path(sys.argv[1]).resolve()
    if os.environ.get("TONNAGE_CLUSTER") != "inside":
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        missing = [name for name in NEEDED if not shutil.which(name, path=path)]
        if os.geteuid() != 0:
            skip("it needs root")
        if missing:
            skip("there is no " + ", ".join(missing) + " (Debian: slurm-wlm, munge)")
        spaces = ["unshare", "--pid", "--mount", "--net", "--uts", "--fork", "--kill-child=KILL", "--mount-proc"]
        if subprocess.run([*spaces, "true"], capture_output=True).returncode != 0:
            skip("this system gives no namespaces")
        os.environ["TONNAGE_CLUSTER"] = "inside"
        os.execvp("unshare", [*spaces, sys.executable, "-B", *sys.argv])
    socket.sethostname(HOST)
    network_up()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as the first of its namespace it would get none
    return work(tonnage, "--keep" in sys.argv)


START = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())
