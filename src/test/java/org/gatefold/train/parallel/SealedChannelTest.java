package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that come as they were sent, and those that somebody has had a hand in. */
class SealedChannelTest {
    private static final int OVERHEAD = 4 + 16;

    /** Two directions of bytes between two ends, of which each call moves some at most. */
    private static final class Line implements ByteChannel {
        private final Deque<Byte> incoming;
        private final Deque<Byte> outgoing;
        private final int most;
        private boolean ended;

        Line(Deque<Byte> incoming, Deque<Byte> outgoing, int most) {
            this.incoming = incoming;
            this.outgoing = outgoing;
            this.most = most;
        }

        @Override
        public int read(ByteBuffer buffer) {
            int n = Math.min(most, Math.min(buffer.remaining(), incoming.size()));
            for (int i = 0; i < n; i++) {
                buffer.put(incoming.remove());
            }
            return n == 0 && ended ? -1 : n;
        }

        @Override
        public int write(ByteBuffer buffer) {
            int n = Math.min(most, buffer.remaining());
            for (int i = 0; i < n; i++) {
                outgoing.add(buffer.get());
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final Deque<Byte> there = new ArrayDeque<>();
    private final Deque<Byte> back = new ArrayDeque<>();

    private static byte[] key(int number) {
        byte[] key = new byte[SealedChannel.KEY_BYTES];
        Arrays.fill(key, (byte) number);
        return key;
    }

    private SealedChannel sender(int most) {
        return new SealedChannel(new Line(back, there, most), "worker 1", key(1), key(2));
    }

    private SealedChannel receiver(Line line) {
        return new SealedChannel(line, "worker 0", key(2), key(1));
    }

    private Line line(int most) {
        return new Line(there, back, most);
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i * 31 + (i >>> 8));
        }
        return content;
    }

    private static void send(SealedChannel channel, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** All that can be read, in pieces of another length than frames have. */
    private static byte[] all(SealedChannel channel, int length) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            ByteBuffer piece = all.slice().limit(Math.min(1000, all.remaining()));
            int read = channel.read(piece);
            if (read < 0) {
                break;
            }
            all.position(all.position() + read);
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 1000, 1 << 20})
    void bytesComeAsTheyWereSentHoweverTheyTravel(int most) throws IOException {
        byte[] content = content(150_000);
        send(sender(most), content);
        assertThat(there).hasSize(content.length + 3 * OVERHEAD);
        Line line = line(most);
        SealedChannel receiver = receiver(line);
        assertThat(all(receiver, content.length)).isEqualTo(content);
        assertThat(receiver.read(ByteBuffer.allocate(1))).isZero();
        line.ended = true;
        assertThat(receiver.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void bothDirectionsAreSecretAndDiffer() throws IOException {
        byte[] content = "the same in both directions".getBytes(StandardCharsets.UTF_8);
        SealedChannel sender = sender(1 << 20);
        SealedChannel receiver = receiver(line(1 << 20));
        send(sender, content);
        send(receiver, content);
        assertThat(there).isNotEqualTo(back);
        assertThat(text(there)).doesNotContain("same");
        assertThat(text(back)).doesNotContain("same");
        assertThat(all(receiver, content.length)).isEqualTo(content);
        assertThat(all(sender, content.length)).isEqualTo(content);
    }

    private static String text(Deque<Byte> bytes) {
        byte[] array = new byte[bytes.size()];
        int i = 0;
        for (byte each : bytes) {
            array[i++] = each;
        }
        return new String(array, StandardCharsets.ISO_8859_1);
    }

    /** Any byte of a frame: its length, which is too great or too small here, what it holds, its tag. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 10, 23, 24, 39})
    void alteredFramesAreRefused(int place) throws IOException {
        send(sender(1 << 20), content(20));
        List<Byte> bytes = new ArrayList<>(there);
        bytes.set(place, (byte) (bytes.get(place) ^ 0x04));
        assertRefused(bytes, 0);
    }

    @Test
    void framesOutOfTheirPlaceAreRefused() throws IOException {
        assertFramesRefused(frames -> frames.add(1, frames.get(0)), 1);
        assertFramesRefused(frames -> Collections.swap(frames, 0, 1), 0);
        assertFramesRefused(frames -> frames.remove(1), 1);
    }

    /** Changes three frames, of which so many still come as they were sent. */
    private void assertFramesRefused(Consumer<List<List<Byte>>> change, int sound) throws IOException {
        there.clear();
        SealedChannel sender = sender(1 << 20);
        List<List<Byte>> frames = new ArrayList<>();
        for (int frame = 0; frame < 3; frame++) {
            there.clear();
            send(sender, content(20));
            frames.add(new ArrayList<>(there));
        }
        change.accept(frames);
        assertRefused(frames.stream().flatMap(List::stream).toList(), 20 * sound);
    }

    /** Frames of the other direction, or of another connection. */
    @Test
    void framesWithAnotherKeyAreRefused() throws IOException {
        send(receiver(line(1 << 20)), content(20));
        assertRefused(List.copyOf(back), 0);
    }

    private void assertRefused(List<Byte> bytes, int soundBytes) throws IOException {
        there.clear();
        there.addAll(bytes);
        SealedChannel receiver = receiver(line(1 << 20));
        assertThat(all(receiver, soundBytes)).isEqualTo(content(20).length == soundBytes ? content(20) : new byte[0]);
        assertThatThrownBy(() -> receiver.read(ByteBuffer.allocate(1)))
                .isInstanceOf(CollectiveException.class)
                .hasMessage("worker 0: expected the next frame that it has encrypted, got something else:"
                        + " it was altered on its way");
    }
}
