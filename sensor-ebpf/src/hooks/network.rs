//! Hooks of the network domain.

#![expect(
    clippy::redundant_closure,
    reason = "the compiler describes a function kept in a closure as a pointer that has no room there, which the kernel refuses"
)]

use aya_ebpf::{
    macros::{fexit, tracepoint},
    programs::{FExitContext, TracePointContext},
};
use sensor_common::{
    event::{
        Payload,
        network::{
            MESSAGES, NetworkAccept, NetworkBind, NetworkConnect, NetworkListen, NetworkReceive,
            NetworkRedirect, NetworkSend, NetworkSocket, NetworkSocketpair, SocketCall,
        },
    },
    header::flags,
};

use crate::kernel::{
    Miss, Ptr,
    call::{Call, at_exit, at_exit_if, is_connect},
    file::File,
    message::{self, Message, Way},
    observe_if,
    record::Record,
    sock::{Named, Socket},
};

/// `F_DUPFD` and `F_DUPFD_CLOEXEC` of `fcntl`.
const F_DUPFD: u32 = 0;
const F_DUPFD_CLOEXEC: u32 = 1030;
/// Standard error, the last of the standard descriptors.
const STDERR: i64 = 2;

/// `socket`.
///
/// # Reports
/// Family, type and protocol as passed, and the new descriptor or the error.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; `io_uring`.
#[tracepoint(category = "syscalls", name = "sys_exit_socket")]
pub fn sys_exit_socket(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkSocket>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().family = record.take(call.word::<0>());
        record.body().kind = record.take(call.word::<1>());
        record.body().protocol = record.take(call.word::<2>());
        Ok(())
    })
}

/// `socketpair`, as [`sys_exit_socket`].
#[tracepoint(category = "syscalls", name = "sys_exit_socketpair")]
pub fn sys_exit_socketpair(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkSocketpair>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().family = record.take(call.word::<0>());
        record.body().kind = record.take(call.word::<1>());
        record.body().protocol = record.take(call.word::<2>());
        record.body().fds = [-1, -1];
        if call.result() == 0 {
            record.body().fds = record.take(call.pointer::<3>().then(|fds| fds.user(0)));
        }
        Ok(())
    })
}

/// `connect`.
///
/// # Reports
/// The socket with both its ends as the kernel has them, of a unix socket the listener's name and file; and the
/// address as passed, which is all there is of a peer that could not be reached.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// The program may change the address before the call ends (records are flagged unverified). 32-bit calls and
/// `io_uring`, which [`__sys_connect_file`] sees.
#[tracepoint(category = "syscalls", name = "sys_exit_connect")]
pub fn sys_exit_connect(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkConnect>(&ctx, |record, call| addressed(record, call, Named::Peer))
}

/// Connections that are not made by the call: those of `io_uring`, and of 32-bit programs. `lsm` tier.
///
/// # Reports
/// As [`sys_exit_connect`], without the descriptor.
/// # Since kernel
/// 5.10.
/// # Blind spots
/// None known.
#[fexit(function = "__sys_connect_file")]
pub fn __sys_connect_file(ctx: FExitContext) -> i32 {
    observe_if::<NetworkConnect, _>(
        &ctx,
        || if is_connect() { Err(Miss::Filtered) } else { Ok(()) },
        |record, ()| {
            record.end().result = ctx.arg::<i32>(4).into();
            record.end().fd = -1;
            record.end().given = record.kernel_address(Ptr::argument(ctx.arg(1)), ctx.arg(2))?;
            describe(record, Socket::of(File::from(Ptr::argument(ctx.arg(0)))), Named::Peer)
        },
    )
}

/// `bind`.
///
/// # Reports
/// The socket with the address that it has now, of a unix socket its file; and the address as passed.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// As [`sys_exit_connect`].
#[tracepoint(category = "syscalls", name = "sys_exit_bind")]
pub fn sys_exit_bind(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkBind>(&ctx, |record, call| addressed(record, call, Named::Own))
}

