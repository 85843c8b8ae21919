package org.gatefold.train.parallel;

import java.nio.ByteBuffer;

/**
 * The sum of one ring, as a stream of numbers out and one in. Numbers are cut into as many parts as there are workers. A worker sends its
 * own part, then every part as it comes in: the first n - 1 of them with its numbers added, the rest, which are sums of all, as they are.
 * What has come in may go out at once, so that parts need not be whole. One thread.
 */
final class RingSum {
    private static final int ADDED_AT_ONCE = 16 << 10;

    private final float[] values;
    private final int count;
    private final int rank;
    private final int size;
    private final Wire wire;
    private final float[] room;
    private final Course sent;
    private final Course received;
    /** Numbers of the stream that have come in. */
    private long in;
    /** Numbers of the stream that have gone out. */
    private long out;

    /** Goes from part to part, downwards. */
    private final class Course {
        private final int first;
        private int index;
        private int at;

        Course(int first) {
            this.first = first;
            skipEmpty();
        }

        private int part() {
            return Math.floorMod(first - index, size);
        }

        private int place() {
            return start(part()) + at;
        }

        private int left() {
            return start(part() + 1) - place();
        }

        private void move(int numbers) {
            at += numbers;
            skipEmpty();
        }

        private void skipEmpty() {
            while (!done() && left() == 0) {
                index++;
                at = 0;
            }
        }

        private boolean done() {
            return index == 2 * (size - 1);
        }
    }

    RingSum(float[] values, int count, int rank, int size, Wire wire) {
        this.values = values;
        this.count = count;
        this.rank = rank;
        this.size = size;
        this.wire = wire;
        this.room = new float[Math.min(ADDED_AT_ONCE, Math.max(1, (count + size - 1) / size))];
        this.sent = new Course(rank);
        this.received = new Course(rank - 1);
    }

    private int start(int part) {
        return (int) ((long) count * part / size);
    }

    RingLink.Outgoing outgoing() {
        return new RingLink.Outgoing() {
            @Override
            public void fill(ByteBuffer buffer) {
                while (!sent.done()) {
                    long ready = start(rank + 1) - start(rank) + in - out;
                    int n = (int) Math.min(Math.min(ready, sent.left()), buffer.remaining() / wire.bytes());
                    if (n == 0) {
                        return;
                    }
                    wire.put(buffer, values, sent.place(), n);
                    out += n;
                    sent.move(n);
                }
            }

            @Override
            public boolean done() {
                return sent.done();
            }
        };
    }

    RingLink.Incoming incoming() {
        return new RingLink.Incoming() {
            @Override
            public void drain(ByteBuffer buffer) {
                while (!received.done() && buffer.remaining() >= wire.bytes()) {
                    int n = Math.min(Math.min(received.left(), room.length), buffer.remaining() / wire.bytes());
                    take(buffer, received.place(), n);
                    in += n;
                    received.move(n);
                }
            }

            @Override
            public boolean done() {
                return received.done();
            }
        };
    }

    private void take(ByteBuffer numbers, int place, int n) {
        if (received.index >= size - 1) {
            wire.get(numbers, values, place, n);
            return;
        }
        wire.get(numbers, room, 0, n);
        for (int i = 0; i < n; i++) {
            values[place + i] += room[i];
        }
    }
}
