package org.gatefold.train.parallel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The connections of a worker to its neighbours in a ring: bytes come from the one before and go to the one behind, both at the same
 * time, so that no two workers wait for each other with full buffers. Owns them. One thread, but for {@link #close}.
 */
final class RingLink implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;

    /** Bytes of a reason that are told at most. */
    static final int MOST_REASON = 4096;

    /** As long as a reason may take round the ring. */
    private static final long ROUND_NANOS = 1_000_000_000L;

    private final RingConnection previous;
    private final RingConnection next;
    private final String before;
    private final String behind;
    private final Duration patience;
    private final Selector selector;
    private final SelectionKey reads;
    private final SelectionKey writes;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    /** Whether the one behind was told a part of something only, so that nothing else can be told. */
    private boolean partly;
    /** The reason that the one behind gives for its end, against the direction of the ring. */
    private final ByteBuffer reason = ByteBuffer.allocate(MOST_REASON);

    private boolean ended;

    /** What is sent: as much as there is at a time. */
    interface Outgoing {
        /** Puts what is ready to be sent, at least a byte if any is. */
        void fill(ByteBuffer buffer);

        /** True if all was put. */
        boolean done();
    }

    /** What is received. */
    interface Incoming {
        /** Takes what can be used; the rest is offered again. */
        void drain(ByteBuffer buffer);

        /** True if all was taken; what comes later belongs to others. */
        boolean done();
    }

    RingLink(RingConnection previous, RingConnection next, int before, int behind, Duration patience)
            throws IOException {
        this.previous = previous;
        this.next = next;
        this.before = "worker " + before;
        this.behind = "worker " + behind;
        this.patience = patience;
        selector = Selector.open();
        reads = previous.socket().register(selector, 0);
        writes = next.socket().register(selector, 0);
    }

    /**
     * Sends and receives till both are done. An interrupt does not break it off; the thread is interrupted afterwards.
     *
     * @throws CollectiveException if a neighbour is gone, or no byte went either way for as long as there is patience
     */
    void exchange(Outgoing outgoing, Incoming incoming) {
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!outgoing.done() || out.hasRemaining() || !incoming.done()) {
                boolean moved = send(outgoing);
                moved |= receive(incoming);
                if (moved) {
                    deadline = System.nanoTime() + patience.toNanos();
                    continue;
                }
                hear();
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis < 1) {
                    throw new CollectiveException(
                            (incoming.done() ? behind : before) + ": nothing was heard of it for " + patience);
                }
                reads.interestOps(incoming.done() ? 0 : SelectionKey.OP_READ);
                writes.interestOps(
                        (out.hasRemaining() ? SelectionKey.OP_WRITE : 0) | (ended ? 0 : SelectionKey.OP_READ));
                selector.select(millis);
                selector.selectedKeys().clear();
                interrupted |= Thread.interrupted();
            }
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new CollectiveException("this worker was closed", e);
        } catch (IOException e) {
            throw new CollectiveException(before + " or " + behind + ": the connection is gone: " + e.getMessage(), e);
        } finally {
            partly = !outgoing.done() || out.hasRemaining();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Tells both neighbours why this ends, as far as they can be told at once.
     *
     * @param onward for the one behind, in the form of what is sent
     * @param text for the one before
     */
    void last(ByteBuffer onward, byte[] text) {
        try {
            if (!partly) {
                next.bytes().write(onward);
            }
        } catch (IOException e) {
            // It learns it by the end of the connection.
        }
        try {
            previous.bytes().write(ByteBuffer.wrap(text));
        } catch (IOException e) {
            // Likewise.
        }
    }

    /** Throws the reason of the one behind, if it has given one. An end without a reason may be that of its work. */
    private void hear() {
        int n = ended ? 0 : 1;
        while (n > 0) {
            try {
                n = next.bytes().read(reason);
            } catch (IOException e) {
                n = -1;
            }
        }
        ended |= n < 0;
        if (ended && reason.position() > 0) {
            throw new CollectiveException(new String(reason.array(), 0, reason.position(), StandardCharsets.UTF_8));
        }
    }

    /**
     * Waits a little for the reason of the one behind. The one before cannot give its own behind a part of what it was sending; it tells the
     * one before itself, and so on round the ring.
     */
    private void awaitReason() throws IOException {
        long deadline = System.nanoTime() + Math.min(patience.toNanos(), ROUND_NANOS);
        hear();
        while (!ended && System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            reads.interestOps(0);
            writes.interestOps(SelectionKey.OP_READ);
            selector.select(10);
            selector.selectedKeys().clear();
            hear();
        }
    }

    private boolean send(Outgoing outgoing) {
        if (!out.hasRemaining() && !outgoing.done()) {
            out.clear();
            outgoing.fill(out);
            out.flip();
        }
        try {
            return out.hasRemaining() && next.bytes().write(out) > 0;
        } catch (IOException e) {
            hear();
            throw new CollectiveException(behind + " is gone: " + e.getMessage(), e);
        }
    }

    private boolean receive(Incoming incoming) throws IOException {
        if (incoming.done()) {
            return false;
        }
        int held = in.remaining();
        incoming.drain(in);
        boolean moved = in.remaining() < held;
        if (incoming.done()) {
            return moved;
        }
        in.compact();
        int read;
        try {
            read = previous.bytes().read(in);
        } catch (IOException e) {
            awaitReason();
            throw new CollectiveException(before + " is gone: " + e.getMessage(), e);
        } finally {
            in.flip();
        }
        if (read < 0) {
            awaitReason();
            throw new CollectiveException(before + " is gone");
        }
        return moved || read > 0;
    }

    static void closeQuietly(AutoCloseable closed) {
        try {
            if (closed != null) {
                closed.close();
            }
        } catch (Exception e) {
            // Nothing hangs on how it ends.
        }
    }

    @Override
    public void close() {
        closeQuietly(next);
        closeQuietly(previous);
        closeQuietly(selector);
    }
}
