package org.gatefold.train.parallel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Workers in a ring, each connected to the one before and the one behind. Sums go round in parts, so that every worker sends and receives
 * {@code 2 (n - 1) / n} times the bytes of the numbers, however many there are (Patarasuk and Yuan, "Bandwidth optimal all-reduce
 * algorithms for clusters of workstations", 2009): part p is begun by worker p, to which p + 1, p + 2, … add theirs, and then told to all.
 *
 * <p>Made by {@link RingSeat#join}. When a worker fails, closes or gives up, its neighbours learn it, close, and so on round the ring; each
 * then refuses every later call with the first reason it has heard.
 */
public final class Ring implements Collective {
    /** Kind, origin, number of the call, length. */
    private static final int HEADER_BYTES = 1 + 3 * Integer.BYTES;

    private static final byte SUM = 'S';
    private static final byte ROUNDED_SUM = 'R';
    private static final byte TELL = 'T';
    private static final byte ABORT = 'A';
    private static final int MOST_TOLD = 64 << 20;

    private final int rank;
    private final int size;
    private final RingLink link;
    private int call;
    private volatile String failure;

    /** @param link null if there is one worker only */
    Ring(int rank, int size, RingLink link) {
        this.rank = rank;
        this.size = size;
        this.link = link;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void allReduce(float[] values, int count, Wire wire) {
        if (count < 0 || count > values.length) {
            throw new IllegalArgumentException("count: expected 0 to " + values.length + ", got " + count);
        }
        begin();
        if (size > 1) {
            RingSum sum = new RingSum(values, count, rank, size, wire);
            byte kind = wire == Wire.F32 ? SUM : ROUNDED_SUM;
            exchange(header(kind, rank, count), sum.outgoing(), new Received(kind, previous(0), count, sum.incoming()));
        }
    }

    @Override
    public List<byte[]> allGather(byte[] mine) {
        if (mine.length > MOST_TOLD) {
            throw new IllegalArgumentException("mine: expected at most " + MOST_TOLD + " bytes, got " + mine.length);
        }
        begin();
        List<byte[]> told = new ArrayList<>(Collections.nCopies(size, mine));
        for (int i = 0; i < size - 1; i++) {
            int from = previous(i);
            byte[] passed = told.get((from + 1) % size);
            Received received = new Received(TELL, from, -1, null);
            exchange(header(TELL, (from + 1) % size, passed.length), new Sent(ByteBuffer.wrap(passed)), received);
            told.set(from, received.body());
        }
        return told;
    }

    /** The worker so many places and one more before this. */
    private int previous(int places) {
        return Math.floorMod(rank - 1 - places, size);
    }

    private void begin() {
        if (failure != null) {
            throw new CollectiveException(failure);
        }
        call++;
    }

    private void exchange(ByteBuffer header, RingLink.Outgoing body, RingLink.Incoming received) {
        try {
            link.exchange(new Sent(header, body), received);
        } catch (CollectiveException e) {
            if (failure == null) {
                abort(e.getMessage());
            }
            throw e;
        }
    }

    private ByteBuffer header(byte kind, int origin, int length) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put(kind)
                .putInt(origin)
                .putInt(call)
                .putInt(length)
                .flip();
    }

    @Override
    public void abort(String reason) {
        if (failure != null) {
            return;
        }
        failure = reason;
        if (link != null) {
            byte[] text = reason.getBytes(StandardCharsets.UTF_8);
            text = Arrays.copyOf(text, Math.min(text.length, RingLink.MOST_REASON));
            ByteBuffer onward = ByteBuffer.allocate(HEADER_BYTES + text.length)
                    .put(header(ABORT, rank, text.length))
                    .put(text)
                    .flip();
            link.last(onward, text);
            link.close();
        }
    }

    @Override
    public void close() {
        if (failure == null) {
            failure = "worker " + rank + " is closed";
        }
        if (link != null) {
            link.close();
        }
    }

    /** A header, and what follows it. */
    private static final class Sent implements RingLink.Outgoing {
        private final ByteBuffer bytes;
        private final RingLink.Outgoing then;

        Sent(ByteBuffer bytes) {
            this(bytes, null);
        }

        Sent(ByteBuffer bytes, RingLink.Outgoing then) {
            this.bytes = bytes;
            this.then = then;
        }

        @Override
        public void fill(ByteBuffer buffer) {
            int n = Math.min(buffer.remaining(), bytes.remaining());
            buffer.put(bytes.slice().limit(n));
            bytes.position(bytes.position() + n);
            if (then != null && !bytes.hasRemaining()) {
                then.fill(buffer);
            }
        }

        @Override
        public boolean done() {
            return !bytes.hasRemaining() && (then == null || then.done());
        }
    }

    /** What comes from the worker before: a header that says the same as this worker's call, and what follows it. */
    private final class Received implements RingLink.Incoming {
        private final byte kind;
        private final int origin;
        private final int length;
        private final RingLink.Incoming then;
        private boolean begun;
        private boolean aborted;
        private byte[] body;
        private int filled;

        /**
         * @param length expected; -1 for any
         * @param then takes what follows; null if it is to be kept as a body
         */
        Received(byte kind, int origin, int length, RingLink.Incoming then) {
            this.kind = kind;
            this.origin = origin;
            this.length = length;
            this.then = then;
        }

        @Override
        public void drain(ByteBuffer buffer) {
            if (!begun) {
                if (buffer.remaining() < HEADER_BYTES) {
                    return;
                }
                begin(buffer.get(), buffer.getInt(), buffer.getInt(), buffer.getInt());
            }
            if (body == null) {
                then.drain(buffer);
                return;
            }
            int n = Math.min(buffer.remaining(), body.length - filled);
            buffer.get(body, filled, n);
            filled += n;
            if (aborted && filled == body.length) {
                throw new CollectiveException(new String(body, StandardCharsets.UTF_8));
            }
        }

        private void begin(byte theirKind, int theirOrigin, int theirCall, int theirLength) {
            begun = true;
            aborted = theirKind == ABORT;
            int most = aborted ? RingLink.MOST_REASON : MOST_TOLD;
            boolean same = theirKind == kind && theirOrigin == origin && theirCall == call;
            if (!aborted && (!same || (length >= 0 && theirLength != length))) {
                throw new CollectiveException("worker " + previous(0) + ": makes another call than worker " + rank
                        + ": expected " + words(kind, origin, call, length) + ", got "
                        + words(theirKind, theirOrigin, theirCall, theirLength));
            }
            if (then == null || aborted) {
                if (theirLength < 0 || theirLength > most) {
                    throw new CollectiveException(
                            "worker " + previous(0) + ": expected at most " + most + " bytes, got " + theirLength);
                }
                body = new byte[theirLength];
            }
        }

        private static String words(byte kind, int origin, int call, int length) {
            String what =
                    switch (kind) {
                        case SUM -> "sum";
                        case ROUNDED_SUM -> "sum of rounded numbers";
                        case TELL -> "word of worker " + origin;
                        default -> "call of kind " + kind;
                    };
            return "call " + call + ", a " + what + (length < 0 ? "" : ", of length " + length);
        }

        @Override
        public boolean done() {
            return begun && (body == null ? then.done() : filled == body.length);
        }

        byte[] body() {
            return Arrays.copyOf(body, body.length);
        }
    }
}
