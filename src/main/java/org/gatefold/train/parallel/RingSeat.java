package org.gatefold.train.parallel;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A worker's place in a {@link Ring} before it is known who the others are: a port that listens. Tell the others its address, learn
 * theirs, then {@link #join}.
 *
 * <p>Owns the port until it is closed, which it may be as soon as the ring stands. One thread.
 */
public final class RingSeat implements AutoCloseable {
    private static final long PAUSE_MILLIS = 50;

    private final ServerSocketChannel server;
    private final RingGreeting greeting;

    private RingSeat(ServerSocketChannel server, RingGreeting greeting) {
        this.server = server;
        this.greeting = greeting;
    }

    /**
     * Listens on a free port, for a ring in which numbers and words are told as they are.
     *
     * @param address of this machine, by which the others reach it
     * @param secret that all workers share and nobody else knows, at least 16 bytes
     * @throws CollectiveException if the address is not to be had
     */
    @MustBeClosed
    public static RingSeat listen(InetAddress address, byte[] secret) {
        return listen(address, secret, false);
    }

    /**
     * Listens on a free port.
     *
     * @param address of this machine, by which the others reach it
     * @param secret that all workers share and nobody else knows, at least 16 bytes
     * @param encrypted whether what is told is encrypted, by AES-GCM with keys of each connection and direction that come of the secret,
     *     and refused where it was changed on its way; the same in all workers
     * @throws CollectiveException if the address is not to be had
     */
    @MustBeClosed
    public static RingSeat listen(InetAddress address, byte[] secret, boolean encrypted) {
        RingGreeting greeting = new RingGreeting(secret, encrypted);
        try {
            ServerSocketChannel server = ServerSocketChannel.open();
            try {
                server.bind(new InetSocketAddress(address, 0));
                return new RingSeat(server, greeting);
            } catch (IOException | RuntimeException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CollectiveException("worker: cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** The port that was free. */
    public int port() {
        return server.socket().getLocalPort();
    }

    /**
     * Takes this place in the ring: connects to the worker behind this one and waits for the one before, each of which must know the secret.
     *
     * @param rank the number of this worker, from 0
     * @param seats the addresses of all workers, in the order of their numbers
     * @param patience how long to wait for the others, now and, without a byte of theirs, in every later call
     * @throws CollectiveException if a neighbour does not come, or does not know the secret
     */
    @MustBeClosed
    public Ring join(int rank, List<InetSocketAddress> seats, Duration patience) {
        int size = seats.size();
        if (rank < 0 || rank >= size) {
            throw new IllegalArgumentException("rank: expected 0 to " + (size - 1) + ", got " + rank);
        }
        if (patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("patience: expected more than 0, got " + patience);
        }
        if (size == 1) {
            return new Ring(0, 1, null);
        }
        long deadline = System.nanoTime() + patience.toNanos();
        int before = (rank + size - 1) % size;
        int behind = (rank + 1) % size;
        CompletableFuture<RingConnection> accepted = new CompletableFuture<>();
        Thread accepting = new Thread(() -> accept(accepted, before, size, deadline), "gatefold-ring-accept");
        accepting.setDaemon(true);
        accepting.start();
        RingConnection next = null;
        RingConnection previous = null;
        boolean complete = false;
        try {
            next = connect(seats.get(behind), rank, behind, size, deadline);
            previous = accepted.get();
            Ring ring = new Ring(rank, size, new RingLink(previous, next, before, behind, patience));
            complete = true;
            return ring;
        } catch (ExecutionException e) {
            throw new CollectiveException(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CollectiveException("worker " + rank + ": was interrupted while the others came", e);
        } catch (IOException e) {
            throw new CollectiveException("worker " + rank + ": cannot join the ring: " + e.getMessage(), e);
        } finally {
            if (!complete) {
                RingLink.closeQuietly(next);
                RingLink.closeQuietly(server);
                // Whoever comes later is turned away by the thread that accepts.
                if (!accepted.cancel(false) && !accepted.isCompletedExceptionally()) {
                    RingLink.closeQuietly(accepted.join());
                }
            }
        }
    }

    /** Takes connections until one is the worker's before this; strangers are turned away. */
    private void accept(CompletableFuture<RingConnection> accepted, int before, int size, long deadline) {
        try {
            while (true) {
                server.socket().setSoTimeout(millisUntil(deadline));
                SocketChannel channel = server.socket().accept().getChannel();
                try {
                    Optional<RingConnection> known = greeting.answer(channel, before, size);
                    if (known.isPresent()) {
                        prepare(channel);
                        if (!accepted.complete(known.get())) {
                            channel.close();
                        }
                        return;
                    }
                    channel.close();
                } catch (IOException e) {
                    channel.close();
                }
            }
        } catch (SocketTimeoutException e) {
            accepted.completeExceptionally(new CollectiveException("worker " + before + " has not come"));
        } catch (IOException e) {
            accepted.completeExceptionally(
                    new CollectiveException("worker " + before + " was waited for no longer: " + e.getMessage(), e));
        }
    }

    private RingConnection connect(InetSocketAddress seat, int rank, int behind, int size, long deadline)
            throws IOException, InterruptedException {
        while (true) {
            SocketChannel channel = SocketChannel.open();
            boolean complete = false;
            try {
                channel.socket().connect(seat, millisUntil(deadline));
                RingConnection connection = greeting.offer(channel, rank, behind, size, millisUntil(deadline));
                prepare(channel);
                complete = true;
                return connection;
            } catch (SocketTimeoutException e) {
                throw new CollectiveException("worker " + behind + " at " + seat + " does not answer", e);
            } catch (IOException e) {
                // It may not listen yet.
                if (System.nanoTime() + PAUSE_MILLIS * 1_000_000 >= deadline) {
                    throw new CollectiveException(
                            "worker " + behind + " at " + seat + " cannot be reached: " + e.getMessage(), e);
                }
            } finally {
                if (!complete) {
                    RingLink.closeQuietly(channel);
                }
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static void prepare(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel.socket().setSoTimeout(0);
        channel.configureBlocking(false);
    }

    private static int millisUntil(long deadline) throws SocketTimeoutException {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis < 1) {
            throw new SocketTimeoutException("no time is left");
        }
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    /** Gives the port back; a ring that was joined stays. */
    @Override
    public void close() {
        RingLink.closeQuietly(server);
    }
}
