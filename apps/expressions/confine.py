"""Takes from the jshost process all that it does not need. Imported by jshost.py alone.

Runs under `python -I -S`: the standard library is all there is, and errors are told, not raised,
since an operator's kernel may lack one of the walls.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | 1  # the call fails with EPERM

LOAD, JUMP_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ARCH, NUMBER, ARGUMENTS = 4, 0, 16  # offsets in struct seccomp_data
PROT_EXEC = 4


class Machine:
    """A processor's numbers of the system calls that pass."""

    def __init__(
        self,
        arch: int,
        free: dict[str, int],
        with_prot: dict[str, int],
        own_process: dict[str, int],
    ) -> None:
        self.arch = arch
        self.free = free
        self.with_prot = with_prot
        self.own_process = own_process


# What an interpreter needs to compute, to answer on its pipe and to die. `with_prot`: calls that
# may not make memory executable. `own_process`: calls that may only name the caller itself.
X86_64 = Machine(
    arch=0xC000003E,
    free={
        "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "munmap": 11,
        "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "readv": 19,
        "writev": 20, "sched_yield": 24, "mremap": 25, "madvise": 28, "setitimer": 38,
        "getpid": 39, "exit": 60, "gettimeofday": 96, "getrusage": 98, "times": 100,
        "sigaltstack": 131, "gettid": 186, "futex": 202, "restart_syscall": 219,
        "clock_gettime": 228, "clock_getres": 229, "exit_group": 231, "getrandom": 318,
        "membarrier": 324, "rseq": 334,
    },
    with_prot={"mmap": 9, "mprotect": 10},
    own_process={"prlimit64": 302},
)  # fmt: skip
AARCH64 = Machine(
    arch=0xC00000B7,
    free={
        "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "ppoll": 73,
        "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "setitimer": 103,
        "clock_gettime": 113, "clock_getres": 114, "restart_syscall": 128, "sched_yield": 124,
        "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
        "times": 153, "getrusage": 165, "gettimeofday": 169, "getpid": 172, "gettid": 178,
        "brk": 214, "munmap": 215, "mremap": 216, "madvise": 233, "getrandom": 278,
        "membarrier": 283, "rseq": 293,
    },
    with_prot={"mmap": 222, "mprotect": 226},
    own_process={"prlimit64": 261},
)  # fmt: skip
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}


def _limits(memory_bytes: int) -> list[tuple[int, int]]:
    return [
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_NPROC, 0),  # binds all but root; seccomp binds root too
    ]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def filter_program(machine: Machine) -> list[bytes]:
    """Build the BPF program: numbers on the list pass, some by an argument, the rest fail."""
    groups = [
        [
            _instruction(JUMP_EQUAL, number, 0, 1),
            _instruction(RETURN, ALLOW),
        ]
        for number in machine.free.values()
    ]
    groups += [
        [
            _instruction(JUMP_EQUAL, number, 0, 4),
            _instruction(LOAD, ARGUMENTS + 2 * 8),
            _instruction(JUMP_ANY_BIT, PROT_EXEC, 0, 1),
            _instruction(RETURN, REFUSE),
            _instruction(RETURN, ALLOW),
        ]
        for number in machine.with_prot.values()
    ]
    groups += [
        [
            _instruction(JUMP_EQUAL, number, 0, 4),
            _instruction(LOAD, ARGUMENTS),
            _instruction(JUMP_EQUAL, 0, 0, 1),
            _instruction(RETURN, ALLOW),
            _instruction(RETURN, REFUSE),
        ]
        for number in machine.own_process.values()
    ]
    return [
        _instruction(LOAD, ARCH),
        _instruction(JUMP_EQUAL, machine.arch, 1, 0),
        _instruction(RETURN, REFUSE),
        _instruction(LOAD, NUMBER),
        *(instruction for group in groups for instruction in group),
        _instruction(RETURN, REFUSE),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def _prctl(libc: ctypes.CDLL, *arguments: int) -> None:
    if libc.prctl(*(ctypes.c_ulong(argument) for argument in arguments)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _install_filter(libc: ctypes.CDLL) -> None:
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(f"no list of system calls for {os.uname().machine}")
    instructions = filter_program(machine)
    code = ctypes.create_string_buffer(b"".join(instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    _prctl(libc, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0)


def confine(memory_bytes: int) -> dict[str, str]:
    """Put up every wall that this system has; return those that it refused, with the reason."""
    missing: dict[str, str] = {}
    for number, value in _limits(memory_bytes):
        try:
            resource.setrlimit(number, (value, value))
        except (OSError, ValueError) as error:
            missing[f"rlimit {number}"] = str(error)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        _prctl(libc, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _prctl(libc, PR_SET_DUMPABLE, 0, 0, 0, 0)
        _install_filter(libc)
    except (OSError, AttributeError) as error:
        missing["seccomp"] = str(error)
    return missing