/// `listen`.
///
/// # Reports
/// The socket with its address, and the backlog.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; `io_uring`.
#[tracepoint(category = "syscalls", name = "sys_exit_listen")]
pub fn sys_exit_listen(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkListen>(&ctx, |record, call| {
        record.end().argument = record.take(call.int::<1>());
        on_descriptor(record, call, Named::Own)
    })
}

/// `accept`.
///
/// # Reports
/// The new socket with both its ends; failures with the socket that was to take a connection.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; `io_uring`. A program that polls an empty queue (`EAGAIN`) is not reported.
#[tracepoint(category = "syscalls", name = "sys_exit_accept")]
pub fn sys_exit_accept(ctx: TracePointContext) -> u32 {
    accepted(&ctx)
}

/// `accept4`, as [`sys_exit_accept`].
#[tracepoint(category = "syscalls", name = "sys_exit_accept4")]
pub fn sys_exit_accept4(ctx: TracePointContext) -> u32 {
    accepted(&ctx)
}

/// `sendto` and `send` of datagrams.
///
/// # Reports
/// The first to each peer through an unconnected socket of the Internet Protocol, with the head of its data; of DNS
/// every one.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// Data and address are read when the call ends. `write`, 32-bit calls and `io_uring`. Streams: each of their calls
/// would have to be looked at, and what matters of them, the connection, is reported already.
#[tracepoint(category = "syscalls", name = "sys_exit_sendto")]
pub fn sys_exit_sendto(ctx: TracePointContext) -> u32 {
    message::at_exit::<NetworkSend>(&ctx, Way::Out, |call| Message::single(call, Way::Out))
}

/// `sendmsg`, as [`sys_exit_sendto`]; data in its first piece.
#[tracepoint(category = "syscalls", name = "sys_exit_sendmsg")]
pub fn sys_exit_sendmsg(ctx: TracePointContext) -> u32 {
    message::at_exit::<NetworkSend>(&ctx, Way::Out, |call| Message::described(call))
}

/// `sendmmsg`, as [`sys_exit_sendmsg`]; its first messages, each as one record.
#[tracepoint(category = "syscalls", name = "sys_exit_sendmmsg")]
pub fn sys_exit_sendmmsg(ctx: TracePointContext) -> u32 {
    several::<NetworkSend>(&ctx, Way::Out)
}

/// `recvfrom` and `recv` of datagrams, as [`sys_exit_sendto`]; failures are not reported.
#[tracepoint(category = "syscalls", name = "sys_exit_recvfrom")]
pub fn sys_exit_recvfrom(ctx: TracePointContext) -> u32 {
    message::at_exit::<NetworkReceive>(&ctx, Way::In, |call| Message::single(call, Way::In))
}

/// `recvmsg`, as [`sys_exit_recvfrom`]; data in its first piece.
#[tracepoint(category = "syscalls", name = "sys_exit_recvmsg")]
pub fn sys_exit_recvmsg(ctx: TracePointContext) -> u32 {
    message::at_exit::<NetworkReceive>(&ctx, Way::In, |call| Message::described(call))
}

/// `recvmmsg`, as [`sys_exit_recvmsg`]; its first messages, each as one record.
#[tracepoint(category = "syscalls", name = "sys_exit_recvmmsg")]
pub fn sys_exit_recvmmsg(ctx: TracePointContext) -> u32 {
    several::<NetworkReceive>(&ctx, Way::In)
}

/// `dup` of a socket onto a standard descriptor.
///
/// # Reports
/// The socket with both its ends, and both descriptors.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls. Descriptors above 2.
#[tracepoint(category = "syscalls", name = "sys_exit_dup")]
pub fn sys_exit_dup(ctx: TracePointContext) -> u32 {
    duplicated(&ctx)
}

/// `dup2`, as [`sys_exit_dup`].
#[tracepoint(category = "syscalls", name = "sys_exit_dup2")]
pub fn sys_exit_dup2(ctx: TracePointContext) -> u32 {
    duplicated(&ctx)
}

