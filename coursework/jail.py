"""A place where a submission's process sees Python, the libraries, an empty folder, and nothing else.

Linux namespaces: no network, own processes, own mounts. The new root holds the folders of Python and of
the libraries, read-only; the solutions, the gradebook and other submissions are not in it. As root the
process also takes a user id of its own; otherwise it needs user namespaces.
"""

import ctypes
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 18, 2, 4
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_READ_ONLY = 442, -100, 0x8000, 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
FIRST_USER = 2_000_000_000
ROOT = Path(__file__).resolve().parent.parent
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc")
FOLDER = "/submission"
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def visible_folders():
    """Return the folders that a submission may read: the system's, Python's, the libraries', infodyn's."""
    python = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    return [*SYSTEM, *sorted(python), str(ROOT / "infodyn")]


def _do(name, *arguments):
    if getattr(LIBC, name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _mount(source, target, kind, flags, options=None):
    texts = [text.encode() if text is not None else None for text in (source, str(target), kind)]
    _do("mount", *texts, ctypes.c_ulong(flags), options.encode() if options else None)


def _bind(source, root):
    """Show a folder or device below the new root, at its own path and read-only."""
    source, target = Path(source), root / str(source).lstrip("/")
    if source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.readlink(source))
        return
    if not source.exists():
        return
    if source.is_dir():
        if target.is_mount():
            return
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(str(source), target, None, MS_BIND | MS_REC)
    attributes = (ctypes.c_uint64 * 4)(ATTR_READ_ONLY, 0, 0, 0)
    arguments = (SYS_MOUNT_SETATTR, AT_FDCWD, str(target).encode(), AT_RECURSIVE, attributes, 32)
    _do("syscall", *arguments)


def die_with_parent():
    """Have the kernel end this process when the one that started it ends."""
    _do("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _new_namespaces():
    """Leave the common namespaces, as root directly and else through a user namespace."""
    uid, gid = os.getuid(), os.getgid()
    flags = NEWNS | NEWNET | NEWPID | NEWIPC | NEWUTS
    _do("unshare", flags if uid == 0 else flags | NEWUSER)
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _new_root(disk):
    """Go into a root folder in memory that holds the visible folders and two to write in."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    root = Path("/proc")  # a place to mount on that every system has, and that nothing visible lies in
    _mount("jail", root, "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk},mode=755")
    for name in [*visible_folders(), *DEVICES]:
        _bind(name, root)
    for name in (FOLDER, "/tmp", "/dev/shm"):
        (root / name[1:]).mkdir(parents=True, exist_ok=True)
        (root / name[1:]).chmod(0o777)
    os.chroot(root)
    os.chdir(FOLDER)


def _give_up_rights(user):
    """Take a user id that owns nothing (as root), and lose every capability for good."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _do("capset", header, (ctypes.c_uint32 * 6)())
    _do("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _set_bounds(limits):
    seconds = int(limits.total_seconds)
    bounds = {
        resource.RLIMIT_AS: 2 * limits.memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
    }
    for which, bound in bounds.items():
        resource.setrlimit(which, (bound, bound))


def _plain_environment(folder):
    keep = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    os.environ.clear()
    os.environ.update(keep, HOME=folder, IPYTHONDIR=folder, MPLCONFIGDIR=folder, TMPDIR=folder)
    os.environ.update(PATH=f"{sys.prefix}/bin:/usr/bin:/bin", LANG="C.UTF-8")
    tempfile.tempdir = None


def enter(limits, number):
    """Leave the common world for good; return in the new one, as its first process.

    Parameters
    ----------
    limits : Limits
    number : int
        A number that no other running submission has; it gives the user id.

    Raises
    ------
    OSError
        If this system does not allow it.
    """
    _new_namespaces()
    child = os.fork()
    if child:  # wait outside: when this process is killed, the kernel ends the whole namespace
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = os.waitpid(child, 0)[1]
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    die_with_parent()
    _new_root(limits.disk)
    _plain_environment(FOLDER)
    _give_up_rights(FIRST_USER + number)
    die_with_parent()  # a change of user had cleared it
    _set_bounds(limits)


def stay(limits):
    """Without namespaces: an empty folder and bounds, but the files of the user can be read."""
    folder = tempfile.mkdtemp(prefix="submission-")
    os.chdir(folder)
    _plain_environment(folder)
    _set_bounds(limits)


def why_not(limits):
    """Return None if this system can lock a submission in, and else what it said."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            enter(limits, 0)
            os.write(writer, b"in")
        except BaseException as problem:
            os.write(writer, str(problem).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return None if said == "in" else said or "the process ended"