/// `dup3`, as [`sys_exit_dup`].
#[tracepoint(category = "syscalls", name = "sys_exit_dup3")]
pub fn sys_exit_dup3(ctx: TracePointContext) -> u32 {
    duplicated(&ctx)
}

/// `fcntl` that duplicates, as [`sys_exit_dup`].
#[tracepoint(category = "syscalls", name = "sys_exit_fcntl")]
pub fn sys_exit_fcntl(ctx: TracePointContext) -> u32 {
    at_exit_if::<NetworkRedirect, _>(
        &ctx,
        |call| match call.word::<1>().required()? {
            F_DUPFD | F_DUPFD_CLOEXEC => standard(call),
            _ => Err(Miss::Filtered),
        },
        |record, call, socket| redirected(record, call, socket),
    )
}

/// A call that passes an address.
#[inline(always)]
fn addressed<E: Payload + AsMut<SocketCall>>(
    record: &mut Record<E>,
    call: Call,
    named: Named,
) -> Result<(), Miss> {
    record.flag(flags::UNVERIFIED);
    let (from, len) = (record.take(call.pointer::<1>()), record.take(call.word::<2>()));
    record.address(from, len)?;
    on_descriptor(record, call, named)
}

/// A call on the socket that is its first argument.
#[inline(always)]
fn on_descriptor<E: Payload + AsMut<SocketCall>>(
    record: &mut Record<E>,
    call: Call,
    named: Named,
) -> Result<(), Miss> {
    let fd = record.take(call.int::<0>());
    record.end().result = call.result();
    record.end().fd = fd;
    describe(record, Socket::open(fd as u32), named)
}

/// What the kernel knows of the socket, if it is one: calls on other files fail, and are reported.
#[inline(always)]
fn describe<E: Payload + AsMut<SocketCall>>(
    record: &mut Record<E>,
    socket: Result<Socket, Miss>,
    named: Named,
) -> Result<(), Miss> {
    match socket {
        Ok(socket) => {
            record.socket(socket)?;
            record.bound(socket, named)
        }
        Err(_) => Ok(()),
    }
}

/// `EAGAIN`: nobody has connected yet.
const EAGAIN: i64 = -11;

#[inline(always)]
fn accepted(ctx: &TracePointContext) -> u32 {
    at_exit_if::<NetworkAccept, _>(
        ctx,
        |call| if call.result() == EAGAIN { Err(Miss::Filtered) } else { Ok(()) },
        |record, call, ()| {
            let passed = record.take(call.int::<0>());
            let fd = if call.result() < 0 { passed } else { call.result() as i32 };
            record.end().result = call.result();
            record.end().fd = fd;
            record.end().argument = record.take(call.int::<3>());
            describe(record, Socket::open(fd as u32), Named::Own)
        },
    )
}

#[inline(always)]
fn several<E: Payload + AsMut<SocketCall>>(ctx: &TracePointContext, way: Way) -> u32 {
    for index in 0..MESSAGES {
        if index > 0 && Call::returned(ctx) <= index.into() {
            break;
        }
        message::at_exit::<E>(ctx, way, |call| Message::nth(call, index));
    }
    0
}

#[inline(always)]
fn duplicated(ctx: &TracePointContext) -> u32 {
    at_exit_if::<NetworkRedirect, _>(
        ctx,
        |call| standard(call),
        |record, call, socket| redirected(record, call, socket),
    )
}

/// The socket, if it was duplicated onto a standard descriptor.
#[inline(always)]
fn standard(call: Call) -> Result<Socket, Miss> {
    match call.result() {
        fd @ 0..=STDERR => Socket::open(fd as u32),
        _ => Err(Miss::Filtered),
    }
}

#[inline(always)]
fn redirected(record: &mut Record<NetworkRedirect>, call: Call, socket: Socket) -> Result<(), Miss> {
    record.end().result = call.result();
    record.end().fd = call.result() as i32;
    record.end().argument = record.take(call.int::<0>());
    record.socket(socket)
}
